//! The newest entries of one partition.

use std::{collections::VecDeque, sync::Arc};

use kenh_log::{Entry, Filter, Limit};

use super::Portion;

/// Entries with rising offsets, complete from `floor` to `head`.
#[derive(Debug)]
pub(super) struct Ring {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    capacity: usize,
    floor: u64,
    head: u64,
}

/// What an entry costs besides its bytes.
const OVERHEAD: usize = 256;

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, capacity, floor: 0, head: 0 }
    }

    /// Forgets everything and goes on from an offset.
    pub(super) fn restart(&mut self, from: u64) {
        self.entries.clear();
        (self.bytes, self.floor, self.head) = (0, from, from);
    }

    pub(super) fn push(&mut self, entry: Entry) {
        if entry.offset < self.head {
            return;
        }
        self.head = entry.offset + 1;
        self.bytes += entry.bytes.len() + OVERHEAD;
        self.entries.push_back(Arc::new(entry));
        while self.bytes > self.capacity
            && let Some(oldest) = self.entries.pop_front()
        {
            self.bytes -= oldest.bytes.len() + OVERHEAD;
            self.floor = oldest.offset + 1;
        }
    }

    pub(super) fn head(&self) -> u64 {
        self.head
    }

    /// Entries from an offset on that match; or the floor, when the offset lies before it.
    pub(super) fn take(&self, from: u64, filter: &Filter, limit: Limit) -> Result<Portion, u64> {
        if from < self.floor {
            return Err(self.floor);
        }
        let begin = self.entries.partition_point(|entry| entry.offset < from);
        let mut portion = Portion { entries: Vec::new(), next: self.head.max(from) };
        let mut bytes = 0;
        for (scanned, entry) in self.entries.range(begin..).enumerate() {
            let full = portion.entries.len() >= limit.entries || bytes >= limit.bytes || scanned >= limit.scanned;
            if full {
                portion.next = entry.offset;
                break;
            }
            if filter.matches(&entry.meta) {
                bytes += entry.bytes.len();
                portion.entries.push(entry.clone());
            }
        }
        Ok(portion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kenh_log::contract::record;

    const LIMIT: Limit = Limit { entries: 10, bytes: 1 << 20, scanned: 1000 };

    fn entry(offset: u64) -> Entry {
        let record = record(0, i64::try_from(offset).unwrap(), 7);
        Entry { partition: 0, offset, meta: record.meta, bytes: record.bytes }
    }

    fn offsets(portion: &Portion) -> Vec<u64> {
        portion.entries.iter().map(|entry| entry.offset).collect()
    }

    #[test]
    fn it_stays_within_its_bytes_and_says_from_where_it_is_complete() {
        let size = entry(1).bytes.len() + OVERHEAD;
        let mut ring = Ring::new(size * 5);
        ring.restart(100);
        (100..120).for_each(|offset| ring.push(entry(offset)));
        assert!(ring.bytes <= size * 5);
        assert_eq!(ring.take(114, &Filter::default(), LIMIT).unwrap_err(), 115);
        let portion = ring.take(115, &Filter::default(), LIMIT).unwrap();
        assert_eq!((offsets(&portion), portion.next), ((115..120).collect(), 120));
    }

    #[test]
    fn a_portion_ends_at_its_limits_and_passes_over_what_does_not_match() {
        let mut ring = Ring::new(1 << 20);
        (0..30).for_each(|offset| ring.push(entry(offset)));
        let all = Filter::default();
        let portion = ring.take(3, &all, Limit { entries: 4, ..LIMIT }).unwrap();
        assert_eq!((offsets(&portion), portion.next), (vec![3, 4, 5, 6], 7));
        let portion = ring.take(0, &all, Limit { bytes: 1, ..LIMIT }).unwrap();
        assert_eq!((offsets(&portion), portion.next), (vec![0], 1));
        let nothing = Filter { channels: vec!["nowhere".into()], ..Filter::default() };
        let portion = ring.take(0, &nothing, Limit { scanned: 12, ..LIMIT }).unwrap();
        assert_eq!((offsets(&portion), portion.next), (vec![], 12));
        let ahead = ring.take(99, &all, LIMIT).unwrap();
        assert_eq!((offsets(&ahead), ahead.next), (vec![], 99));
    }

    #[test]
    fn holes_between_offsets_and_repeats_do_no_harm() {
        let mut ring = Ring::new(1 << 20);
        for offset in [0, 1, 5, 3, 5, 9] {
            ring.push(entry(offset));
        }
        let portion = ring.take(2, &Filter::default(), LIMIT).unwrap();
        assert_eq!((offsets(&portion), portion.next), (vec![5, 9], 10));
    }
}
