//! What every event is made from: who, towards whom, and which.

use std::{cell::Cell, collections::HashMap};

use connector_sdk::{
    Event,
    json::{Raw, Soft, name},
    time::OUT_OF_RANGE,
};
use kenh_proto::v1::{ActorRole, Direction, envelope::Payload};
use prost_types::Timestamp;

use crate::wire::{Includes, Profile};

/// The scheme of X's user ids, which are unique in the world.
pub(crate) const USER: &str = "x_user_id";

/// The people of a call, by id.
#[derive(Default)]
pub(super) struct Users(HashMap<String, Profile>);

impl Users {
    /// `users` of a direct message.
    pub(super) fn of_map(raw: Option<&Raw>) -> Self {
        let read = raw.map(super::soft::<HashMap<String, Soft<Profile>>>).unwrap_or_default();
        Self(read.0.into_iter().map(|(id, user)| (id, user.0.inner().clone())).collect())
    }

    /// `includes` of an activity.
    pub(super) fn of_list(includes: Includes) -> Self {
        let users = includes.users.0.into_iter();
        Self(users.filter_map(|user| Some((user.0.id()?.to_owned(), user.0.inner().clone()))).collect())
    }

    /// The only one of them who is not this one.
    pub(super) fn other_than(&self, account: Option<&str>) -> Option<&str> {
        let mut others = self.0.keys().filter(|id| Some(id.as_str()) != account);
        others.next().filter(|_| others.next().is_none()).map(String::as_str)
    }
}

/// One item on its way to an event.
pub(super) struct Item<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) raw: &'a [u8],
    /// X's word for the event.
    pub(super) kind: &'a str,
    /// The list it stands in, and where.
    pub(super) list: &'a str,
    pub(super) place: usize,
    /// X's own identity of the event, where the product has one.
    pub(super) id: Option<String>,
    pub(super) users: &'a Users,
    /// What had to be mended to read it.
    pub(super) mended: Cell<Option<&'static str>>,
}

impl Item<'_> {
    /// Somebody did it, towards `other`. What the account does itself comes back as an echo.
    pub(super) fn event(&self, key: String, actor: Option<&str>, other: Option<&str>, payload: Payload) -> Event {
        let is_own = actor.is_some() && actor == self.account;
        let mut event = Event::new(self.account, self.id.clone().unwrap_or(key), self.raw, payload);
        event.envelope.provider_event_id.clone_from(&self.id);
        event = event.direction(if is_own { Direction::Echo } else { Direction::Inbound });
        if actor.is_some() {
            event = event.actor(if is_own { ActorRole::Unspecified } else { ActorRole::Contact }, actor);
        }
        self.about(event, if is_own { other } else { actor })
    }

    /// An event that cannot be typed.
    pub(super) fn unsupported(&self, kind: &str, reason: &'static str, detail: Option<String>) -> Event {
        let mut event = Event::unsupported(self.account, self.raw, name(kind), reason, detail);
        if let Some(id) = &self.id {
            event.envelope.dedupe_key.clone_from(id);
            event.envelope.provider_event_id = Some(id.clone());
        }
        event
    }

    /// Names the contact, with what the call says of them.
    pub(super) fn about(&self, event: Event, contact: Option<&str>) -> Event {
        let Some(id) = contact.filter(|id| !id.is_empty() && Some(*id) != self.account) else { return event };
        let mut event = event.identity(USER, id, None);
        if let (Some(contact), Some(user)) = (&mut event.envelope.contact, self.users.0.get(id)) {
            profiled(contact, user);
        }
        event
    }
}

/// What a profile says of a contact.
pub(super) fn profiled(contact: &mut kenh_proto::v1::Contact, user: &Profile) {
    let user = user.inner();
    let name = user.name.0.get().or_else(|| user.username.0.get()).or_else(|| user.screen_name.0.get());
    contact.display_name = name.map(Into::into);
    let picture = user.profile_image_url_https.0.clone().into_url();
    contact.avatar = picture.or_else(|| user.profile_image_url.0.clone().into_url());
}

/// An event with its time; a time that was told and cannot be meant is noted.
pub(super) fn timed(event: Event, told: bool, at: Option<Timestamp>) -> Event {
    let broken = told && at.is_none();
    event.occurred_at(at).degraded(broken.then_some(OUT_OF_RANGE))
}
