//! Times as channels write them.

use prost_types::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::json::Number;

/// A time in seconds or milliseconds since 1970, as number or text. Which of the two follows from its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch(Option<u64>);

/// `quality.degraded` code of a time that cannot be meant.
pub const OUT_OF_RANGE: &str = "timestamp_range";

impl Epoch {
    /// Reads a text.
    pub fn read(text: &str) -> Self {
        Self(text.trim().parse().ok())
    }

    /// The moment. Values from 10^12 are milliseconds, smaller ones seconds; `None` for what lies outside
    /// 2001 to 2286, which no channel means.
    pub fn timestamp(self) -> Option<Timestamp> {
        match self.0? {
            seconds @ 1_000_000_000..10_000_000_000 => from_millis(seconds.checked_mul(1000)?),
            millis @ 1_000_000_000_000..10_000_000_000_000 => from_millis(millis),
            _ => None,
        }
    }
}

// A text that holds no number is a time out of range, not a reason to lose the event.
impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = crate::json::Raw::deserialize(reader)?;
        Ok(Self(serde_json::from_str::<Number>(raw.get()).ok().and_then(Number::whole)))
    }
}

/// The moment so many milliseconds after 1970.
pub fn from_millis(millis: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(millis / 1000).ok()?;
    let nanos = i32::try_from(millis % 1000).ok()?.checked_mul(1_000_000)?;
    Some(Timestamp { seconds, nanos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_milliseconds_are_told_apart_by_size() {
        let read =
            |json: &str| serde_json::from_str::<Epoch>(json).unwrap().timestamp().map(|at| (at.seconds, at.nanos));
        assert_eq!(read("1767225600123"), Some((1_767_225_600, 123_000_000)));
        assert_eq!(read("\"1767225600123\""), Some((1_767_225_600, 123_000_000)));
        assert_eq!(read("1767225600"), Some((1_767_225_600, 0)));
        for junk in ["17672256001", "\"176722560012\"", "-1", "1e300", "\"soon\"", "null", "[]"] {
            assert_eq!(read(junk), None, "{junk}");
        }
    }
}
