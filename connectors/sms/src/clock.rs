//! Times as providers write them, and the hours of Vietnamese law.

use std::time::{Duration, SystemTime};

use jiff::{civil, tz};
use prost_types::Timestamp;

/// Viet Nam is ahead of UTC by this, all year round.
const VIETNAM: tz::Offset = tz::Offset::constant(7);

/// How a provider writes a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// RFC 3339, the offset also without its colon.
    Rfc3339,
    /// `yyyyMMddHHmmss` by the clock of Viet Nam.
    VietnamDigits,
}

impl Clock {
    /// Reads a time; `None` for what is none, or lies outside of 2001 to 2286.
    pub(crate) fn read(self, text: &str) -> Option<Timestamp> {
        let at = match self {
            Self::Rfc3339 => text.trim().parse::<jiff::Timestamp>().ok()?,
            Self::VietnamDigits => {
                let local = civil::DateTime::strptime("%Y%m%d%H%M%S", text.trim()).ok()?;
                VIETNAM.to_timestamp(local).ok()?
            }
        };
        let known = (1_000_000_000..10_000_000_000).contains(&at.as_second());
        known.then(|| Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() })
    }
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const AHEAD: u64 = 7 * HOUR;
/// Advertising may be sent from then,
const MORNING: u64 = 7 * HOUR;
/// until then: decree 91/2020/NĐ-CP.
const EVENING: u64 = 22 * HOUR;

fn of_day(now: SystemTime) -> u64 {
    (now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() + AHEAD) % DAY
}

/// How long advertising has to wait in Viet Nam; `None` while it may be sent.
pub(crate) fn quiet(now: SystemTime) -> Option<Duration> {
    let now = of_day(now);
    let wait = (DAY + MORNING - now) % DAY;
    (!(MORNING..EVENING).contains(&now)).then(|| Duration::from_secs(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_come_with_and_without_a_colon() {
        let seconds = |clock: Clock, text: &str| clock.read(text).map(|at| (at.seconds, at.nanos));
        for text in ["2026-11-21T20:00:00.000+0000", "2026-11-21T20:00:00Z", "2026-11-22T03:00:00+07:00"] {
            assert_eq!(seconds(Clock::Rfc3339, text), Some((1_795_291_200, 0)), "{text}");
        }
        assert_eq!(seconds(Clock::VietnamDigits, "20261122030000"), Some((1_795_291_200, 0)));
        for text in ["", "soon", "2026-11-21", "1970-01-01T00:00:00Z", "99999999999999"] {
            assert_eq!(Clock::Rfc3339.read(text).or(Clock::VietnamDigits.read(text)), None, "{text}");
        }
    }

    #[test]
    fn advertising_rests_from_ten_to_seven() {
        let at = |hour: u64, minute: u64| {
            SystemTime::UNIX_EPOCH + Duration::from_secs(20_000 * DAY + hour * HOUR + minute * 60 - AHEAD)
        };
        assert_eq!(quiet(at(7, 0)), None);
        assert_eq!(quiet(at(21, 59)), None);
        assert_eq!(quiet(at(22, 0)), Some(Duration::from_secs(9 * HOUR)));
        assert_eq!(quiet(at(6, 59)), Some(Duration::from_secs(60)));
    }
}
