//! Whom an item concerns, when, and what may be answered.

use connector_meta::key::{fingerprint, key};
use connector_sdk::{Event, json::Word};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, ReplyPolicy, Target, Unsupported, envelope::Payload};
use prost_types::Timestamp;

use super::{element::Element, path, person::Person};

/// How long everything may be sent after a person wrote; templates alone may be sent afterwards.
/// See <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#customer-service-windows>.
const WINDOW: i64 = 24 * 3600;

/// The parties and the time of one item.
pub(super) struct Subject<'a> {
    pub(super) element: &'a Element<'a>,
    pub(super) person: Option<Person>,
    /// Where several people write.
    pub(super) group: Option<String>,
    pub(super) direction: Direction,
    pub(super) at: Option<Timestamp>,
    pub(super) degraded: Vec<&'static str>,
}

impl Subject<'_> {
    /// An event between the person and the business. Echoes are written by people of the business, in its app.
    pub(super) fn event(&self, key: String, payload: Payload) -> Event {
        let event = self.around(self.element.place.event(key, self.element.raw, payload)).direction(self.direction);
        match self.direction {
            Direction::Inbound => event.actor(ActorRole::Contact, self.person.as_ref().and_then(Person::id)),
            Direction::Echo => event.actor(ActorRole::Agent, self.element.place.account.as_deref()),
            Direction::Unspecified | Direction::Outbound | Direction::System => event,
        }
    }

    /// An event that opens the window for replies.
    pub(super) fn interaction(&self, key: String, payload: Payload) -> Event {
        let mut event = self.event(key, payload);
        if self.direction == Direction::Inbound {
            let until = |at: Timestamp| Timestamp { seconds: at.seconds.saturating_add(WINDOW), ..at };
            event.envelope.reply_policy =
                self.at.map(|at| ReplyPolicy { open_until: Some(until(at)), ..ReplyPolicy::default() });
        }
        event
    }

    /// An item that cannot be typed.
    pub(super) fn unsupported(&self, kind: Option<&str>, reason: &'static str) -> Event {
        self.around(self.element.unsupported(kind, reason, None))
    }

    /// A message that cannot be typed: the person who wrote it waits all the same. Read again when its type is known,
    /// it is another event.
    pub(super) fn withheld(&self, id: &Word, kind: &str, reason: &'static str, detail: Option<String>) -> Event {
        let kind = Some(path(self.element.list, Some(kind)));
        let payload = Unsupported { provider_type: kind, reason: reason.into(), detail, place: None };
        let mut event = self.interaction(self.key("unsupported", id), Payload::Unsupported(payload));
        event.envelope.provider_message_id = id.get().map(Into::into);
        event
    }

    /// The identity of what has an id; without one, its bytes.
    pub(super) fn key(&self, kind: &str, id: &Word) -> String {
        id.get().map_or_else(|| key(kind, &[&fingerprint(self.element.raw)]), |id| key(kind, &[id]))
    }

    fn around(&self, mut event: Event) -> Event {
        let person = self.person.as_ref();
        if let Some(group) = &self.group {
            event = event.conversation(ConversationKind::Group, group);
        } else if let Some(id) = person.and_then(Person::id) {
            event = event.conversation(ConversationKind::Direct, id);
        }
        if let Some(person) = person {
            event = person.identify(event, self.element.place.scope());
        }
        for code in &self.degraded {
            event = event.degraded(Some(code));
        }
        event.occurred_at(self.at)
    }
}

/// The message an event points at.
pub(super) fn target(message: Option<String>) -> Target {
    Target { provider_message_id: message, ..Target::default() }
}
