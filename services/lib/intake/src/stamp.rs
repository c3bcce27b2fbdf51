//! What the gateway adds to an event: ids, place, time, proof. The same event gives the same ids, always.

use std::{collections::HashMap, time::SystemTime};

use connector_sdk::{Delivery, Event, Proof};
use kenh_log::partition_of;
use kenh_proto::v1::{ConversationKind, Envelope, Raw, SignatureQuality, SubscriptionAction, Trace, envelope::Payload};
use prost_types::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Endpoint, KeepRaw};

// Namespaces of the name-based ids: random once, fixed for ever. Another value would give every event another id.
const ENVELOPES: Uuid = Uuid::from_u128(0x6b65_6e68_0001_4c1a_9f0e_52d3_a7c4_e801);
const CONVERSATIONS: Uuid = Uuid::from_u128(0x6b65_6e68_0002_4b7d_8a35_1de9_60bf_c702);
const CONTACTS: Uuid = Uuid::from_u128(0x6b65_6e68_0003_4e29_b1c6_9403_f85a_2d03);

/// What is the same for all events of a delivery.
#[derive(Debug, Clone)]
pub struct Stamp<'a> {
    /// Where it came in.
    pub endpoint: &'a Endpoint,
    /// Partitions of the log.
    pub partitions: u32,
    /// When it came in.
    pub received_at: SystemTime,
    /// How it was proven; `None` when it was not (`kenh normalize --no-verify`).
    pub proof: Option<Proof>,
    /// Trace context of the call.
    pub traceparent: Option<String>,
}

impl Stamp<'_> {
    /// Turns an event into an envelope.
    pub fn apply(&self, event: Event, delivery: Delivery<'_>) -> Envelope {
        let Event { mut envelope, raw, keep_raw } = event;
        let endpoint = self.endpoint;
        let account = envelope.account.get_or_insert_default();
        account.endpoint.clone_from(&endpoint.name);
        let account = account.external_id.clone().unwrap_or_else(|| format!("endpoint:{}", endpoint.name));

        envelope.id = envelope_id(endpoint.channel, &account, &envelope.dedupe_key).to_string();
        envelope.tenant.clone_from(&endpoint.tenant);
        envelope.channel = endpoint.channel.into();
        let key = match &mut envelope.conversation {
            Some(conversation) => {
                let id = conversation_id(endpoint.channel, &account, conversation.kind(), &conversation.external_id);
                conversation.id = id.to_string();
                id
            }
            // What concerns the account itself keeps its order among its like.
            None => account_key(endpoint.channel, &account),
        };
        if let Some(contact) = &mut envelope.contact
            && let Some(identity) = contact.identities.first()
        {
            let scope = identity.scope.as_deref().unwrap_or_default();
            contact.id = contact_id(endpoint.channel, scope, &identity.value).to_string();
        }
        if refuses_messages(&envelope) {
            envelope.reply_policy.get_or_insert_default().opted_out = true;
        }
        envelope.partition = partition_of(key, self.partitions);
        envelope.received_at = timestamp(self.received_at);
        envelope.trace = self.traceparent.clone().map(|traceparent| Trace { traceparent, tracestate: None });

        let quality = envelope.quality.get_or_insert_default();
        // The channel marks the call, or single events of it.
        quality.redelivered |= endpoint.connector.is_redelivery(delivery);
        quality.set_signature(match self.proof {
            Some(Proof::Signature) => SignatureQuality::Verified,
            Some(Proof::Token) => SignatureQuality::Token,
            Some(Proof::Fetched) => SignatureQuality::Fetched,
            Some(Proof::Process) => SignatureQuality::Process,
            Some(Proof::Received) => SignatureQuality::Received,
            None => SignatureQuality::Unsigned,
        });
        let keep = keep_raw || matches!(envelope.payload, Some(Payload::Unsupported(_)));
        envelope.raw = Some(self.raw(raw, keep, delivery));
        envelope
    }

    fn raw(&self, bytes: Vec<u8>, keep: bool, delivery: Delivery<'_>) -> Raw {
        let keep = keep || self.endpoint.keep_raw == KeepRaw::Inline;
        let whole = bytes.len() == delivery.body.len();
        Raw {
            sha256: Sha256::digest(&bytes).to_vec().into(),
            size: bytes.len().try_into().unwrap_or(u64::MAX),
            content_type: delivery.header("content-type").map(Into::into),
            // A signature covers the whole body: beside one item of several it would prove nothing.
            headers: if keep && whole { self.proof_headers(delivery) } else { HashMap::new() },
            bytes: keep.then(|| bytes.into()),
        }
    }

    fn proof_headers(&self, delivery: Delivery<'_>) -> HashMap<String, String> {
        let names = self.endpoint.connector.proof_headers().iter();
        names.filter_map(|name| Some((name.to_ascii_lowercase(), delivery.header(name)?.into()))).collect()
    }
}

/// The contact wants no more messages, of any sort.
fn refuses_messages(envelope: &Envelope) -> bool {
    let Some(Payload::SubscriptionChange(change)) = &envelope.payload else { return false };
    let refused = matches!(change.action(), SubscriptionAction::Blocked | SubscriptionAction::OptedOut);
    refused && change.topic.is_none()
}

/// The id of an event: the same for each redelivery of it.
pub fn envelope_id(channel: &str, account: &str, dedupe_key: &str) -> Uuid {
    name(ENVELOPES, &[channel, account, dedupe_key])
}

/// The id of a conversation. A direct one and a group of the same external id are two.
pub fn conversation_id(channel: &str, account: &str, kind: ConversationKind, external_id: &str) -> Uuid {
    name(CONVERSATIONS, &[channel, account, kind.as_str_name(), external_id])
}

/// What stands for an account where its events belong to no conversation.
pub fn account_key(channel: &str, account: &str) -> Uuid {
    name(CONVERSATIONS, &[channel, account])
}

/// The id of a contact.
pub fn contact_id(channel: &str, scope: &str, value: &str) -> Uuid {
    name(CONTACTS, &[channel, scope, value])
}

/// A version 5 UUID of several texts. Each stands behind its length, so that no two lists of texts look the same.
fn name(namespace: Uuid, parts: &[&str]) -> Uuid {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&namespace, &bytes)
}

fn timestamp(at: SystemTime) -> Option<Timestamp> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    // The log counts microseconds; finer would not come back the same.
    let nanos = i32::try_from(since.subsec_micros()).ok()?.checked_mul(1000)?;
    Some(Timestamp { seconds: i64::try_from(since.as_secs()).ok()?, nanos })
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::SubscriptionChange;

    use super::*;

    #[test]
    fn who_blocks_or_opts_out_wants_no_messages_and_who_refuses_a_topic_does() {
        let refused = |action: SubscriptionAction, topic: Option<&str>| {
            let change = SubscriptionChange {
                action: action.into(),
                topic: topic.map(Into::into),
                ..SubscriptionChange::default()
            };
            refuses_messages(&Envelope { payload: Some(Payload::SubscriptionChange(change)), ..Envelope::default() })
        };
        assert!(refused(SubscriptionAction::Blocked, None) && refused(SubscriptionAction::OptedOut, None));
        assert!(!refused(SubscriptionAction::OptedOut, Some("marketing_messages")));
        for action in [SubscriptionAction::Unfollowed, SubscriptionAction::OptedIn, SubscriptionAction::Unblocked] {
            assert!(!refused(action, None), "{action:?}");
        }
        assert!(!refuses_messages(&Envelope::default()));
    }

    // Written out: were one of these to change, every consumer would see old events as new ones.
    #[test]
    fn ids_never_change() {
        let id = |uuid: Uuid| uuid.to_string();
        assert_eq!(id(envelope_id("zalo", "7770001", "user_send_text:m1")), "8d5eecf0-4e26-519d-b14b-2eaccfc17f82");
        assert_eq!(
            id(conversation_id("zalo", "7770001", ConversationKind::Direct, "555")),
            "f0105d8d-d89b-51aa-959c-6dd0d449920c"
        );
        assert_eq!(id(contact_id("zalo", "7770001", "555")), "c2a9ffd0-2f71-5306-bb11-83aa84dbe8d6");
    }

    #[test]
    fn texts_that_run_together_give_other_ids() {
        assert_ne!(envelope_id("zalo", "1", "23"), envelope_id("zalo", "12", "3"));
        let (direct, group) = (ConversationKind::Direct, ConversationKind::Group);
        assert_ne!(conversation_id("zalo", "1", direct, "2"), conversation_id("zalo", "1", group, "2"));
    }
}
