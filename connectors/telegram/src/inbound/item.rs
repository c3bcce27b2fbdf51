//! What every event is made from: the bot, the update, where and when.

use std::cell::Cell;

use connector_sdk::{
    Event, Malformed, digest_key,
    json::name,
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, envelope::Payload};

use crate::wire::Chat;

/// One update.
pub(super) struct Item<'a> {
    pub(super) bot: Option<&'a str>,
    pub(super) raw: &'a [u8],
    pub(super) update_id: Option<&'a str>,
    pub(super) kind: &'a str,
    /// What had to be mended to read it.
    pub(super) mended: Cell<Option<&'static str>>,
}

impl<'a> Item<'a> {
    pub(super) fn of(bot: Option<&'a str>, raw: &'a [u8], update_id: Option<&'a str>, kind: &'a str) -> Self {
        Self { bot, raw, update_id, kind, mended: Cell::new(None) }
    }

    /// The only event of the update.
    pub(super) fn event(&self, payload: Payload) -> Event {
        self.made(Event::new(self.bot, self.key(), self.raw, payload))
    }

    /// One of several events; `part` tells them apart.
    pub(super) fn one_of(&self, part: &str, payload: Payload) -> Event {
        self.made(Event::new(self.bot, format!("{}:{part}", self.key()), self.raw, payload))
    }

    /// An update that cannot be typed.
    pub(super) fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        self.unsupported_as(self.kind, reason, detail)
    }

    /// The same under a name of its own.
    pub(super) fn unsupported_as(&self, kind: &str, reason: &'static str, detail: Option<String>) -> Event {
        let mut event = Event::unsupported(self.bot, self.raw, name(kind), reason, detail);
        event.envelope.dedupe_key = self.key();
        self.made(event)
    }

    fn key(&self) -> String {
        self.update_id.map_or_else(|| digest_key(self.raw), Into::into)
    }

    fn made(&self, mut event: Event) -> Event {
        event.envelope.provider_event_id = self.update_id.map(Into::into);
        event
    }
}

/// Puts an event into its chat. What people write to a business account that the bot helps out with is another
/// conversation than what they write to the bot, though the chat's id is the same.
pub(super) fn placed(event: Event, chat: &Chat, business: Option<&str>) -> Result<Event, Malformed> {
    let id = chat.id.required("chat.id")?;
    let private = chat.kind.0.get() == Some("private");
    let kind = if private { ConversationKind::Direct } else { ConversationKind::Group };
    let mut event = match business {
        Some(connection) => event.conversation(kind, format!("{connection}:{id}")),
        None => event.conversation(kind, id),
    };
    if let Some(conversation) = &mut event.envelope.conversation {
        conversation.parent = business.map(Into::into);
        conversation.title = chat.title.0.get().map(Into::into);
    }
    Ok(event)
}

/// When it happened.
pub(super) fn timed(event: Event, date: Option<Epoch>) -> Event {
    let at = date.and_then(Epoch::timestamp);
    event.occurred_at(at).degraded((date.is_some() && at.is_none()).then_some(OUT_OF_RANGE))
}

/// Telegram reports it.
pub(super) fn by_channel(event: Event) -> Event {
    event.direction(Direction::System).actor(ActorRole::System, None)
}
