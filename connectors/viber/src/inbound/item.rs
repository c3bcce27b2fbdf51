//! What every event is made from: who, when, and which.

use connector_sdk::{
    Event, Malformed, digest_key,
    json::{missing, name},
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, envelope::Payload};
use prost_types::Timestamp;

use crate::wire::{Call, Person};

/// The scheme of Viber's user ids, which differ from bot to bot.
pub(crate) const USER: &str = "viber_user_id";

/// One call on its way to an event.
pub(super) struct Item<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) raw: &'a [u8],
    pub(super) call: &'a Call,
}

impl Item<'_> {
    /// The person's id, for events that are nothing without one.
    pub(super) fn person(&self) -> Result<&str, Malformed> {
        let id = || self.profile().and_then(|person| person.id.get());
        id().or_else(|| self.call.user_id.0.get()).ok_or_else(|| missing("sender.id, user.id or user_id"))
    }

    /// The person did it.
    pub(super) fn by_user(&self, payload: Payload) -> Event {
        let event = self.around(Event::new(self.account, self.key(), self.raw, payload));
        event.direction(Direction::Inbound).actor(ActorRole::Contact, self.person().ok())
    }

    /// Viber reports it.
    pub(super) fn by_channel(&self, payload: Payload) -> Event {
        let event = self.around(Event::new(self.account, self.key(), self.raw, payload));
        event.direction(Direction::System).actor(ActorRole::System, None)
    }

    /// An event that cannot be typed.
    pub(super) fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        let kind = self.call.event.0.get().and_then(name);
        let mut event = Event::unsupported(self.account, self.raw, kind, reason, detail);
        event.envelope.dedupe_key = self.key();
        self.around(event)
    }

    pub(super) fn at(&self) -> Option<Timestamp> {
        self.call.timestamp.and_then(Epoch::timestamp)
    }

    /// Receipts have the token of their message: the event's name tells them apart.
    fn key(&self) -> String {
        match (self.call.event.0.get(), self.call.message_token.0.get()) {
            (Some(event), Some(token)) => format!("{event}:{token}"),
            _ => digest_key(self.raw),
        }
    }

    fn profile(&self) -> Option<&Person> {
        self.call.sender.0.as_ref().or(self.call.user.0.as_ref())
    }

    fn around(&self, mut event: Event) -> Event {
        if let Ok(id) = self.person() {
            event = event.identity(USER, id, self.account).conversation(ConversationKind::Direct, id);
        }
        if let (Some(contact), Some(person)) = (&mut event.envelope.contact, self.profile().cloned()) {
            contact.display_name = person.name.0.into_option();
            contact.avatar = person.avatar.0.into_url();
            contact.locale = person.language.0.into_option();
        }
        let out_of_range = self.call.timestamp.is_some() && self.at().is_none();
        event.occurred_at(self.at()).degraded(out_of_range.then_some(OUT_OF_RANGE))
    }
}
