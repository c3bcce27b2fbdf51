//! The contract's times and the store's.

use std::time::{Duration, SystemTime};

use prost_types::Timestamp;

/// Microseconds since 1970 as the contract writes a time.
pub fn timestamp(micros: i64) -> Timestamp {
    let nanos = i32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default().saturating_mul(1000);
    Timestamp { seconds: micros.div_euclid(1_000_000), nanos }
}

/// A time of the contract in microseconds since 1970.
pub fn micros(timestamp: Timestamp) -> i64 {
    timestamp.seconds.saturating_mul(1_000_000).saturating_add(i64::from(timestamp.nanos) / 1000)
}

/// Microseconds since 1970 of the gateway's clock.
pub(crate) fn of_clock(now: SystemTime) -> i64 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// How long until a moment; none when it is past.
pub(crate) fn until(moment: i64, now: i64) -> Duration {
    Duration::from_micros(u64::try_from(moment.saturating_sub(now)).unwrap_or_default())
}
