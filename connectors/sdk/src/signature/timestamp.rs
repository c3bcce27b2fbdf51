//! Signatures that cover a time, and are good for a while only.

use std::time::{Duration, SystemTime};

use super::Rejected;
use crate::RawRequest;

/// How a scheme signs a time along with the body: `before`, the digits, `between`, the body.
#[derive(Debug, Clone, Copy)]
pub struct Timestamped {
    /// The header with the time, in whole seconds since 1970.
    pub header: &'static str,
    /// What stands before the digits in the signed bytes.
    pub before: &'static str,
    /// What stands between the digits and the body. Where the channel has nothing there, a digit more or less has to put
    /// the time beyond the tolerance, or the end of the digits could be moved.
    pub between: &'static str,
    /// How far the time may be from now, in either direction.
    pub tolerance: Duration,
}

impl Timestamped {
    /// The digits as sent, when their time is near enough to the request's arrival.
    pub(super) fn digits<'a>(&self, request: &RawRequest<'a>) -> Result<&'a str, Rejected> {
        self.near(request, request.header(self.header).ok_or(Rejected::TimestampMissing)?)
    }

    /// The digits, when they are some and their time is near enough to the request's arrival.
    pub(super) fn near<'a>(&self, request: &RawRequest<'_>, digits: &'a str) -> Result<&'a str, Rejected> {
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Rejected::TimestampMissing);
        }
        let signed: u64 = digits.parse().map_err(|_| Rejected::TimestampMissing)?;
        if seconds(request.received_at).abs_diff(signed) > self.tolerance.as_secs() {
            return Err(Rejected::Stale);
        }
        Ok(digits)
    }

    pub(super) fn parts<'a>(&'a self, digits: &'a str, body: &'a [u8]) -> [&'a [u8]; 4] {
        [self.before.as_bytes(), digits.as_bytes(), self.between.as_bytes(), body]
    }
}

/// Whole seconds since 1970; 0 for what lies before.
pub(super) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
