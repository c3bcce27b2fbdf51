//! Reading the channels' JSON: strict where it can be, lenient where one bad character must not cost a batch.
//!
//! A batch is read as a list of raw items ([`Raw`]), each of which is then read by itself. Ids keep every digit
//! ([`Id`]).

mod value;

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

pub use self::value::{Soft, Word, missing, name, object};
use crate::Malformed;

/// An item of a batch, not looked into. It and everything made with it ([`Id`], [`Word`], [`Soft`]) cannot stand in a
/// struct that is `#[serde(flatten)]`ed.
pub type Raw = Box<RawValue>;

/// A body or item that was read.
#[derive(Debug)]
pub struct Parsed<T> {
    /// What it says.
    pub value: T,
    /// What had to be mended first, as a code for `quality.degraded`.
    pub degraded: Option<&'static str>,
}

/// Reads JSON. What is wrong with its text but not with its structure is mended: bytes that are no UTF-8 and lone
/// surrogates become U+FFFD, of a repeated key the last one counts.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Parsed<T>, Malformed> {
    let strict = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(Parsed { value, degraded: None }),
        Err(error) => error,
    };
    let text = String::from_utf8_lossy(bytes);
    let mended = whole_characters(&text);
    let mut left = strict.to_string();
    // Of the whole no more is mended than has to be: items that are not looked into yet keep their bytes, and so their
    // identity, whatever stands beside them.
    let steps =
        [(matches!(text, Cow::Owned(_)), &*text, "invalid_utf8"), (mended != text, mended.as_str(), "lone_surrogate")];
    for (_, text, degraded) in steps.into_iter().filter(|(differs, ..)| *differs) {
        match serde_json::from_str(text) {
            Ok(value) => return Ok(Parsed { value, degraded: Some(degraded) }),
            Err(error) => left = error.to_string(),
        }
    }
    // A map takes the last of equal keys, a struct refuses them.
    if left.starts_with("duplicate field")
        && let Some(value) = last_of_equals(&mended).find_map(|text| serde_json::from_str(&text).ok())
    {
        return Ok(Parsed { value, degraded: Some("duplicate_key") });
    }
    Err(Malformed {
        reason: if strict.is_data() { "unexpected_shape" } else { "invalid_json" },
        detail: describe(&strict),
    })
}

/// The text with the last of equal keys alone: those of the outermost object, below which anything may be nested deeper than
/// parsers go; else all of them.
fn last_of_equals(text: &str) -> impl Iterator<Item = String> {
    let outermost = serde_json::from_str::<BTreeMap<String, Raw>>(text).ok();
    let outermost = outermost.and_then(|members| serde_json::to_string(&members).ok());
    let everywhere = serde_json::from_str::<serde_json::Value>(text).ok().map(|value| value.to_string());
    outermost.into_iter().chain(everywhere)
}

/// What a parse error says, without the value it found: that is a customer's.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = match error.line() {
        0 => String::new(),
        line => format!(" at line {line} column {}", error.column()),
    };
    match (text.rsplit_once(", expected "), error.is_data()) {
        (Some((_, expected)), _) => {
            format!("expected {}{place}", expected.split(" at line ").next().unwrap_or_default())
        }
        (None, true) if text.starts_with("missing field") || text.starts_with("duplicate field") => text,
        (None, true) => format!("unexpected value{place}"),
        (None, false) => format!("not JSON{place}"),
    }
}

/// The text with U+FFFD for `\uD800`–`\uDFFF` escapes that are not a pair.
pub fn whole_characters(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        mended.push_str(before);
        let (kept, after) = match (surrogate(escape), escape.char_indices().nth(1)) {
            (Some(Surrogate::High), _) if pair_follows(escape) => escape.split_at(11),
            (Some(_), _) => {
                mended.push_str("\\ufffd");
                rest = escape.get(5..).unwrap_or_default();
                continue;
            }
            (None, Some((at, _))) => escape.split_at(at),
            (None, None) => (escape, ""),
        };
        mended.push('\\');
        mended.push_str(kept);
        rest = after;
    }
    mended.push_str(rest);
    mended
}

enum Surrogate {
    High,
    Low,
}

/// Reads `uXXXX` at the start of what follows a backslash.
fn surrogate(escape: &str) -> Option<Surrogate> {
    match u16::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()? {
        0xd800..=0xdbff => Some(Surrogate::High),
        0xdc00..=0xdfff => Some(Surrogate::Low),
        _ => None,
    }
}

fn pair_follows(escape: &str) -> bool {
    let low = escape.get(5..).and_then(|after| after.strip_prefix('\\')).and_then(surrogate);
    matches!(low, Some(Surrogate::Low)) && escape.is_char_boundary(11)
}

/// An id that the channel writes as text or as a number; every digit is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match scalar::<D>(&Raw::deserialize(reader)?, "an id as text or number")? {
            Scalar::Text(text) => Ok(Self(text)),
            Scalar::Number(digits) => Ok(Self(digits)),
        }
    }
}

/// A number that the channel writes as text or as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(f64);

impl Number {
    /// Its value.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Its value as a whole number; `None` when it is negative, broken or beyond 2^53.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and in range")]
    pub fn whole(self) -> Option<u64> {
        (self.0 >= 0.0 && self.0.fract() == 0.0 && self.0 <= 9_007_199_254_740_992.0).then_some(self.0 as u64)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a number, also as text";
        let (Scalar::Text(text) | Scalar::Number(text)) = scalar::<D>(&Raw::deserialize(reader)?, EXPECTED)?;
        let number: f64 = text.trim().parse().map_err(|_| refuse::<D>(EXPECTED))?;
        number.is_finite().then_some(Self(number)).ok_or_else(|| refuse::<D>(EXPECTED))
    }
}

/// A yes or no that the channel writes as a boolean, as 0 and 1, or as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        match Raw::deserialize(reader)?.get().trim_matches('"') {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" | "null" => Ok(Self(false)),
            _ => Err(refuse::<D>("true or false")),
        }
    }
}

enum Scalar {
    Text(String),
    Number(String),
}

fn scalar<'de, D: Deserializer<'de>>(raw: &RawValue, expected: &'static str) -> Result<Scalar, D::Error> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).map(Scalar::Text).map_err(|_| refuse::<D>(expected)),
        Some(b'-' | b'0'..=b'9') => Ok(Scalar::Number(raw.get().into())),
        Some(_) | None => Err(refuse::<D>(expected)),
    }
}

// The text names what was expected and never what was found.
fn refuse<'de, D: Deserializer<'de>>(expected: &'static str) -> D::Error {
    serde::de::Error::custom(format_args!("unexpected value, expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> (String, Option<&'static str>) {
        let parsed = parse::<String>(json.as_bytes()).unwrap();
        (parsed.value, parsed.degraded)
    }

    #[test]
    fn a_lone_surrogate_becomes_the_replacement_character_and_pairs_stay() {
        assert_eq!(text(r#""a\ud83d\ude00b""#), ("a😀b".into(), None));
        assert_eq!(text(r#""a\ud83db""#), ("a\u{fffd}b".into(), Some("lone_surrogate")));
        assert_eq!(text(r#""\ude00\ud83d""#), ("\u{fffd}\u{fffd}".into(), Some("lone_surrogate")));
        assert_eq!(text(r#""\\ud83d \ud83d\n""#), ("\\ud83d \u{fffd}\n".into(), Some("lone_surrogate")));
        assert_eq!(text(r#""\ud83d\ud83d\ude00""#), ("\u{fffd}😀".into(), Some("lone_surrogate")));
        assert_eq!(text(r#""\ud83dẠ\u1ea0""#), ("\u{fffd}ẠẠ".into(), Some("lone_surrogate")));
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced_and_noted() {
        let parsed = parse::<String>(b"\"a\xffb\"").unwrap();
        assert_eq!((parsed.value.as_str(), parsed.degraded), ("a\u{fffd}b", Some("invalid_utf8")));
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        #[derive(Debug, Deserialize)]
        struct One {
            id: Id,
        }
        let parsed = parse::<One>(br#"{"id":1,"id":12345678901234567890123}"#).unwrap();
        assert_eq!(parsed.degraded, Some("duplicate_key"));
        let parsed = parse::<One>(br#"{"id":12345678901234567890123}"#).unwrap();
        assert_eq!(parsed.value.id.as_str(), "12345678901234567890123");
        let deep = format!(r#"{{"id":1,"id":2,"more":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        assert_eq!(parse::<One>(deep.as_bytes()).unwrap().value.id.as_str(), "2", "beside what is nested deep");
        let broken = parse::<One>(b"{\"id\":1,\"id\":2,\"more\":\"\xff\"}").unwrap();
        assert_eq!(broken.value.id.as_str(), "2", "beside what is no UTF-8");
    }

    #[test]
    fn an_error_never_repeats_what_was_found() {
        #[derive(Debug, Deserialize)]
        struct One {
            #[allow(dead_code, reason = "only its type matters")]
            n: u64,
        }
        for body in [r#"{"n":"my secret words"}"#, r#"{"n":{"my secret words":1}}"#, "my secret words", r#"{"n":-5"#] {
            let error = parse::<One>(body.as_bytes()).unwrap_err().to_string();
            assert!(!error.contains("secret") && !error.contains("-5"), "{error}");
        }
        let error = parse::<Id>(br#"["my secret words"]"#).unwrap_err().to_string();
        assert_eq!(error, "unexpected_shape: expected an id as text or number");
    }
}
