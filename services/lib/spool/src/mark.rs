//! Saying of an event that it went through the spool.

use kenh_log::Record;
use kenh_proto::v1::Envelope;
use prost::Message as _;

/// Sets `quality.from_spool`. Done when the event goes in, by the version that made it: one that drains it later may
/// know fewer fields.
#[allow(unreachable_pub, reason = "tests/fuzz reaches it, with the feature of that name")]
pub fn from_spool(mut record: Record) -> Record {
    if let Ok(mut envelope) = Envelope::decode(record.bytes.clone()) {
        envelope.quality.get_or_insert_default().from_spool = true;
        record.bytes = envelope.encode_to_vec().into();
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_mark_is_new() {
        let record = kenh_log::contract::record(1, 5, 7);
        let marked = from_spool(record.clone());
        assert_eq!(marked.meta, record.meta);
        let (before, after) = (Envelope::decode(record.bytes).unwrap(), Envelope::decode(marked.bytes).unwrap());
        assert!(before.quality.as_ref().is_none_or(|quality| !quality.from_spool));
        assert!(after.quality.as_ref().is_some_and(|quality| quality.from_spool));
        assert_eq!(Envelope { quality: before.quality.clone(), ..after }, before);
    }
}
