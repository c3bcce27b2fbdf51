//! Who did something in public, below which post and when.

use connector_sdk::{
    Event,
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, envelope::Payload};
use prost_types::Timestamp;

use crate::item::Item;

/// The surroundings of one public event.
#[allow(missing_debug_implementations, reason = "holds a customer's name")]
pub struct Public<'a> {
    /// What was sent.
    pub item: &'a Item<'a>,
    /// The scheme of the author's id.
    pub scheme: &'static str,
    /// Absent for people who gave the app no leave to know them.
    pub author: Option<Author>,
    /// The post below which it happened.
    pub post: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// What could not be taken over faithfully.
    pub degraded: [Option<&'static str>; 2],
}

/// Somebody as Meta names them below a post.
#[allow(missing_debug_implementations, reason = "holds a customer's name")]
pub struct Author {
    /// Their id.
    pub id: Option<String>,
    /// Their name or user name.
    pub name: Option<String>,
}

impl Author {
    /// The author, when anything is known of them.
    pub fn of(id: Option<String>, name: Option<String>) -> Option<Self> {
        (id.is_some() || name.is_some()).then_some(Self { id, name })
    }
}

impl Public<'_> {
    /// An event by the author. The page's own arrive too: answering those would never end.
    pub fn event(&self, key: String, payload: Payload) -> Event {
        self.around(Event::new(self.item.account, key, self.item.raw, payload))
    }

    /// An event about what the author wrote, by nobody knows whom: a comment may be removed by its author, the page
    /// or Meta.
    pub fn event_by_somebody(&self, key: String, payload: Payload) -> Event {
        let mut event = self.event(key, payload);
        event.envelope.actor = None;
        event
    }

    /// An event that cannot be typed.
    pub fn unsupported(&self, kind: Option<&str>, reason: &'static str) -> Event {
        self.around(self.item.unsupported(kind, reason, None)).direction(Direction::System)
    }

    fn around(&self, mut event: Event) -> Event {
        let id = self.author.as_ref().and_then(|author| author.id.as_deref());
        let name = self.author.as_ref().and_then(|author| author.name.clone());
        let is_own = id.is_some() && id == self.item.account;
        if let Some(post) = &self.post {
            event = event.conversation(ConversationKind::PublicPost, post);
        }
        if let (Some(id), false) = (id, is_own) {
            // Like all of Meta's ids of people it holds for this account only.
            event = event.identity(self.scheme, id, self.item.account);
            event.envelope.contact.get_or_insert_default().display_name.clone_from(&name);
        }
        event = event.direction(if is_own { Direction::Echo } else { Direction::Inbound });
        if self.author.is_some() {
            event = event.actor(if is_own { ActorRole::Unspecified } else { ActorRole::Contact }, id);
            event.envelope.actor.get_or_insert_default().display_name = name;
        }
        let [mended, range] = self.degraded;
        event.occurred_at(self.at).degraded(mended).degraded(range)
    }
}

/// The first of the times that can be meant, and whether one of them cannot.
pub fn moment<const N: usize>(times: [Option<Epoch>; N]) -> (Option<Timestamp>, Option<&'static str>) {
    let at = times.iter().flatten().find_map(|time| time.timestamp());
    let broken = times.iter().flatten().next().is_some_and(|time| time.timestamp().is_none());
    (at, broken.then_some(OUT_OF_RANGE))
}
