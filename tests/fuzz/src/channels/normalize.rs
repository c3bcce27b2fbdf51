//! What a call becomes is well-formed, bounded and always the same.

use connector_sdk::{Ack, Batch, Delivery, Malformed, Proof};
use kenh_intake::Stamp;
use kenh_log::{Meta, Record};
use kenh_proto::{
    envelope_from_json, envelope_to_json,
    v1::{Envelope, envelope::Payload},
};
use prost::Message as _;

use super::configured::endpoint;
use crate::call::{Call, now};

/// Times a body that events may hold together, each of them the whole of it.
const MOST_COPIES: usize = 128;
/// Bytes of an envelope for each byte of the body, and without any.
const GROWTH: (usize, usize) = (16, 8 << 10);

/// The same call gives the same events, each of which has an identity and its bytes, comes back from its encoded form
/// and from its JSON, and is no larger than the body allows.
pub fn normalize(data: &[u8]) {
    let Some(call) = Call::parse(data) else { return };
    let connector = &*endpoint(call.registration).connector;
    let (batch, again) = (connector.normalize(call.delivery()), connector.normalize(call.delivery()));
    assert!(same(&batch, &again), "the same call gives other events");
    if let Ok(batch) = &batch {
        assert!(!batch.events.is_empty() || !batch.skipped.is_empty() || call.body.len() < 64 << 10);
        is_bounded(batch, call.body);
        batch.events.iter().for_each(|event| is_whole(&event.envelope, &event.raw));
    }
    for envelope in envelopes(&call, call.delivery()) {
        comes_back(&envelope);
        fits(&envelope, call.body);
    }
    connector.is_redelivery(call.delivery());
    match connector.ack(call.delivery()) {
        Ack::Empty | Ack::NoContent => {}
        Ack::Text(text) | Ack::Json(text) => assert!(text.len() <= call.body.len() + 64, "answers at length"),
    }
}

/// What the pipeline makes of a delivery.
pub(crate) fn envelopes(call: &Call<'_>, delivery: Delivery<'_>) -> Vec<Envelope> {
    let endpoint = endpoint(call.registration);
    let proof = Some(Proof::Signature);
    let stamp = Stamp { endpoint, partitions: 8, received_at: now(), proof, traceparent: None };
    kenh_intake::normalize(&stamp, delivery).envelopes
}

fn same(one: &Result<Batch, Malformed>, other: &Result<Batch, Malformed>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let events = one.events.iter().zip(&other.events);
            one.events.len() == other.events.len()
                && one.skipped == other.skipped
                && events.into_iter().all(|(one, other)| one.envelope == other.envelope && one.raw == other.raw)
        }
        (Err(one), Err(other)) => one == other,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

fn is_bounded(batch: &Batch, body: &[u8]) {
    let copies = batch.events.iter().map(|event| event.raw.len()).sum::<usize>();
    assert!(copies <= MOST_COPIES * (body.len() + 1) * 3, "{copies} bytes of a body of {}", body.len());
    let items = batch.events.len() + batch.skipped.len();
    assert!(items <= body.len() + MOST_COPIES, "{items} events of a body of {}", body.len());
}

fn is_whole(draft: &Envelope, raw: &[u8]) {
    assert!(!draft.dedupe_key.is_empty(), "an event has no identity");
    assert!(draft.payload.is_some() && draft.direction != 0, "payload or direction is missing");
    assert!(draft.id.is_empty() && draft.received_at.is_none(), "stamps what is the pipeline's");
    let identities = draft.contact.iter().flat_map(|contact| &contact.identities);
    assert!(identities.into_iter().all(|identity| !identity.value.is_empty()), "an empty identity");
    let conversation = draft.conversation.as_ref().map(|conversation| &conversation.external_id);
    assert!(conversation.is_none_or(|id| !id.is_empty()), "an empty conversation id");
    assert!(!raw.is_empty(), "an event without its bytes");
    if let Some(Payload::Unsupported(unsupported)) = &draft.payload {
        assert!(!unsupported.reason.is_empty(), "unsupported without a reason");
    }
}

fn comes_back(envelope: &Envelope) {
    let encoded = envelope.encode_to_vec();
    assert_eq!(Envelope::decode(encoded.as_slice()).as_ref(), Ok(envelope), "its encoded form is another");
    let json = envelope_to_json(envelope).unwrap_or_else(|error| panic!("has no JSON: {error}"));
    let read = envelope_from_json(&json).unwrap_or_else(|error| panic!("its JSON cannot be read: {error}: {json}"));
    assert_eq!(&read, envelope, "its JSON is another: {json}");
    let record = Record::of(envelope).expect("a stamped envelope can be stored");
    assert_eq!(Meta::of(&read), Some(record.meta), "what filters look at is another");
}

fn fits(envelope: &Envelope, body: &[u8]) {
    let (each, without) = GROWTH;
    let size = envelope.encoded_len();
    assert!(size <= each * body.len() + without, "an envelope of {size} bytes from a body of {}", body.len());
}
