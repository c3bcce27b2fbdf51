//! Offsets of the log, and those of the broker.
//!
//! The broker numbers messages, and a message may hold several events. An offset of the log is the message's, with the event's place in
//! it as the lowest byte. The last event has the last place, so that the offset behind it is where the next message begins.

use std::sync::atomic::{AtomicU64, Ordering};

/// Events of one message, at most.
pub(crate) const PLACES: usize = 256;
const WIDTH: u32 = 8;
const LAST: u64 = (1 << WIDTH) - 1;
/// Messages after which those before them count half.
const MEMORY: u64 = 1024;

/// Where a message begins.
pub(crate) const fn begin(message: u64) -> u64 {
    message << WIDTH
}

/// Where the message behind it begins.
pub(crate) const fn end(message: u64) -> u64 {
    begin(message + 1)
}

/// The message that an offset lies in.
pub(crate) const fn message(offset: u64) -> u64 {
    offset >> WIDTH
}

/// The offsets of a message's events, so many and at most [`PLACES`].
pub(crate) fn of_events(message: u64, count: usize) -> impl Iterator<Item = u64> {
    let places = (0..LAST).take(count.saturating_sub(1)).chain((count > 0).then_some(LAST));
    places.map(move |place| begin(message) + place)
}

/// How many events the messages hold that were read of late.
#[derive(Debug, Default)]
pub(crate) struct Density {
    messages: AtomicU64,
    events: AtomicU64,
}

impl Density {
    /// A message with so many was read. Several readers may say so at once; it is an estimate.
    pub(crate) fn read(&self, count: usize) {
        let events = self.events.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        let messages = self.messages.fetch_add(1, Ordering::Relaxed);
        if messages >= MEMORY {
            self.messages.store(messages / 2, Ordering::Relaxed);
            self.events.store(events / 2, Ordering::Relaxed);
        }
    }

    /// About how many events lie between two offsets: exactly, where each message holds one.
    pub(crate) fn between(&self, from: u64, to: u64) -> u64 {
        let whole = message(to).saturating_sub(message(from));
        if whole == 0 {
            return to.saturating_sub(from);
        }
        let messages = self.messages.load(Ordering::Relaxed).max(1);
        let events = self.events.load(Ordering::Relaxed).max(messages);
        let all = u64::try_from(u128::from(whole) * u128::from(events) / u128::from(messages)).unwrap_or(u64::MAX);
        all.saturating_sub(from & LAST).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_last_event_of_a_message_the_next_one_begins() {
        for count in [1, 2, 255, 256] {
            let offsets: Vec<_> = of_events(7, count).collect();
            assert_eq!(offsets.len(), count);
            assert!(offsets.is_sorted_by(|a, b| a < b));
            assert!(offsets.iter().all(|offset| message(*offset) == 7));
            assert_eq!(offsets[count - 1] + 1, end(7));
        }
        assert_eq!(of_events(7, 0).count(), 0);
    }

    #[test]
    fn events_are_counted_exactly_where_each_message_holds_one_and_guessed_elsewhere() {
        let density = Density::default();
        (0..5000).for_each(|_| density.read(1));
        assert_eq!(density.between(begin(3), begin(3)), 0);
        assert_eq!(density.between(begin(3), begin(103)), 100);
        assert_eq!(density.between(begin(9), begin(3)), 0);
        (0..20_000).for_each(|_| density.read(16));
        let guessed = density.between(begin(0), begin(100));
        assert!((1500..=1600).contains(&guessed), "{guessed}");
        assert_eq!(density.between(begin(0) + 200, begin(1)), 1, "not nothing, when something is there");
    }
}
