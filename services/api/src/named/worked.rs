//! Windows and acknowledgements by themselves, for tests/fuzz.

use std::{sync::Arc, time::Duration};

use kenh_log::Entry;
use tokio::time::Instant;

use super::{Policy, outstanding::Outstanding, window::Window};

/// Reads what acknowledges a delivery of a stream; its written form and its number.
pub(crate) fn acknowledgement(cursor: &str, stream: u64) -> Option<(String, u64)> {
    let outstanding = Outstanding::new(stream);
    let number = outstanding.number(cursor)?;
    Some((outstanding.cursor(number), number))
}

/// Loads a window, reads entries up to an offset and saves it; with `done` everything is acknowledged first.
pub(crate) fn resaved(
    (position, state): (u64, &[u8]),
    (entries, next): (Vec<Arc<Entry>>, u64),
    done: bool,
    (now, wall): (Instant, i64),
) -> Option<(u64, Vec<u8>)> {
    let retry = Duration::from_secs(1);
    let policy = Policy { ack_deadline: retry, max_attempts: u32::MAX, retry_min: retry, retry_max: retry };
    let mut window = Window::load(policy, position, state).ok()?;
    window.read(entries, next, now, wall);
    if done {
        // Waits are over by then.
        window.expire(now + retry);
        while let Some((lease, _)) = window.take() {
            window.left(lease, now);
            window.ack(lease);
        }
    }
    let snapshot = window.snapshot(now, wall);
    Some((snapshot.position, snapshot.state))
}
