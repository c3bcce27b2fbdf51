//! When clients of a server that goes away may come back.

use std::time::Duration;

/// At least and at most, in milliseconds.
const RECONNECT_AFTER: std::ops::Range<u64> = 200..2000;

/// How long one client is asked to wait. Spread out, so that all do not come back at once.
pub(crate) fn reconnect_after() -> Option<prost_types::Duration> {
    let pause = u32::from_le_bytes(*uuid::Uuid::new_v4().as_bytes().first_chunk().unwrap_or(&[0; 4]));
    let millis = RECONNECT_AFTER.start + u64::from(pause) % (RECONNECT_AFTER.end - RECONNECT_AFTER.start);
    prost_types::Duration::try_from(Duration::from_millis(millis)).ok()
}
