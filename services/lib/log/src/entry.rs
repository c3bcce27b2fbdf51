//! What the log holds.

use bytes::Bytes;
use kenh_proto::v1::{Envelope, EventKind};
use prost::Message as _;
use uuid::Uuid;

/// What filters and readers look at without decoding the envelope. Always derived from it, by [`Meta::of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Envelope id.
    pub id: Uuid,
    /// Channel slug.
    pub channel: String,
    /// External id of the account, where the event names one.
    pub account: Option<String>,
    /// Kind of the payload.
    pub kind: EventKind,
    /// Conversation id, where the event belongs to one.
    pub conversation: Option<Uuid>,
    /// Contact id, where the event names one.
    pub contact: Option<Uuid>,
    /// When the gateway took it, in microseconds since 1970.
    pub received_at: i64,
    /// Trace context, where there is one.
    pub traceparent: Option<String>,
}

impl Meta {
    /// Reads it off an envelope; `None` when the envelope was not made by a gateway (its id is no UUID).
    pub fn of(envelope: &Envelope) -> Option<Self> {
        let uuid = |id: &str| Uuid::try_parse(id).ok();
        let received = envelope.received_at.unwrap_or_default();
        Some(Self {
            id: uuid(&envelope.id)?,
            channel: envelope.channel.clone(),
            account: envelope.account.as_ref().and_then(|account| account.external_id.clone()),
            kind: envelope.kind(),
            conversation: envelope.conversation.as_ref().and_then(|conversation| uuid(&conversation.id)),
            contact: envelope.contact.as_ref().and_then(|contact| uuid(&contact.id)),
            received_at: received.seconds.saturating_mul(1_000_000).saturating_add(i64::from(received.nanos) / 1000),
            traceparent: envelope.trace.as_ref().map(|trace| trace.traceparent.clone()),
        })
    }
}

/// An event to be stored.
#[derive(Clone)]
pub struct Record {
    /// Where it goes.
    pub partition: u32,
    /// What is known of it without decoding.
    pub meta: Meta,
    /// The encoded envelope.
    pub bytes: Bytes,
}

impl Record {
    /// Encodes a stamped envelope; `None` when its id is no UUID.
    pub fn of(envelope: &Envelope) -> Option<Self> {
        let bytes = envelope.encode_to_vec().into();
        Some(Self { partition: envelope.partition, meta: Meta::of(envelope)?, bytes })
    }
}

// By hand: the bytes hold a customer's words.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, meta, bytes } = self;
        f.debug_struct("Record")
            .field("partition", partition)
            .field("id", &meta.id)
            .field("size", &bytes.len())
            .finish()
    }
}

/// A stored event.
#[derive(Clone)]
pub struct Entry {
    /// Where it stands.
    pub partition: u32,
    /// Its place there. Offsets rise; they need not be consecutive.
    pub offset: u64,
    /// What is known of it without decoding.
    pub meta: Meta,
    /// The encoded envelope.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, offset, meta, .. } = self;
        write!(f, "Entry({partition}/{offset} {})", meta.id)
    }
}

/// The partition of a conversation (or, for events that belong to none, of an account). Version 5 UUIDs are evenly
/// spread, so their low bits serve as the hash.
pub fn partition_of(key: Uuid, partitions: u32) -> u32 {
    let (_, low) = key.as_u64_pair();
    u32::try_from(low % u64::from(partitions.max(1))).unwrap_or_default()
}
