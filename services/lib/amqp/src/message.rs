//! Events as AMQP messages, for readers of the log and for plain AMQP consumers alike: each in one of its own, or several in one.
//!
//! Headers of a message with one event follow the CloudEvents binding for AMQP (binary mode, prefix `cloudEvents_`): the body is the encoded
//! `kenh.v1.Envelope`, nothing around it.

use bytes::Bytes;
use jiff::Timestamp;
use kenh_log::{Entry, Meta, Record};
use kenh_proto::{kind_slug, v1::Envelope};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable, ShortString},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use prost::Message as _;
use uuid::Uuid;

use crate::{bundle, config::Messages, offset};

/// What may stand in a word of a routing key besides letters and digits: neither its dot nor its wildcards.
const WORD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');
/// A routing key has at most 255 bytes; kind and partition need fewer than 50. Channels are far shorter, but for those of
/// messages that no gateway made.
const LONGEST_ACCOUNT: usize = 160;
const LONGEST_CHANNEL: usize = 40;

/// What is published.
pub(crate) struct Message {
    pub(crate) key: ShortString,
    pub(crate) properties: BasicProperties,
    pub(crate) bytes: Bytes,
}

impl Message {
    /// The messages of a partition's events, in order.
    pub(crate) fn of(records: Vec<Record>, partition: u32, how: Messages) -> Vec<Self> {
        match how {
            Messages::Single => records.into_iter().map(Self::single).collect(),
            Messages::Bundled => bundle::parts(&records).map(|part| Self::bundled(part, partition)).collect(),
        }
    }

    fn single(record: Record) -> Self {
        let (key, properties) = (routing_key(&record).into(), properties(&record.meta));
        Self { key, properties, bytes: record.bytes }
    }

    fn bundled(records: &[Record], partition: u32) -> Self {
        let properties = written(records.first().map_or(0, |first| first.meta.received_at), bundle::TYPE);
        // The events differ in what the other words say.
        Self { key: format!("_._._.{partition}").into(), properties, bytes: bundle::pack(records) }
    }

    /// With a mark by which a reader knows it from one with the same events published before.
    pub(crate) fn marked(mut self, mark: Uuid) -> Self {
        self.properties = self.properties.with_correlation_id(mark.to_string().into());
        self
    }
}

/// A record of an event that was published before, made anew from its envelope.
pub(crate) fn again(partition: u32, bytes: Bytes) -> Option<Record> {
    let meta = Meta::of(&Envelope::decode(bytes.clone()).ok()?)?;
    Some(Record { partition, meta, bytes })
}

/// `<channel>.<account>.<kind>.<partition>`. An account of odd characters is percent-encoded; none is `_`.
fn routing_key(record: &Record) -> String {
    let account = record.meta.account.as_deref().unwrap_or("_");
    let account: String = utf8_percent_encode(account, WORD).collect();
    let account = account.get(..LONGEST_ACCOUNT).unwrap_or(&account);
    let channel = &record.meta.channel;
    let channel = channel.get(..channel.floor_char_boundary(LONGEST_CHANNEL)).unwrap_or_default();
    format!("{channel}.{account}.{}.{}", kind_slug(record.meta.kind), record.partition)
}

/// The properties of an event's message.
fn properties(meta: &Meta) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut set = |name: &str, value: String| {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    };
    set("cloudEvents_specversion", "1.0".into());
    set("cloudEvents_id", meta.id.to_string());
    set("cloudEvents_type", format!("kenh.v1.{}", kind_slug(meta.kind)));
    set("cloudEvents_source", format!("/kenh/{}/{}", meta.channel, meta.account.as_deref().unwrap_or("_")));
    if let Ok(time) = Timestamp::from_microsecond(meta.received_at) {
        set("cloudEvents_time", time.to_string());
    }
    if let Some(conversation) = meta.conversation {
        set("cloudEvents_subject", conversation.to_string());
        set("cloudEvents_partitionkey", conversation.to_string());
    }
    if let Some(traceparent) = &meta.traceparent {
        set("cloudEvents_traceparent", traceparent.clone());
        set("traceparent", traceparent.clone());
    }
    written(meta.received_at, "kenh.v1.Envelope").with_message_id(meta.id.to_string().into()).with_headers(headers)
}

/// What is said of every message.
fn written(received_at: i64, body: &str) -> BasicProperties {
    BasicProperties::default()
        .with_content_type("application/protobuf".into())
        .with_type(body.into())
        .with_timestamp(u64::try_from(received_at / 1_000_000).unwrap_or_default())
        .with_delivery_mode(2)
}

/// The mark of a message read from a stream, where it has one.
pub(crate) fn mark(delivery: &Delivery) -> Option<Uuid> {
    Uuid::try_parse(delivery.properties.correlation_id().as_ref()?.as_str()).ok()
}

/// The ids of the events in a message read from a stream.
pub(crate) fn ids(delivery: Delivery) -> Vec<Uuid> {
    let parsed = |id: &str| Uuid::try_parse(id).ok();
    if !is_bundle(&delivery) {
        return delivery.properties.message_id().as_ref().and_then(|id| parsed(id.as_str())).into_iter().collect();
    }
    let envelopes = bundle::unpack(delivery.data).unwrap_or_default();
    envelopes.into_iter().filter_map(|bytes| parsed(&Identified::decode(bytes).ok()?.id)).collect()
}

/// As much of an envelope as says which it is.
#[derive(Clone, PartialEq, prost::Message)]
struct Identified {
    #[prost(string, tag = "1")]
    id: String,
}

fn is_bundle(delivery: &Delivery) -> bool {
    delivery.properties.kind().as_ref().is_some_and(|kind| kind.as_str() == bundle::TYPE)
}

/// The broker's offset of a message read from a stream.
pub(crate) fn number(delivery: &Delivery) -> Option<u64> {
    let offset = delivery.properties.headers().as_ref()?.inner().get("x-stream-offset")?.as_long_long_int()?;
    u64::try_from(offset).ok()
}

/// The entries of a message; `None` in the place of each that this gateway did not make.
pub(crate) fn entries(partition: u32, message: u64, delivery: Delivery) -> Vec<Option<Entry>> {
    let envelopes = if is_bundle(&delivery) {
        bundle::unpack(delivery.data).unwrap_or_else(|| vec![Bytes::new()])
    } else {
        vec![delivery.data.into()]
    };
    let offsets = offset::of_events(message, envelopes.len());
    offsets.zip(envelopes).map(|(offset, bytes)| entry(partition, offset, bytes)).collect()
}

fn entry(partition: u32, offset: u64, bytes: Bytes) -> Option<Entry> {
    let Record { partition, meta, bytes } = again(partition, bytes)?;
    Some(Entry { partition, offset, meta, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(account: Option<&str>) -> String {
        let account = account.map(|id| kenh_proto::v1::Account { external_id: Some(id.into()), ..Default::default() });
        let envelope = Envelope {
            id: uuid::Uuid::nil().to_string(),
            channel: "sms-twilio".into(),
            account,
            partition: 3,
            ..Default::default()
        };
        routing_key(&Record::of(&envelope).unwrap())
    }

    #[test]
    fn a_routing_key_has_four_words_whatever_the_account_is_called() {
        assert_eq!(key(Some("7770001")), "sms-twilio.7770001.unknown.3");
        assert_eq!(key(None), "sms-twilio._.unknown.3");
        assert_eq!(key(Some("a.b*#c@d.example")), "sms-twilio.a%2Eb%2A%23c%40d%2Eexample.unknown.3");
        let long = key(Some(&"ữ".repeat(300)));
        assert!(long.len() < 255 && long.split('.').count() == 4, "{long}");
    }
}
