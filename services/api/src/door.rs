//! What clients and the store hand in as bytes, for tests/fuzz: no part of what this crate offers.

use std::sync::Arc;

use kenh_log::Entry;
use tokio::time::Instant;

use crate::{cursor::Position, named};

/// Reads a position; its written form and its offsets.
pub fn position(cursor: &str, partitions: u32) -> Option<(String, Vec<u64>)> {
    let position = Position::parse(cursor, partitions).ok()?;
    Some((position.cursor(), position.0))
}

/// Reads what acknowledges a delivery of a stream; its written form and its number.
pub fn acknowledgement(cursor: &str, stream: u64) -> Option<(String, u64)> {
    named::acknowledgement(cursor, stream)
}

/// Loads a window, reads entries up to an offset and saves it; with `done` everything that is ready is acknowledged
/// first. The position and the state.
pub fn window(
    (position, state): (u64, &[u8]),
    (entries, next): (Vec<Arc<Entry>>, u64),
    done: bool,
    (now, wall): (Instant, i64),
) -> Option<(u64, Vec<u8>)> {
    named::resaved((position, state), (entries, next), done, (now, wall))
}

/// Open events of a window's state that were delivered.
pub fn delivered(position: u64, state: &[u8]) -> usize {
    named::delivered(position, state)
}
