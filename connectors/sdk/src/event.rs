//! Events as a connector makes them: everything the channel says, nothing the gateway adds.

use kenh_proto::v1::{
    Account, Actor, ActorRole, Contact, Conversation, ConversationKind, Direction, Envelope, Identity, Target,
    Unsupported, envelope::Payload,
};
use prost_types::Timestamp;

/// What one delivery holds.
#[derive(Debug, Default)]
pub struct Batch {
    /// In the channel's order.
    pub events: Vec<Event>,
    /// Items that carry no event.
    pub skipped: Vec<Skipped>,
}

/// An item that carries no event: a console's test ping. An event of an unknown kind is never skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// Why, as a metric label.
    pub reason: &'static str,
}

impl Batch {
    /// A batch of one skipped item.
    pub fn skipped(reason: &'static str) -> Self {
        Self { events: Vec::new(), skipped: vec![Skipped { reason }] }
    }
}

impl From<Event> for Batch {
    fn from(event: Event) -> Self {
        Self { events: vec![event], skipped: Vec::new() }
    }
}

/// A verified body in which no item can be told from another. The pipeline keeps it whole, as an `unsupported` event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Malformed {
    /// Short stable code: `invalid_json`, `unexpected_shape`.
    pub reason: &'static str,
    /// Where and what, without any of the content.
    pub detail: String,
}

/// One thing that happened, before the gateway stamps it.
///
/// `envelope` is filled but for what the pipeline adds: ids, tenant, channel, endpoint, partition, arrival time,
/// quality, digest, trace.
#[derive(Clone)]
pub struct Event {
    /// The draft.
    pub envelope: Envelope,
    /// The bytes of this item, a slice of the delivery where the channel sends batches.
    pub raw: Vec<u8>,
    /// They are kept with the event whatever the endpoint says, as something is in them alone: enclosed files.
    pub keep_raw: bool,
}

// By hand: the draft holds a customer's words.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.envelope.kind())
            .field("size", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// Where the bytes of what cannot be typed stood in the call; `None` where they are all of it.
pub fn place(envelope: &Envelope) -> Option<&str> {
    match &envelope.payload {
        Some(Payload::Unsupported(unsupported)) => unsupported.place.as_deref(),
        _ => None,
    }
}

impl Event {
    /// Starts an event. `key` is the channel's own identity of it, unique within the account.
    pub fn new(account: Option<&str>, key: impl Into<String>, raw: &[u8], payload: Payload) -> Self {
        let envelope = Envelope {
            dedupe_key: key.into(),
            account: Some(Account { external_id: account.map(Into::into), ..Account::default() }),
            payload: Some(payload),
            ..Envelope::default()
        };
        Self { envelope, raw: raw.to_vec(), keep_raw: false }
    }

    /// An item that cannot be typed. Its identity is the digest of its bytes, which a redelivery repeats.
    pub fn unsupported(
        account: Option<&str>,
        raw: &[u8],
        provider_type: Option<&str>,
        reason: &'static str,
        detail: Option<String>,
    ) -> Self {
        let payload =
            Unsupported { provider_type: provider_type.map(Into::into), reason: reason.into(), detail, place: None };
        Self::new(account, digest_key(raw), raw, Payload::Unsupported(payload)).direction(Direction::System)
    }

    /// Where its bytes stood in the call, for an event that cannot be typed: what [`crate::Connector::whole`] goes by. The first
    /// place said is the innermost one, and stays.
    #[must_use]
    pub fn placed(mut self, place: impl FnOnce() -> String) -> Self {
        if let Some(Payload::Unsupported(unsupported)) = &mut self.envelope.payload {
            unsupported.place.get_or_insert_with(place);
        }
        self
    }

    /// Who acted towards whom.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.envelope.direction = direction.into();
        self
    }

    /// The conversation, by the channel's id of it.
    #[must_use]
    pub fn conversation(mut self, kind: ConversationKind, external_id: impl Into<String>) -> Self {
        self.envelope.conversation =
            Some(Conversation { kind: kind.into(), external_id: external_id.into(), ..Conversation::default() });
        self
    }

    /// Adds an identity of the contact. The first one is the one to answer to, and the contact's id comes from it.
    #[must_use]
    pub fn identity(mut self, scheme: &str, value: impl Into<String>, scope: Option<&str>) -> Self {
        let identity =
            Identity { scheme: scheme.into(), value: value.into(), scope: scope.map(Into::into), verified: true };
        self.envelope.contact.get_or_insert_with(Contact::default).identities.push(identity);
        self
    }

    /// Who did it.
    #[must_use]
    pub fn actor(mut self, role: ActorRole, external_id: Option<&str>) -> Self {
        let actor = self.envelope.actor.get_or_insert_with(Actor::default);
        actor.role = role.into();
        actor.external_id = external_id.map(Into::into);
        self
    }

    /// When it happened.
    #[must_use]
    pub fn occurred_at(mut self, at: Option<Timestamp>) -> Self {
        self.envelope.occurred_at = at;
        self
    }

    /// The id of the message the event creates.
    #[must_use]
    pub fn message_id(mut self, id: impl Into<String>) -> Self {
        self.envelope.provider_message_id = Some(id.into());
        self
    }

    /// What the event points at.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.envelope.target = Some(target);
        self
    }

    /// Keeps the bytes with the event; see [`Event::keep_raw`].
    #[must_use]
    pub fn keep_raw(mut self, keep: bool) -> Self {
        self.keep_raw = keep;
        self
    }

    /// Notes something that could not be taken over faithfully, as a short stable code.
    #[must_use]
    pub fn degraded(mut self, code: Option<&'static str>) -> Self {
        if let Some(code) = code {
            self.envelope.quality.get_or_insert_default().degraded.push(code.into());
        }
        self
    }
}

/// The identity of an item that has none of its own: the SHA-256 of its bytes.
pub fn digest_key(raw: &[u8]) -> String {
    use sha2::Digest as _;
    format!("sha256:{}", hex::encode(sha2::Sha256::digest(raw)))
}
