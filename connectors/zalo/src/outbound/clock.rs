//! Times that Zalo's rules name, by Vietnam's clock (UTC+7, no summer time).

use std::time::{Duration, SystemTime};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Vietnam is ahead of UTC by this. Zalo does not name a zone; its rules are for Vietnam.
const AHEAD: u64 = 7 * HOUR;
/// Nothing promotional from then,
const EVENING: u64 = 22 * HOUR;
/// until then.
const MORNING: u64 = 6 * HOUR;

fn seconds(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Seconds since midnight.
fn of_day(now: SystemTime) -> u64 {
    (seconds(now) + AHEAD) % DAY
}

/// Whether promotional messages are held back at this time.
pub(super) fn is_quiet(now: SystemTime) -> bool {
    !(MORNING..EVENING).contains(&of_day(now))
}

/// Until the next minute begins: requests are counted by the minute.
pub(super) fn to_next_minute(now: SystemTime) -> Duration {
    Duration::from_secs(MINUTE - seconds(now) % MINUTE)
}

/// Until 06:00.
pub(super) fn to_morning(now: SystemTime) -> Duration {
    Duration::from_secs((DAY + MORNING - of_day(now) - 1) % DAY + 1)
}

/// Until midnight: allowances are by the day.
pub(super) fn to_midnight(now: SystemTime) -> Duration {
    Duration::from_secs(DAY - of_day(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time on Vietnam's clock.
    fn at(hour: u64, minute: u64, second: u64) -> SystemTime {
        let local = 20_000 * DAY + hour * HOUR + minute * MINUTE + second;
        SystemTime::UNIX_EPOCH + Duration::from_secs(local - AHEAD)
    }

    #[test]
    fn the_night_is_from_ten_to_six() {
        for (hour, minute, second) in [(22, 0, 0), (23, 59, 59), (0, 0, 0), (5, 59, 59)] {
            assert!(is_quiet(at(hour, minute, second)), "{hour}:{minute}:{second}");
        }
        for (hour, minute, second) in [(6, 0, 0), (12, 0, 0), (21, 59, 59)] {
            assert!(!is_quiet(at(hour, minute, second)), "{hour}:{minute}:{second}");
        }
    }

    #[test]
    fn pauses_end_when_the_rule_does() {
        assert_eq!(to_next_minute(at(1, 2, 3)).as_secs(), 57);
        assert_eq!(to_next_minute(at(1, 2, 0)).as_secs(), 60);
        assert_eq!(to_morning(at(22, 0, 0)).as_secs(), 8 * HOUR);
        assert_eq!(to_morning(at(5, 59, 59)).as_secs(), 1);
        assert_eq!(to_morning(at(6, 0, 0)).as_secs(), DAY);
        assert_eq!(to_midnight(at(23, 0, 0)).as_secs(), HOUR);
        assert_eq!(to_midnight(at(0, 0, 0)).as_secs(), DAY);
    }
}
