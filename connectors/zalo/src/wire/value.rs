//! Values as Zalo writes them: numbers as text, absent as empty.

use connector_sdk::{
    Malformed,
    json::{self, Id, Raw},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// A text, also written as a number. Absent, null and empty are one.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Word(Option<String>);

impl Word {
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(crate) fn into_option(self) -> Option<String> {
        self.0
    }

    /// The text of a member that the event cannot do without.
    pub(crate) fn required(&self, path: &str) -> Result<&str, Malformed> {
        self.get().ok_or_else(|| missing(path))
    }

    /// The text, when it is an absolute web address.
    pub(crate) fn into_url(self) -> Option<String> {
        self.0.filter(|url| is_web_address(url))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = Option::<Id>::deserialize(reader)?.map(String::from);
        Ok(Self(text.filter(|text| !text.is_empty())))
    }
}

/// One text or a list of them.
#[derive(Default)]
pub(crate) struct Words(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(reader)?;
        let words = if raw.get().starts_with('[') {
            json::parse::<Vec<Word>>(raw.get().as_bytes()).map(|list| list.value)
        } else {
            json::parse::<Word>(raw.get().as_bytes()).map(|word| vec![word.value])
        };
        let words =
            words.map_err(|_| serde::de::Error::custom("unexpected value, expected one text or a list of texts"))?;
        Ok(Self(words.into_iter().filter_map(Word::into_option).collect()))
    }
}

/// A member without which the event is still worth having: of the wrong shape it is its default.
#[derive(Default)]
pub(crate) struct Soft<T>(pub(crate) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Soft<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(reader)?;
        Ok(Self(json::parse(raw.get().as_bytes()).map(|parsed| parsed.value).unwrap_or_default()))
    }
}

/// The fault of a member that is not there.
pub(crate) fn missing(path: &str) -> Malformed {
    Malformed { reason: "unexpected_shape", detail: format!("{path}: missing") }
}

fn is_web_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && !host.is_empty()
        && !url.contains(|character: char| character.is_whitespace() || character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_web_addresses_are_addresses() {
        let url = |text: &str| Word(Some(text.into())).into_url().is_some();
        assert!(url("https://media.example.test/p.jpg") && url("HTTP://a/b?c"));
        for no in [
            "",
            "/p.jpg",
            "//a/p.jpg",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "https:///p",
            "https://a/\n",
        ] {
            assert!(!url(no), "{no}");
        }
    }
}
