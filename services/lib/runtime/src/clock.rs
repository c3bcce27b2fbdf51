//! The one place that asks what time it is.

use std::time::SystemTime;

/// The time now.
#[allow(clippy::disallowed_methods, reason = "the one place that asks")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// Microseconds since 1970; 0 before.
pub fn micros(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
