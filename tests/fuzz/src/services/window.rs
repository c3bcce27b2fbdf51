//! The state of a window, as the store hands it back.

use std::{cell::OnceCell, sync::Arc, time::Duration};

use kenh_api::door;
use kenh_log::{Entry, Record, contract::record};
use tokio::time::Instant;

/// Microseconds since 1970 when windows are loaded.
const WALL: i64 = 1_767_225_600_000_000;
/// Entries to read from the position on.
const ENTRIES: u64 = 24;

/// The first eight bytes are the position, the others the state. A state that is read is saved with the same meaning,
/// however much of the log is read in between; when all of it is read and acknowledged, nothing is left of it.
pub fn window(data: &[u8]) {
    let Some((position, state)) = data.split_first_chunk::<8>() else { return };
    let position = u64::from_le_bytes(*position);
    let clock = (Instant::now(), WALL);
    let delivered = door::delivered(position, state);
    assert!(delivered <= state.len(), "more events than bytes");
    let Some(saved) = door::window((position, state), (Vec::new(), position), false, clock) else { return };
    assert!(saved.0 >= position.min(saved.0) && saved.1.len() <= state.len() + 64, "a state grows when it is saved");
    resaved_is_the_same(&saved, clock);
    let next = position.saturating_add(ENTRIES);
    for seen in [position.saturating_add(ENTRIES / 2), next] {
        let entries = entries(position, seen);
        let read = door::window((position, state), (entries, seen), false, clock).expect("read a moment ago");
        assert!((position..=seen).contains(&read.0), "the position runs back or ahead");
        resaved_is_the_same(&read, clock);
    }
    let later = (clock.0 + Duration::from_secs(1), WALL);
    let done =
        door::window((position, state), (entries(position, next), next), true, later).expect("read a moment ago");
    assert_eq!(done.0, next, "something of what was acknowledged is open");
}

fn resaved_is_the_same(saved: &(u64, Vec<u8>), clock: (Instant, i64)) {
    let again = door::window((saved.0, &saved.1), (Vec::new(), saved.0), false, clock);
    assert_eq!(again.as_ref(), Some(saved), "what was saved reads as something else");
}

fn entries(from: u64, to: u64) -> Vec<Arc<Entry>> {
    thread_local! {
        static RECORD: OnceCell<Record> = const { OnceCell::new() };
    }
    let Record { meta, bytes, .. } = RECORD.with(|made| made.get_or_init(|| record(0, 1, 7)).clone());
    let entry = |offset| Arc::new(Entry { partition: 0, offset, meta: meta.clone(), bytes: bytes.clone() });
    (from..to).map(entry).collect()
}
