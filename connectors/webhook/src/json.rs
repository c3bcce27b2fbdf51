//! JSON and what programs work with, into each other.

use connector_sdk::{Malformed, json};
use jaq_json::Val;
use serde_json::Value;

/// How deep a body may be nested: less than values may be, so that a program can put it into something.
const DEEPEST: usize = 100;
/// Characters of a number at most: reading a longer one takes a time in proportion to its square.
const LONGEST_NUMBER: usize = 400;

/// Reads JSON, to the last digit of every number.
pub(crate) fn read(text: &str) -> Result<Val, &'static str> {
    bounded(text)?;
    jaq_json::read::parse_single(text.as_bytes()).map_err(|_| "not JSON")
}

/// Reads a body, mended where it can be, with what was mended.
pub(crate) fn body(bytes: &[u8]) -> Result<(Val, Option<&'static str>), Malformed> {
    // Looked through by the strict reader first: the other one takes more than JSON.
    let parsed = json::parse::<json::Raw>(bytes)?;
    let unbounded = |reason: &str| Malformed { reason: "unexpected_shape", detail: reason.to_owned() };
    match read(parsed.value.get()) {
        Ok(value) => Ok((value, parsed.degraded)),
        Err("not JSON") => {
            // Half a character in a text, which the reader of whole values mends, at the price of long numbers' last digits.
            let mended = json::parse::<Value>(bytes)?;
            let value = read(&mended.value.to_string()).map_err(unbounded)?;
            Ok((value, mended.degraded))
        }
        Err(reason) => Err(unbounded(reason)),
    }
}

fn bounded(text: &str) -> Result<(), &'static str> {
    let (mut depth, mut number, mut is_text, mut is_escaped) = (0_usize, 0_usize, false, false);
    for byte in text.bytes() {
        if is_text {
            (is_text, is_escaped) = (is_escaped || byte != b'"', byte == b'\\' && !is_escaped);
            continue;
        }
        number = if byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+') { number + 1 } else { 0 };
        match byte {
            b'"' => is_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err("nested too deeply");
        }
        if number > LONGEST_NUMBER {
            return Err("a number is too long");
        }
    }
    Ok(())
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
    fn every_digit_of_a_number_stays() {
        let (value, degraded) = body(br#"{"id":12345678901234567890123,"price":1.10}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"id":12345678901234567890123,"price":1.10}"#);
        assert_eq!(degraded, None);
    }
}
