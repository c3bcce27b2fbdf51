//! What waits to be written: bounded, and sorted into what has an entry of its own and what is counted with others.

use std::time::{Duration, Instant};

use crate::entry::Entry;

/// Entries that wait at most. The store is away for longer than it takes to fill: what comes then is dropped.
pub(crate) const MOST: usize = 4096;
/// Kinds of exchanges that are counted together at most; beyond it they are dropped.
const MOST_ALIKE: usize = 256;
const SECOND: Duration = Duration::from_secs(1);

/// What became of an exchange's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It has one of its own.
    Alone,
    /// It is counted in another one.
    Together,
    /// There is no room.
    Dropped,
}

/// What waits.
#[derive(Debug)]
pub(crate) struct Buffer {
    per_second: u32,
    alone: Vec<Entry>,
    together: Vec<Entry>,
    second: Instant,
    /// In this second: others, failures.
    used: [u32; 2],
}

impl Buffer {
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second, alone: Vec::new(), together: Vec::new(), second: Instant::now(), used: [0; 2] }
    }

    /// Takes an entry, at a moment.
    pub(crate) fn note(&mut self, entry: Entry, now: Instant) -> Noted {
        if now.saturating_duration_since(self.second) >= SECOND {
            (self.second, self.used) = (now, [0; 2]);
        }
        let [others, failures] = &mut self.used;
        let used = if entry.failed() { failures } else { others };
        if *used < self.per_second && self.alone.len() < MOST {
            *used += 1;
            self.alone.push(entry);
            return Noted::Alone;
        }
        if let Some(alike) = self.together.iter_mut().find(|other| other.alike(&entry)) {
            alike.join(&entry);
            return Noted::Together;
        }
        if self.together.len() < MOST_ALIKE {
            self.together.push(entry);
            return Noted::Together;
        }
        Noted::Dropped
    }

    /// All of it.
    pub(crate) fn take(&mut self) -> Vec<Entry> {
        let mut all = std::mem::take(&mut self.alone);
        all.append(&mut self.together);
        all
    }
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::{ExchangeKind, ExchangeOutcome};

    use super::*;

    fn entry(outcome: ExchangeOutcome, endpoint: &str) -> Entry {
        let begun = Entry::begin(ExchangeKind::Webhook, "zalo", endpoint);
        Entry { outcome, events: 2, url: "x".into(), ..begun }
    }

    #[test]
    fn what_comes_too_fast_is_counted_with_others_alike_and_failures_have_room_of_their_own() {
        let (mut buffer, now) = (Buffer::new(2), Instant::now());
        let mut note = |outcome, endpoint: &str, now| buffer.note(entry(outcome, endpoint), now);
        for wanted in [Noted::Alone, Noted::Alone, Noted::Together, Noted::Together] {
            assert_eq!(note(ExchangeOutcome::Stored, "main", now), wanted);
        }
        assert_eq!(note(ExchangeOutcome::Stored, "other", now), Noted::Together);
        for wanted in [Noted::Alone, Noted::Alone, Noted::Together] {
            assert_eq!(note(ExchangeOutcome::Rejected, "main", now), wanted);
        }
        assert_eq!(note(ExchangeOutcome::Stored, "main", now + SECOND), Noted::Alone, "the next second");
        let taken: Vec<_> = buffer.take().iter().map(|entry| (entry.outcome, entry.count, entry.events)).collect();
        let (stored, rejected) = (ExchangeOutcome::Stored, ExchangeOutcome::Rejected);
        let alone = [(stored, 1, 2), (stored, 1, 2), (rejected, 1, 2), (rejected, 1, 2), (stored, 1, 2)];
        let together = [(stored, 2, 4), (stored, 1, 2), (rejected, 1, 2)];
        assert_eq!(taken, [&alone[..], &together].concat());
        assert!(buffer.take().is_empty());
    }

    #[test]
    fn it_is_bounded_and_what_it_cannot_hold_is_dropped() {
        let (mut buffer, now) = (Buffer::new(u32::MAX), Instant::now());
        let mut count = [0; 3];
        for number in 0..MOST + MOST_ALIKE + 10 {
            let noted = buffer.note(entry(ExchangeOutcome::Stored, &number.to_string()), now);
            let place = [Noted::Alone, Noted::Together, Noted::Dropped].iter().position(|one| *one == noted);
            count[place.unwrap()] += 1;
        }
        assert_eq!(count, [MOST, MOST_ALIKE, 10]);
        assert_eq!(buffer.take().len(), MOST + MOST_ALIKE);
    }
}
