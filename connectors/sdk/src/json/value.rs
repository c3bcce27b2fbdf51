//! Members as channels write them: numbers as text, absent as empty, and one odd member in a good event.

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};

use super::{Id, Parsed, Raw, parse};
use crate::{Malformed, address};

/// A text, also written as a number. Absent, null and empty are one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Word(Option<String>);

impl Word {
    /// The text.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text.
    pub fn into_option(self) -> Option<String> {
        self.0
    }

    /// The text of a member that the event cannot do without.
    pub fn required(&self, path: &str) -> Result<&str, Malformed> {
        self.get().ok_or_else(|| missing(path))
    }

    /// The text, when it is an absolute web address.
    pub fn into_url(self) -> Option<String> {
        self.0.filter(|url| address::is_web(url))
    }
}

// By hand: it may be what a customer wrote.
impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Word(..)" } else { "Word()" })
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = Option::<Id>::deserialize(reader)?.map(String::from);
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

/// A member without which the event is still worth having: of the wrong shape it is its default.
#[derive(Debug, Clone, Default)]
pub struct Soft<T>(pub T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Soft<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(reader)?;
        Ok(Self(parse(raw.get().as_bytes()).map(|parsed| parsed.value).unwrap_or_default()))
    }
}

/// Reads an object. A list is refused: taking its items for members in order is a convenience no channel means.
pub fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<Parsed<T>, Malformed> {
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return parse(bytes);
    }
    parse::<IgnoredAny>(bytes)?;
    Err(Malformed { reason: "unexpected_shape", detail: "expected an object".into() })
}

/// The fault of a member that is not there.
pub fn missing(path: &str) -> Malformed {
    Malformed { reason: "unexpected_shape", detail: format!("{path}: missing") }
}

/// The text, when it looks like a channel's name of something. Only such may be repeated in an event's type.
pub fn name(text: &str) -> Option<&str> {
    const LONGEST: usize = 64;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!text.is_empty() && text.len() <= LONGEST && text.chars().all(plain)).then_some(text)
}
