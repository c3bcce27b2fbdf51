//! What the broker has confirmed lately, kept for as long as it may turn out not to hold it.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;
use uuid::Uuid;

/// How long before a doubt arises events may have been confirmed that the broker does not hold. A connection that is gone
/// without a word is noticed after ten seconds, a late confirm after its deadline.
const WINDOW: Duration = Duration::from_secs(30);
/// Bytes kept of all partitions together.
const BYTES: usize = 16 << 20;
/// What an event costs besides its envelope.
const OVERHEAD: usize = size_of::<Confirmed>() + 64;

/// An event that the broker has confirmed.
#[derive(Clone)]
pub(crate) struct Confirmed {
    pub(crate) id: Uuid,
    /// The encoded envelope, shared with whoever else has it.
    pub(crate) bytes: Bytes,
    at: Instant,
}

impl Confirmed {
    const fn cost(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

/// The last confirmed events of a partition, in the order in which they were published.
pub(crate) struct Recent {
    events: VecDeque<Confirmed>,
    bytes: usize,
    most_bytes: usize,
}

impl Recent {
    /// Keeps a partition's share.
    pub(crate) fn of(partitions: u32) -> Self {
        let most_bytes = BYTES / usize::try_from(partitions.max(1)).unwrap_or(usize::MAX);
        Self { events: VecDeque::new(), bytes: 0, most_bytes }
    }

    /// Adds what was confirmed now. What is too much goes, and what was too old when a doubt arose: now, where there is none.
    pub(crate) fn confirmed(
        &mut self,
        now: Instant,
        doubted: Option<Instant>,
        batch: impl IntoIterator<Item = (Uuid, Bytes)>,
    ) {
        for (id, bytes) in batch {
            let event = Confirmed { id, bytes, at: now };
            self.bytes += event.cost();
            self.events.push_back(event);
        }
        self.forget_before(doubted.unwrap_or(now));
        while self.bytes > self.most_bytes && self.forget_first() {}
    }

    /// Drops what had been confirmed for long when something happened.
    pub(crate) fn forget_before(&mut self, happened: Instant) {
        while self.events.front().is_some_and(|first| happened.duration_since(first.at) > WINDOW) {
            self.forget_first();
        }
    }

    /// Drops all but some.
    pub(crate) fn keep_only(&mut self, ids: &HashSet<Uuid>) {
        self.events.retain(|event| ids.contains(&event.id));
        self.bytes = self.events.iter().map(Confirmed::cost).sum();
    }

    fn forget_first(&mut self) -> bool {
        let Some(first) = self.events.pop_front() else { return false };
        self.bytes -= first.cost();
        true
    }

    /// What is kept, the oldest first.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Confirmed> {
        self.events.iter()
    }

    /// How long ago the oldest was confirmed.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        self.events.front().map_or(Duration::ZERO, |first| now.duration_since(first.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(recent: &Recent) -> Vec<u128> {
        recent.events().map(|event| event.id.as_u128()).collect()
    }

    fn event(id: u128, size: usize) -> (Uuid, Bytes) {
        (Uuid::from_u128(id), vec![0; size].into())
    }

    #[test]
    fn what_is_old_goes_but_not_while_nothing_happens() {
        let (mut recent, start) = (Recent::of(1), Instant::now());
        recent.confirmed(start, None, [event(1, 10), event(2, 10)]);
        recent.confirmed(start + WINDOW, None, [event(3, 10)]);
        assert_eq!(kept(&recent), [1, 2, 3]);
        assert_eq!(recent.age(start + WINDOW * 9), WINDOW * 9, "an outage makes nothing too old");
        let later = start + WINDOW * 9;
        recent.confirmed(later, Some(start + WINDOW), [event(4, 10)]);
        assert_eq!(kept(&recent), [1, 2, 3, 4], "nor does what is published again after it");
        recent.confirmed(later + Duration::from_secs(1), None, [event(5, 10)]);
        assert_eq!(kept(&recent), [4, 5]);
        recent.forget_before(later + WINDOW * 2);
        assert_eq!((kept(&recent), recent.bytes), (vec![], 0));
    }

    #[test]
    fn what_was_found_goes_wherever_it_stands() {
        let (mut recent, now) = (Recent::of(1), Instant::now());
        recent.confirmed(now, None, (0..6).map(|id| event(id, 10)));
        let bytes = recent.bytes;
        recent.keep_only(&[1, 4, 9].map(Uuid::from_u128).into());
        assert_eq!((kept(&recent), recent.bytes), (vec![1, 4], bytes / 3));
    }

    #[test]
    fn bytes_are_bounded_over_all_partitions() {
        let (mut recent, now) = (Recent::of(4), Instant::now());
        for id in 0..20 {
            recent.confirmed(now, None, [event(id, 1 << 20)]);
            assert!(recent.bytes <= BYTES / 4);
        }
        assert_eq!(kept(&recent), (17..20).collect::<Vec<_>>(), "the newest");
        recent.confirmed(now, None, [event(99, BYTES)]);
        assert_eq!((kept(&recent), recent.bytes), (vec![], 0), "one that is larger than all that may be kept");
    }
}
