//! What every event is made from: where, who, and which.

use connector_sdk::{
    Event, digest_key,
    json::{Soft, Word, name},
    time::{OUT_OF_RANGE, from_rfc3339},
};
use kenh_proto::v1::{ActorRole, Direction, envelope::Payload};

/// The schemes of people: by their name, which answers take, and by their number, which stays when they change it. Both hold
/// within a site.
pub(crate) const USERNAME: &str = "discourse_username";
const USER_ID: &str = "discourse_user_id";

/// Where it happens.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// Its address: the account.
    pub(crate) url: Option<String>,
    /// Names in lower case whose posts are the business's own.
    pub(crate) own: Vec<String>,
}

/// Who does something.
pub(super) struct Person<'a> {
    pub(super) username: &'a Soft<Word>,
    pub(super) id: &'a Soft<Word>,
    pub(super) name: &'a Soft<Word>,
}

/// One call on its way to an event.
pub(super) struct Item<'a> {
    pub(super) site: &'a Site,
    pub(super) raw: &'a [u8],
    /// The body's one member.
    pub(super) kind: &'a str,
    /// What the header says: `post_created`.
    pub(super) event: Option<&'a str>,
}

impl Item<'_> {
    /// What a person did.
    pub(super) fn done(&self, key: String, person: &Person<'_>, payload: Payload) -> Event {
        let account = self.site.url.as_deref();
        let username = person.username.0.get();
        let is_own = username.is_some_and(|name| self.site.own.contains(&name.to_lowercase()));
        let mut event = Event::new(account, key, self.raw, payload);
        event = event.direction(if is_own { Direction::Echo } else { Direction::Inbound });
        if let Some(username) = username {
            event = event.actor(if is_own { ActorRole::Unspecified } else { ActorRole::Contact }, Some(username));
        }
        if is_own { event } else { self.about(event, person) }
    }

    /// An event that cannot be typed.
    pub(super) fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        let kind = self.event.or_else(|| name(self.kind));
        let mut event = Event::unsupported(self.site.url.as_deref(), self.raw, kind, reason, detail);
        // One thing can be created and destroyed in the same words.
        event.envelope.dedupe_key = format!("{}:{}", kind.unwrap_or("event"), digest_key(self.raw));
        event
    }

    /// Names the contact.
    pub(super) fn about(&self, mut event: Event, person: &Person<'_>) -> Event {
        let scope = self.site.url.as_deref();
        for (scheme, value) in [(USERNAME, person.username), (USER_ID, person.id)] {
            if let Some(value) = value.0.get() {
                event = event.identity(scheme, value, scope);
            }
        }
        if let Some(contact) = &mut event.envelope.contact {
            contact.display_name = person.name.0.get().or_else(|| person.username.0.get()).map(Into::into);
        }
        event
    }
}

/// With its time; one that was told and is none is noted.
pub(super) fn timed(event: Event, text: Option<&str>) -> Event {
    let at = text.and_then(from_rfc3339);
    event.occurred_at(at).degraded((text.is_some() && at.is_none()).then_some(OUT_OF_RANGE))
}
