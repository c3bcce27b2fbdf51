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

/// A moment as RFC 3339 writes it; `None` for what is no such text or lies outside of what [`Epoch`] takes.
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.trim().parse().ok()?;
    (1_000_000_000..10_000_000_000).contains(&at.seconds).then_some(at)
}

/// When an id was made whose upper bits hold the milliseconds since `epoch` (milliseconds after 1970), as X and Discord make
/// them. `None` for what is no such id.
pub fn from_snowflake(id: &str, epoch: u64) -> Option<Timestamp> {
    let id: u64 = id.parse().ok()?;
    // Ids that are small were made in another way.
    (id >> 22 > 0).then(|| from_millis((id >> 22) + epoch)).flatten()
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

    #[test]
    fn moments_are_read_from_texts_and_from_ids() {
        let read = |text: &str| from_rfc3339(text).map(|at| (at.seconds, at.nanos));
        assert_eq!(read("2026-01-01T00:00:00.5Z"), Some((1_767_225_600, 500_000_000)));
        assert_eq!(read("2026-01-01T07:00:00+07:00"), Some((1_767_225_600, 0)));
        for junk in ["", "soon", "1970-01-01T00:00:00Z", "2026-13-01T00:00:00Z"] {
            assert_eq!(read(junk), None, "{junk}");
        }
        let made = |id: &str| from_snowflake(id, 1_420_070_400_000).map(|at| (at.seconds, at.nanos));
        assert_eq!(made("175928847299117063"), Some((1_462_015_105, 796_000_000)));
        for junk in ["", "7", "-175928847299117063", "18446744073709551616"] {
            assert_eq!(made(junk), None, "{junk}");
        }
    }
}
