//! Several events of a partition in one message.
//!
//! What a message costs the broker and its client hardly depends on what is in it: events that are on their way at the same time cost a
//! fraction when they share one.

use bytes::Bytes;
use kenh_log::Record;
use prost::Message as _;

use crate::offset::PLACES;

/// What the message says it holds.
pub(crate) const TYPE: &str = "kenh.v1.EnvelopeBundle";
/// Bytes of envelopes in one, unless a single one is larger: a reader holds some hundred messages.
const MOST_BYTES: usize = 32 << 10;

/// `kenh.v1.EnvelopeBundle`, its envelopes left as they are.
#[derive(Clone, PartialEq, prost::Message)]
struct Bundle {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    envelopes: Vec<Bytes>,
}

/// The bytes of a message with these events.
pub(crate) fn pack(records: &[Record]) -> Bytes {
    Bundle { envelopes: records.iter().map(|record| record.bytes.clone()).collect() }.encode_to_vec().into()
}

/// The encoded envelopes of a message; `None` when it is not one of ours.
pub(crate) fn unpack(message: Vec<u8>) -> Option<Vec<Bytes>> {
    let Bundle { envelopes } = Bundle::decode(Bytes::from(message)).ok()?;
    (envelopes.len() <= PLACES).then_some(envelopes)
}

/// Parts of which each fits into a message.
pub(crate) fn parts(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fit = rest.iter().take(PLACES).take_while(|record| {
            bytes += record.bytes.len();
            bytes <= MOST_BYTES
        });
        let (part, behind) = rest.split_at_checked(fit.count().max(1))?;
        rest = behind;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use kenh_log::contract::record;

    use super::*;

    fn sized(sizes: &[usize]) -> Vec<Record> {
        sizes.iter().map(|size| Record { bytes: vec![0; *size].into(), ..record(0, 1, 7) }).collect()
    }

    #[test]
    fn a_part_has_no_more_than_fits_and_none_is_left_out() {
        let lengths = |sizes: &[usize]| parts(&sized(sizes)).map(<[_]>::len).collect::<Vec<_>>();
        assert!(lengths(&[]).is_empty());
        assert_eq!(lengths(&[10; 3]), [3]);
        assert_eq!(lengths(&[10; 600]), [256, 256, 88]);
        assert_eq!(lengths(&[MOST_BYTES, 1, MOST_BYTES * 9, 2, 3]), [1, 1, 1, 2]);
    }

    #[test]
    fn what_is_packed_is_unpacked_as_it_was() {
        let records: Vec<_> = (0..9).map(|second| record(1, second, 7)).collect();
        let bytes: Vec<_> = records.iter().map(|record| record.bytes.clone()).collect();
        assert_eq!(unpack(pack(&records).to_vec()), Some(bytes));
        assert_eq!(unpack(b"\xff\xff".to_vec()), None);
        assert_eq!(unpack(b"\x0a\x00".repeat(257)), None, "more than have a place");
    }
}
