//! Messages of the broker, and entries of the spool.

use kenh_amqp::door;
use kenh_log::{Meta, Record};
use kenh_proto::{kind_of_slug, kind_slug, v1::Envelope};
use prost::Message as _;

/// A routing key may have so many bytes.
const LONGEST_KEY: usize = 255;

/// A message is an entry with the very bytes it has, or nothing. One that is an entry can be published again, under a
/// key of four words; marked as one that went through the spool it is the same but for the mark.
pub fn message(data: &[u8]) {
    bundle(data);
    let Some(entry) = door::entry(3, 5, data.to_vec()) else { return };
    assert_eq!((entry.partition, entry.offset, entry.bytes.as_ref()), (3, 0x5ff, data));
    assert_eq!(kind_of_slug(kind_slug(entry.meta.kind)), entry.meta.kind);
    let envelope = Envelope::decode(data).expect("an entry holds an envelope");
    assert_eq!(Meta::of(&envelope).as_ref(), Some(&entry.meta), "what filters look at is another");
    let record = Record { partition: entry.partition, meta: entry.meta, bytes: entry.bytes };
    can_be_published(record.clone());
    only_the_mark_is_new(record, envelope);
}

/// Whatever is said to be a bundle has offsets that rise and lie in that message.
fn bundle(data: &[u8]) {
    let places = door::bundled(3, 5, data.to_vec());
    assert!(places.len() <= 256);
    let offsets: Vec<_> = places.iter().flatten().map(|entry| entry.offset).collect();
    assert!(offsets.is_sorted_by(|a, b| a < b) && offsets.iter().all(|offset| (0x500..=0x5ff).contains(offset)));
}

fn can_be_published(record: Record) {
    let body = record.bytes.clone();
    // Channels are slugs of the catalog; a message with another one was not made by a gateway.
    let is_slug = record.meta.channel.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let channel = record.meta.channel.len();
    let (key, sent) = door::message(record.clone());
    assert_eq!(body, sent, "another body is sent");
    let (_, sent) = door::bundle(record);
    let read: Vec<_> = door::bundled(3, 5, sent).into_iter().flatten().map(|entry| entry.bytes).collect();
    assert_eq!(read, [body], "another body is in the bundle");
    if is_slug && channel <= 32 {
        assert!(key.len() <= LONGEST_KEY && key.split('.').count() == 4, "the key {key}");
    }
}

fn only_the_mark_is_new(record: Record, mut envelope: Envelope) {
    let meta = record.meta.clone();
    let marked = kenh_spool::from_spool(record);
    assert_eq!(marked.meta, meta);
    envelope.quality.get_or_insert_default().from_spool = true;
    let read = Envelope::decode(marked.bytes).expect("what is marked is an envelope");
    // A number that is none is not equal to itself.
    let comparable = envelope == envelope.clone();
    assert!(!comparable || read == envelope, "more than the mark is new");
}
