//! What every event of a body is made from: who is who, when, and the bytes.

use connector_sdk::{
    Event, Malformed, digest_key,
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, Identity, ReplyPolicy, envelope::Payload};
use prost_types::Timestamp;

use super::events::Side;
use crate::wire::{Head, missing};

const HOUR: i64 = 3600;
/// Consultation messages are allowed this long after the contact last interacted.
const OPEN: i64 = 7 * 24 * HOUR;
/// And cost nothing this long.
const FREE: i64 = 48 * HOUR;

/// One body on its way to events.
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    pub(super) raw: &'a [u8],
    pub(super) head: &'a Head,
    pub(super) parties: Parties<'a>,
    pub(super) zns_header: bool,
}

/// Who is who. Where the body says it depends on the event.
#[derive(Default, Clone, Copy)]
pub(super) struct Parties<'a> {
    pub(super) oa: Option<&'a str>,
    /// The other side: user, phone number, anonymous visitor or group.
    pub(super) other: Option<&'a str>,
}

impl<'a> Parties<'a> {
    /// `side` is the one the sender is on, where the event has a sender and a recipient.
    pub(super) fn of(head: &'a Head, side: Option<Side>, oa_ids: &[String]) -> Self {
        let named = head.oa_id.0.get().or_else(|| head.oa_id_camel.0.get());
        let (sender, recipient) = (head.sender.0.id.get(), head.recipient.0.id.get());
        let (oa, other) = match side {
            Some(Side::User) => (recipient, sender),
            Some(Side::Oa) => (sender, recipient),
            None => (None, None),
        };
        // The published samples of some events contradict each other; an account that is known settles it.
        let is_account = |id: Option<&str>| id.is_some_and(|id| named == Some(id) || oa_ids.iter().any(|oa| oa == id));
        if is_account(other) && !is_account(oa) {
            return Self { oa: named.or(other), other: oa };
        }
        Self { oa: named.or(oa), other }
    }
}

/// When it happened, and whether the time had to be left out.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) at: Option<Timestamp>,
    pub(super) degraded: Option<&'static str>,
}

impl Item<'_> {
    /// The body's timestamp.
    pub(super) fn occurred_at(&self) -> When {
        let Some(raw) = &self.head.timestamp else { return When { at: None, degraded: None } };
        let at = serde_json::from_str::<Epoch>(raw.get()).ok().and_then(Epoch::timestamp);
        When { at, degraded: at.is_none().then_some(OUT_OF_RANGE) }
    }

    /// The timestamp as written, for identities it is a part of.
    pub(super) fn timestamp_literal(&self) -> &str {
        self.head.timestamp.as_ref().map(|raw| raw.get().trim_matches('"')).unwrap_or_default()
    }

    /// An identity made of the event's name and what tells it from others of that name.
    pub(super) fn key(&self, parts: &[&str]) -> String {
        [&[self.name], parts].concat().join(":")
    }

    /// The identity of an event that has none of its own.
    pub(super) fn digest(&self) -> String {
        digest_key(self.raw)
    }

    pub(super) fn event(&self, key: String, payload: Payload) -> Event {
        Event::new(self.parties.oa, key, self.raw, payload)
    }

    pub(super) fn unsupported(&self, name: Option<&str>, reason: &'static str, detail: Option<String>) -> Event {
        Event::unsupported(self.parties.oa, self.raw, name, reason, detail)
    }

    /// The account, for events about somebody: their id means nothing without it.
    pub(super) fn oa(&self) -> Result<&str, Malformed> {
        self.parties.oa.ok_or_else(|| missing("oa_id"))
    }

    /// The user's side of a sender and recipient pair.
    pub(super) fn other(&self) -> Result<&str, Malformed> {
        self.parties.other.ok_or_else(|| missing("sender.id or recipient.id"))
    }

    /// Adds a user's identities, the one to answer to first.
    pub(super) fn identified(&self, event: Event, user: &str) -> Result<Event, Malformed> {
        let event = event.identity("zalo_uid", user, Some(self.oa()?));
        Ok(self.identified_by_app(event))
    }

    /// Adds the id by which the app knows the user, where the body has it.
    pub(super) fn identified_by_app(&self, event: Event) -> Event {
        match self.head.user_id_by_app.0.get() {
            Some(id) => event.identity("zalo_uid_by_app", id, self.head.app_id.0.get()),
            None => event,
        }
    }

    /// Puts the event into the conversation with a user.
    pub(super) fn with_user(&self, event: Event, user: &str) -> Result<Event, Malformed> {
        Ok(self.identified(event, user)?.conversation(ConversationKind::Direct, user))
    }

    /// A user as a member of something.
    pub(super) fn member(&self, user: String) -> Identity {
        let scope = self.parties.oa.map(Into::into);
        Identity { scheme: "zalo_uid".into(), value: user, scope, verified: true }
    }

    /// Somebody of the business did it: a person of whom Zalo gives the id, else a program.
    pub(super) fn by_business(&self, event: Event) -> Event {
        let event = event.direction(Direction::Echo);
        match self.head.sender.0.admin_id.0.get() {
            Some(admin) => event.actor(ActorRole::Agent, Some(admin)),
            None => event.actor(ActorRole::Bot, None),
        }
    }

    /// What may be sent from here on. Only for what the contact did themselves: message, follow, call, chat button.
    pub(super) fn opens_window(&self, mut event: Event) -> Event {
        let later = |seconds| self.occurred_at().at.map(|at| Timestamp { seconds: at.seconds + seconds, ..at });
        if let Some(open_until) = later(OPEN) {
            event.envelope.reply_policy =
                Some(ReplyPolicy { open_until: Some(open_until), free_until: later(FREE), ..ReplyPolicy::default() });
        }
        event
    }
}

/// The contact did it.
pub(super) fn by_contact(event: Event, id: Option<&str>) -> Event {
    event.direction(Direction::Inbound).actor(ActorRole::Contact, id)
}

/// Zalo itself reports it.
pub(super) fn by_channel(event: Event) -> Event {
    event.direction(Direction::System).actor(ActorRole::System, None)
}

/// Adds a phone number, or the digest of one, as identity: known everywhere, so without scope.
pub(super) fn with_phone(event: Event, phone: &str) -> Event {
    event.identity(if is_sha256(phone) { "phone_sha256" } else { "phone" }, phone, None)
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
