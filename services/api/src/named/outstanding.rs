//! What one stream was sent and has not answered, by the cursors it answers with.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use prost::encoding::{decode_varint, encode_varint};

use super::window::Lease;

/// Version of the written form; positions in the log have another.
const VERSION: u64 = 2;

/// One delivery to one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) partition: u32,
    pub(crate) lease: Lease,
    pub(crate) bytes: u64,
}

/// Deliveries in the order in which they were sent.
#[derive(Debug)]
pub(crate) struct Outstanding {
    /// Tells this stream's cursors from those of another.
    stream: u64,
    next: u64,
    deliveries: BTreeMap<u64, Delivered>,
    bytes: u64,
}

impl Outstanding {
    pub(crate) fn new(stream: u64) -> Self {
        Self { stream, next: 1, deliveries: BTreeMap::new(), bytes: 0 }
    }

    /// Notes a delivery; its number.
    pub(crate) fn add(&mut self, delivered: Delivered) -> u64 {
        let number = self.next;
        self.next += 1;
        self.bytes += delivered.bytes;
        self.deliveries.insert(number, delivered);
        number
    }

    /// The cursor of a number.
    pub(crate) fn cursor(&self, number: u64) -> String {
        let mut bytes = Vec::with_capacity(21);
        for part in [VERSION, self.stream, number] {
            encode_varint(part, &mut bytes);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The number of a cursor, when it is one of this stream.
    pub(crate) fn number(&self, cursor: &str) -> Option<u64> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let mut rest = bytes.as_slice();
        let mut next = || decode_varint(&mut rest).ok();
        let (version, stream, number) = (next()?, next()?, next()?);
        (version == VERSION && stream == self.stream && rest.is_empty()).then_some(number)
    }

    pub(crate) fn get(&self, number: u64) -> Option<Delivered> {
        self.deliveries.get(&number).copied()
    }

    /// Numbers up to one, in order.
    pub(crate) fn up_to(&self, number: u64) -> Vec<u64> {
        self.deliveries.range(..=number).map(|(number, _)| *number).collect()
    }

    /// Deliveries that were sent after one number and up to another.
    pub(crate) fn between(&self, after: u64, to: u64) -> impl Iterator<Item = Delivered> {
        let some = (after < to).then(|| self.deliveries.range(after + 1..=to));
        some.into_iter().flatten().map(|(_, delivered)| *delivered)
    }

    /// It is no longer outstanding.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Delivered> {
        let delivered = self.deliveries.remove(&number)?;
        self.bytes -= delivered.bytes;
        Some(delivered)
    }

    /// Those of a partition for which something holds are no longer outstanding.
    pub(crate) fn remove_all(&mut self, partition: u32, mut over: impl FnMut(Lease) -> bool) {
        let bytes = &mut self.bytes;
        self.deliveries.retain(|_, delivered| {
            let keep = delivered.partition != partition || !over(delivered.lease);
            *bytes -= if keep { 0 } else { delivered.bytes };
            keep
        });
    }

    /// Nothing is.
    pub(crate) fn clear(&mut self) {
        self.deliveries.clear();
        self.bytes = 0;
    }

    /// Number of the last delivery.
    pub(crate) fn last(&self) -> u64 {
        self.next - 1
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.deliveries.len()).unwrap_or(u64::MAX)
    }

    /// Their bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::named::window::Id;

    fn delivered(partition: u32, offset: u64) -> Delivered {
        Delivered { partition, lease: Lease { id: Id::Log(offset), attempt: 1 }, bytes: 10 }
    }

    #[test]
    fn a_cursor_is_known_to_its_own_stream_only() {
        let (mut mine, other) = (Outstanding::new(7), Outstanding::new(u64::MAX));
        let number = mine.add(delivered(1, 5));
        let cursor = mine.cursor(number);
        assert_eq!(mine.number(&cursor), Some(number));
        assert_eq!(other.number(&cursor), None);
        for broken in ["", "x", "AgEB", &format!("{cursor}AA"), &cursor.replacen('A', "B", 1)] {
            assert_eq!(mine.number(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_is_outstanding_is_counted() {
        let mut outstanding = Outstanding::new(7);
        let numbers: Vec<_> = (0..6).map(|n| outstanding.add(delivered(u32::from(n % 2 == 1), n))).collect();
        assert_eq!((outstanding.len(), outstanding.bytes()), (6, 60));
        assert_eq!(outstanding.up_to(numbers[2]), &numbers[..3]);
        assert_eq!(outstanding.between(numbers[1], numbers[3]).count(), 2);
        assert_eq!(outstanding.between(numbers[5], 0).count(), 0);
        assert_eq!(outstanding.between(0, 0).count(), 0, "nothing has left yet");
        assert_eq!(outstanding.between(0, numbers[0]).count(), 1);
        outstanding.remove_all(1, |lease| lease.id != Id::Log(3));
        assert!(outstanding.remove(numbers[0]).is_some() && outstanding.remove(numbers[0]).is_none());
        assert_eq!((outstanding.len(), outstanding.bytes()), (3, 30));
    }
}
