//! What every event is made from: bot, who, where and when.

use connector_sdk::{
    Event, Malformed, address, digest_key,
    json::{self, Word, name},
    time::OUT_OF_RANGE,
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, ReplyPolicy, Target, envelope::Payload};
use prost_types::Timestamp;

use crate::wire::{Activity, Person};

/// The scheme of people's ids, which hold for one bot.
pub(crate) const USER: &str = "teams_user_id";
/// The scheme of people's ids in their organization's directory.
pub(crate) const OBJECT: &str = "aad_object_id";

/// One activity.
pub(super) struct Item<'a> {
    pub(super) raw: &'a [u8],
    pub(super) activity: &'a Activity,
}

impl<'a> Item<'a> {
    /// The bot.
    pub(super) fn bot(&self) -> Option<&'a str> {
        self.activity.recipient.0.id.0.get()
    }

    /// What somebody wrote.
    pub(super) fn text(&self) -> Result<Option<String>, Malformed> {
        let Some(raw) = &self.activity.text else { return Ok(None) };
        let word = json::parse::<Word>(raw.get().as_bytes());
        word.map(|word| word.value.into_option()).map_err(|fault| fault_at("text", &fault))
    }

    /// The person's organization.
    pub(super) fn tenant(&self) -> Option<&'a str> {
        let place = self.activity.conversation.0.tenant_id.0.get();
        place.or_else(|| self.activity.channel_data.0.tenant.0.id.0.get())
    }

    /// Activities are told apart by type, conversation and id.
    fn key(&self, more: &[&str]) -> String {
        let activity = self.activity;
        let parts = [&activity.kind.0, &activity.conversation.0.id.0, &activity.id.0].map(|word| word.get());
        match parts {
            [Some(kind), Some(place), Some(id)] => [&[kind, place, id][..], more].concat().join(":"),
            _ => [&[digest_key(self.raw).as_str()][..], more].concat().join(":"),
        }
    }

    /// An event that happens once.
    pub(super) fn once(&self, payload: Payload) -> Event {
        self.event(self.key(&[]), payload)
    }

    /// An event that may happen again to the same message or place: the time tells which it is.
    pub(super) fn again(&self, payload: Payload) -> Event {
        self.part(&[], payload)
    }

    /// One of several events of an activity.
    pub(super) fn part(&self, which: &[&str], payload: Payload) -> Event {
        let activity = self.activity;
        let from = activity.from.0.id.0.get().unwrap_or_default();
        let to = activity.reply_to_id.0.get().unwrap_or_default();
        let at = activity.timestamp.0.get().unwrap_or_default();
        self.event(self.key(&[&[from, to, at][..], which].concat()), payload)
    }

    fn event(&self, key: String, payload: Payload) -> Event {
        let from = &self.activity.from.0;
        let is_ours = from.id.0.get().is_some() && from.id.0.get() == self.bot();
        // Answering programs never ends, so they are marked.
        let role = if from.role.0.get() == Some("bot") { ActorRole::Bot } else { ActorRole::Contact };
        let mut event = Event::new(self.bot(), key, self.raw, payload);
        event = if is_ours {
            event.direction(Direction::Echo).actor(ActorRole::Bot, from.id.0.get())
        } else if from.id.0.get().is_none() {
            event.direction(Direction::System).actor(ActorRole::System, None)
        } else {
            self.known_as(event.direction(Direction::Inbound).actor(role, from.id.0.get()), from)
        };
        if let Some(actor) = &mut event.envelope.actor {
            actor.display_name = from.name.0.get().map(Into::into);
        }
        self.placed(event)
    }

    /// Adds who a person is.
    fn known_as(&self, mut event: Event, person: &Person) -> Event {
        let Some(id) = person.id.0.get() else { return event };
        event = event.identity(USER, id, self.bot());
        if let Some(object) = person.aad_object_id.0.get() {
            event = event.identity(OBJECT, object, self.tenant());
        }
        if let Some(contact) = &mut event.envelope.contact {
            contact.display_name = person.name.0.get().map(Into::into);
            contact.locale = self.activity.locale.0.get().map(Into::into);
        }
        event
    }

    fn placed(&self, mut event: Event) -> Event {
        let place = &self.activity.conversation.0;
        if let Some(id) = place.id.0.get() {
            let kind = match place.conversation_type.0.get() {
                Some("personal") => ConversationKind::Direct,
                Some(_) => ConversationKind::Group,
                None if place.is_group.0.0 => ConversationKind::Group,
                None => ConversationKind::Direct,
            };
            event = event.conversation(kind, id);
            if let Some(conversation) = &mut event.envelope.conversation {
                conversation.title = place.name.0.get().map(Into::into);
                // A thread of a channel hangs under the channel.
                conversation.parent = id.split_once(";messageid=").map(|(channel, _)| channel.to_owned());
            }
        }
        // The address is one of several of Microsoft's, and where the conversation is answered.
        let address = self.activity.service_url.0.get().filter(|url| address::host(url).is_some());
        event.envelope.reply_policy =
            address.map(|url| ReplyPolicy { reply_address: Some(url.into()), ..ReplyPolicy::default() });
        let at = self.activity.timestamp.0.get();
        let moment = at.and_then(moment);
        let degraded = (at.is_some() && moment.is_none()).then_some(OUT_OF_RANGE);
        event.envelope.provider_event_id = self.activity.id.0.get().map(Into::into);
        event.occurred_at(moment).degraded(degraded)
    }

    /// An activity that cannot be typed.
    pub(super) fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        let kinds = [self.activity.kind.0.get(), self.activity.channel_data.0.event_type.0.get()];
        let kind: Vec<_> = kinds.into_iter().flatten().filter_map(name).collect();
        let kind = Some(kind.join(".")).filter(|kind| !kind.is_empty());
        let mut event = Event::unsupported(self.bot(), self.raw, kind.as_deref(), reason, detail);
        event.envelope.dedupe_key = digest_key(self.raw);
        self.placed(event)
    }

    /// The message the activity is.
    pub(super) fn itself(&self) -> Result<Target, Malformed> {
        pointing(self.activity.id.0.get(), "id")
    }

    /// The message the activity is about.
    pub(super) fn answered(&self) -> Result<Target, Malformed> {
        pointing(self.activity.reply_to_id.0.get(), "replyToId")
    }
}

fn pointing(id: Option<&str>, path: &str) -> Result<Target, Malformed> {
    let id = id.ok_or_else(|| json::missing(path))?;
    Ok(Target { provider_message_id: Some(id.into()), ..Target::default() })
}

fn fault_at(path: &str, fault: &Malformed) -> Malformed {
    Malformed { reason: fault.reason, detail: format!("{path}: {}", fault.detail) }
}

/// RFC 3339, from 2001 to 2286.
fn moment(text: &str) -> Option<Timestamp> {
    let at = text.parse::<jiff::Timestamp>().ok()?;
    let is_meant = (1_000_000_000..10_000_000_000).contains(&at.as_second());
    is_meant.then(|| Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() })
}
