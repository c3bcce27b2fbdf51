//! JSON and what programs work with, into each other.

use std::{borrow::Cow, ops::Range};

use connector_sdk::{Malformed, json};
use jaq_json::Val;
use serde_json::Value;

/// How deep a body may be nested: less than values may be, so that a program can put it into something.
const DEEPEST: usize = 100;
/// Characters of a number at most: reading a longer one takes a time in proportion to its square.
const LONGEST_NUMBER: usize = 400;

/// Reads JSON, to the last digit of every number.
pub(crate) fn read(text: &str) -> Result<Val, &'static str> {
    match excesses(text).first() {
        Some(_) => Err("nested too deeply, or with a number that is too long"),
        None => jaq_json::read::parse_single(text.as_bytes()).map_err(|_| "not JSON"),
    }
}

/// Reads a body, mended where it can be, with what was mended.
pub(crate) fn body(bytes: &[u8]) -> Result<(Val, Option<&'static str>), Malformed> {
    // Looked through by the strict reader first: the other one takes more than JSON.
    let parsed = json::parse::<json::Raw>(bytes)?;
    let text = without_excesses(parsed.value.get());
    let degraded = matches!(text, Cow::Owned(_)).then_some("left_out").or(parsed.degraded);
    if let Ok(value) = read(&text) {
        return Ok((value, degraded));
    }
    // Half a character in a text, which the strict reader passes over where it does not look into texts.
    let unreadable = |reason: &str| Malformed { reason: "unexpected_shape", detail: reason.to_owned() };
    let value = read(&json::whole_characters(&text)).map_err(unreadable)?;
    Ok((value, degraded.or(Some("lone_surrogate"))))
}

/// The text with `null` for each excess: one item of a batch that is not to be read costs the others nothing.
fn without_excesses(text: &str) -> Cow<'_, str> {
    let excesses = excesses(text);
    if excesses.is_empty() {
        return text.into();
    }
    let (mut kept, mut from) = (String::new(), 0);
    for excess in excesses {
        kept.push_str(text.get(from..excess.start).unwrap_or_default());
        kept.push_str("null");
        from = excess.end;
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept.into()
}

/// Where a text of JSON is nested too deeply, or has a number that is too long.
fn excesses(text: &str) -> Vec<Range<usize>> {
    let (mut depth, mut number, mut is_text, mut is_escaped) = (0_usize, 0_usize, false, false);
    let (mut found, mut deep) = (Vec::new(), None);
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if is_text {
            (is_text, is_escaped) = (is_escaped || byte != b'"', byte == b'\\' && !is_escaped);
            continue;
        }
        if byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+') {
            number += 1;
        } else {
            let digits = std::mem::take(&mut number);
            if digits > LONGEST_NUMBER && deep.is_none() {
                found.push(at - digits..at);
            }
        }
        match byte {
            b'"' => is_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth == DEEPEST + 1 {
                    deep = Some(at);
                }
            }
            b'}' | b']' => {
                if depth == DEEPEST + 1 {
                    found.extend(deep.take().map(|from| from..at + 1));
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    // Never closed.
    found.extend(deep.map(|from| from..text.len()));
    found
}

/// A value as a program sees it.
pub(crate) fn value(value: &Value) -> Val {
    // Written and read again: there is one way from text to values.
    read(&value.to_string()).unwrap_or_default()
}

/// What a program gave, as JSON; `None` for what JSON cannot write: numbers that are none, names that are no texts.
pub(crate) fn written(value: &Val) -> Option<Value> {
    serde_json::from_str(&value.to_string()).ok()
}

/// A text.
pub(crate) fn text(text: &str) -> Val {
    Val::from(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_too_long_to_read_is_refused_before() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&deep(100)).is_ok() && read(&deep(101)).is_err() && read(&"[".repeat(1 << 20)).is_err());
        assert!(read(&"9".repeat(400)).is_ok() && read(&"9".repeat(401)).is_err());
        let in_text = format!("\"{}\\\"{}\"", "[".repeat(200), "9".repeat(500));
        assert!(read(&in_text).is_ok());
    }

    #[test]
    fn of_a_body_only_what_is_too_much_is_left_out() {
        let deep = format!("{}{}", "[".repeat(160), "]".repeat(160));
        let long = "9".repeat(401);
        let (value, degraded) = body(format!(r#"[{{"id":1}},{deep},{{"n":{long},"t":"[9"}},2]"#).as_bytes()).unwrap();
        let (end, start) = ("]".repeat(99), "[".repeat(99));
        assert_eq!(value.to_string(), format!(r#"[{{"id":1}},{start}null{end},{{"n":null,"t":"[9"}},2]"#));
        assert_eq!(degraded, Some("left_out"));
    }

    #[test]
    fn every_digit_of_a_number_stays() {
        let (value, degraded) = body(br#"{"id":12345678901234567890123,"price":1.10}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"id":12345678901234567890123,"price":1.10}"#);
        assert_eq!(degraded, None);
        let (value, degraded) = body(br#"{"id":12345678901234567890123,"text":"a\udc00","far":1e999}"#).unwrap();
        assert_eq!(value.to_string(), "{\"id\":12345678901234567890123,\"text\":\"a\u{fffd}\",\"far\":1e999}");
        assert_eq!(degraded, Some("lone_surrogate"));
    }
}
