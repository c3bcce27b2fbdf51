//! What every event is made from: who, where, when, and how to answer.

use std::cell::Cell;

use connector_sdk::{
    Event, digest_key,
    json::name,
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, Identity, ReplyPolicy, envelope::Payload};
use prost_types::Timestamp;

use crate::wire::Head;

/// The scheme of LINE's user ids. They hold within the provider the account belongs to, which no webhook names; the
/// account is the safe scope.
pub(crate) const USER: &str = "line_user_id";

/// A reply token is good this long after the event.
const REPLY_TOKEN: i64 = 60;

/// One event of a call.
pub(super) struct Item<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) raw: &'a [u8],
    pub(super) head: &'a Head,
    /// What had to be mended to read it.
    pub(super) mended: Cell<Option<&'static str>>,
}

impl Item<'_> {
    /// The user did it.
    pub(super) fn by_user(&self, payload: Payload) -> Event {
        let event = self.around(Event::new(self.account, self.key(), self.raw, payload));
        event.direction(Direction::Inbound).actor(ActorRole::Contact, self.head.source.0.user_id.get())
    }

    /// LINE reports it.
    pub(super) fn by_channel(&self, payload: Payload) -> Event {
        let event = self.around(Event::new(self.account, self.key(), self.raw, payload));
        event.direction(Direction::System).actor(ActorRole::System, None)
    }

    /// An event that cannot be typed.
    pub(super) fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        let kind = self.head.kind.0.get().and_then(name);
        let mut event = Event::unsupported(self.account, self.raw, kind, reason, detail);
        event.envelope.dedupe_key = self.key();
        self.around(event)
    }

    /// A user as a member of something.
    pub(super) fn member(&self, id: String) -> Identity {
        Identity { scheme: USER.into(), value: id, scope: self.account.map(Into::into), verified: true }
    }

    /// LINE's id of the event. Without one, its bytes, but for the mark that a redelivery changes.
    fn key(&self) -> String {
        if let Some(id) = self.head.webhook_event_id.0.get() {
            return id.to_owned();
        }
        let text = String::from_utf8_lossy(self.raw);
        digest_key(text.replace("\"isRedelivery\":true", "\"isRedelivery\":false").as_bytes())
    }

    fn around(&self, mut event: Event) -> Event {
        let source = &self.head.source.0;
        if let Some(user) = source.user_id.get() {
            event = event.identity(USER, user, self.account);
        }
        let group = source.group_id.get().or_else(|| source.room_id.get());
        event = match (group, source.user_id.get()) {
            (Some(group), _) => event.conversation(ConversationKind::Group, group),
            (None, Some(user)) => event.conversation(ConversationKind::Direct, user),
            (None, None) => event,
        };
        event.envelope.provider_event_id = self.head.webhook_event_id.0.get().map(Into::into);
        event.envelope.reply_policy = self.reply_policy();
        if self.is_redelivery() {
            event.envelope.quality.get_or_insert_default().redelivered = true;
        }
        let out_of_range = self.head.timestamp.is_some() && self.at().is_none();
        event.occurred_at(self.at()).degraded(out_of_range.then_some(OUT_OF_RANGE))
    }

    fn at(&self) -> Option<Timestamp> {
        self.head.timestamp.and_then(Epoch::timestamp)
    }

    fn is_redelivery(&self) -> bool {
        self.head.delivery_context.0.is_redelivery.0
    }

    /// Answering with the token is free, pushing is not. How long the token of a redelivered event is good counts from
    /// its arrival, and it may have been used.
    fn reply_policy(&self) -> Option<ReplyPolicy> {
        if self.head.mode.0.get() == Some("standby") {
            return Some(ReplyPolicy { observer_only: true, ..ReplyPolicy::default() });
        }
        let reply_token = Some(self.head.reply_token.0.get()?.to_owned());
        let until = self.at().map(|at| Timestamp { seconds: at.seconds + REPLY_TOKEN, ..at });
        Some(ReplyPolicy { reply_token, free_until: until.filter(|_| !self.is_redelivery()), ..ReplyPolicy::default() })
    }
}
