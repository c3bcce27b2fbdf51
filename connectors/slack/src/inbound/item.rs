//! What every event is made from: workspace, who, where and when.

use connector_sdk::{Event, digest_key, json::name, time::Epoch};
use kenh_proto::v1::{ActorRole, Direction, envelope::Payload};
use prost_types::Timestamp;

use super::{place::placed, stamp::moment};
use crate::wire::{self, Author, Call};

/// The scheme of people's ids, which hold within a workspace.
pub(crate) const USER: &str = "slack_user_id";

/// One call of the Events API.
pub(super) struct Item<'a> {
    pub(super) raw: &'a [u8],
    pub(super) call: &'a Call,
    pub(super) event: &'a wire::Event,
    pub(super) author: &'a Author,
}

impl<'a> Item<'a> {
    /// The workspace.
    pub(super) fn team(&self) -> Option<&'a str> {
        self.call.team_id.0.get()
    }

    /// The app's own users.
    pub(super) fn bots(&self) -> Vec<&'a str> {
        let ours = self.call.authorizations.0.iter().filter(|authorization| authorization.is_bot.0);
        ours.filter_map(|authorization| authorization.user_id.get()).collect()
    }

    /// An event at a place, by nobody yet.
    pub(super) fn event(&self, key: String, channel: Option<&str>, payload: Payload) -> Event {
        let mut event = placed(Event::new(self.team(), key, self.raw, payload), channel);
        event.envelope.provider_event_id = self.call.event_id.0.get().map(Into::into);
        event.occurred_at(self.at())
    }

    /// An event that cannot be typed.
    pub(super) fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        let kind = [self.event.kind.0.get(), self.event.subtype.0.get()];
        let kind: Vec<_> = kind.into_iter().flatten().filter_map(name).collect();
        let kind = Some(kind.join(".")).filter(|kind| !kind.is_empty());
        let mut event = Event::unsupported(self.team(), self.raw, kind.as_deref(), reason, detail);
        event.envelope.dedupe_key = self.key();
        event.envelope.provider_event_id = self.call.event_id.0.get().map(Into::into);
        placed(event, self.event.channel.0.get()).occurred_at(self.at())
    }

    /// Slack's id of the event, the same over all attempts.
    pub(super) fn key(&self) -> String {
        self.call.event_id.0.get().map_or_else(|| digest_key(self.raw), Into::into)
    }

    /// Whoever did it: a person, the app itself, or another program. Answering programs never ends, so they are marked.
    pub(super) fn by(&self, author: &Author, event: Event) -> Event {
        let (user, bot) = (author.user.0.get(), author.bot_id.0.get());
        let app = author.app_id.0.get();
        let ours = user.is_some_and(|user| self.bots().contains(&user))
            || (bot.is_some() && app.is_some() && app == self.call.api_app_id.0.get());
        if ours {
            let mut event = event.direction(Direction::Echo).actor(ActorRole::Bot, user.or(bot));
            event.envelope.actor.get_or_insert_default().app_id = app.map(Into::into);
            return event;
        }
        let event = self.known_as(author, event).direction(Direction::Inbound);
        match bot {
            Some(bot) => {
                let mut event = event.actor(ActorRole::Bot, Some(bot));
                event.envelope.actor.get_or_insert_default().app_id = app.map(Into::into);
                event
            }
            None => event.actor(ActorRole::Contact, user),
        }
    }

    /// Adds whom an event concerns, without saying that they did it.
    pub(super) fn known_as(&self, author: &Author, event: Event) -> Event {
        let mut event = match (author.user.0.get(), author.bot_id.0.get()) {
            (Some(user), _) if self.bots().contains(&user) => return event,
            (Some(user), _) => event.identity(USER, user, self.team()),
            (None, Some(bot)) => event.identity("slack_bot_id", bot, self.team()),
            (None, None) => return event,
        };
        let name = author.username.0.get().map(Into::into);
        event.envelope.contact.get_or_insert_default().display_name = name;
        event
    }

    fn at(&self) -> Option<Timestamp> {
        let stamps = [&self.event.event_ts, &self.event.ts];
        let exact = stamps.into_iter().filter_map(|stamp| stamp.0.get()).find_map(moment);
        exact.or_else(|| self.call.event_time.and_then(Epoch::timestamp))
    }
}

/// Slack reports it.
pub(super) fn by_channel(event: Event) -> Event {
    event.direction(Direction::System).actor(ActorRole::System, None)
}
