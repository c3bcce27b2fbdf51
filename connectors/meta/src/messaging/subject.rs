//! Whom an item of `messaging` or `standby` concerns, when, and what may be answered.

use connector_sdk::{Event, time};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, ReplyPolicy, envelope::Payload};
use prost_types::Timestamp;

use super::Dialect;
use crate::{
    wire,
    {
        item::{Item, List},
        key::{fingerprint, key, moment},
    },
};

/// How long ordinary replies are allowed after a person did something, and replies that a person writes.
/// See <https://developers.facebook.com/docs/messenger-platform/policy/policy-overview>.
const STANDARD_WINDOW: i64 = 24 * 3600;
const HUMAN_AGENT_WINDOW: i64 = 7 * 24 * 3600;

/// The parties and the time of one item.
pub(super) struct Subject<'a> {
    pub(super) item: &'a Item<'a>,
    /// The page acted, as opposed to the person.
    pub(super) from_page: bool,
    page: Option<String>,
    person: Option<Person>,
    /// What the page's checkbox plugin called the person before they first wrote.
    former_user_ref: Option<String>,
    at: Option<Timestamp>,
    degraded: [Option<&'static str>; 2],
}

struct Person {
    scheme: &'static str,
    id: String,
}

impl<'a> Subject<'a> {
    /// Finds out. An echo's sender is the page, its recipient the person.
    pub(super) fn of(item: &'a Item<'a>, dialect: Dialect, parts: &wire::Item, mended: Option<&'static str>) -> Self {
        let id = |party: &Option<wire::Party>| party.as_ref().and_then(|party| party.id.get().map(String::from));
        let (sender, recipient) = (id(&parts.sender), id(&parts.recipient));
        let is_echo = parts.message.as_ref().is_some_and(|message| message.is_echo.0);
        let from_page = is_echo || (sender.is_some() && sender.as_deref() == item.account);
        let (page, person) = if from_page { (sender, &parts.recipient) } else { (recipient, &parts.sender) };
        let optin = parts.optin.as_ref().and_then(|optin| optin.user_ref.get());
        let stated = parts.timestamp.map(time::Epoch::timestamp);
        Self {
            item,
            from_page,
            page: item.account.map(Into::into).or(page),
            person: Person::of(person.as_ref(), optin, dialect),
            former_user_ref: parts.prior_message.as_ref().and_then(|prior| prior.identifier.get().map(Into::into)),
            at: stated.flatten().or_else(|| item.time?.timestamp()),
            degraded: [mended, (stated == Some(None)).then_some(time::OUT_OF_RANGE)],
        }
    }

    /// An event between the page and the person.
    pub(super) fn event(&self, key: impl Into<String>, payload: Payload) -> Event {
        let event = self.around(Event::new(self.page(), key, self.item.raw, payload));
        if self.from_page {
            event.direction(Direction::Echo).actor(ActorRole::Unspecified, self.page())
        } else {
            event
                .direction(Direction::Inbound)
                .actor(ActorRole::Contact, self.person.as_ref().map(|who| who.id.as_str()))
        }
    }

    /// An event that opens the window for replies.
    pub(super) fn interaction(&self, key: impl Into<String>, payload: Payload) -> Event {
        let mut event = self.event(key, payload);
        if !self.from_page && !self.observes() {
            let later = |seconds| self.at.map(|at| Timestamp { seconds: at.seconds.saturating_add(seconds), ..at });
            event.envelope.reply_policy = self.at.map(|_| ReplyPolicy {
                open_until: later(STANDARD_WINDOW),
                human_agent_until: later(HUMAN_AGENT_WINDOW),
                ..ReplyPolicy::default()
            });
        }
        event
    }

    /// An event that Meta tells of a conversation; nobody in it acted.
    pub(super) fn notice(&self, key: impl Into<String>, payload: Payload) -> Event {
        self.around(Event::new(self.page(), key, self.item.raw, payload)).direction(Direction::System)
    }

    /// An item that cannot be typed.
    pub(super) fn unsupported(&self, kind: Option<&str>, reason: &'static str) -> Event {
        let mut event = self.item.unsupported(kind, reason, None);
        event.envelope.account.get_or_insert_default().external_id.clone_from(&self.page);
        self.around(event)
    }

    /// A key of parts, in the order of the vendor's facts: who, when, what.
    pub(super) fn key(&self, kind: &str, parts: &[&str]) -> String {
        let who = self.person.as_ref().map_or("", |person| person.id.as_str());
        key(kind, &[&[who], parts].concat())
    }

    /// The key of what has a message id. Without one, the bytes identify it.
    pub(super) fn message_key(&self, kind: &str, mid: Option<&str>) -> String {
        mid.map_or_else(|| key(kind, &[&fingerprint(self.item.raw)]), |mid| key(kind, &[mid]))
    }

    /// The moment, as part of a key.
    pub(super) fn moment(&self) -> String {
        moment(self.at, self.item.raw)
    }

    fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// Another app owns the thread; this one looks on.
    fn observes(&self) -> bool {
        self.item.list == List::Standby
    }

    fn around(&self, mut event: Event) -> Event {
        if let Some(person) = &self.person {
            event = event.conversation(ConversationKind::Direct, &person.id);
            // An Instagram account may write to itself: nobody else is there.
            if self.page() != Some(&person.id) {
                event = event.identity(person.scheme, &person.id, self.page());
            }
        }
        if let Some(user_ref) = &self.former_user_ref {
            event = event.identity("user_ref", user_ref, self.page());
        }
        if self.observes() {
            event.envelope.reply_policy = Some(ReplyPolicy { observer_only: true, ..ReplyPolicy::default() });
        }
        let [mended, range] = self.degraded;
        event.occurred_at(self.at).degraded(mended).degraded(range)
    }
}

impl Person {
    /// By the id in the account, or by the reference of somebody who has none yet.
    fn of(party: Option<&wire::Party>, optin: Option<&str>, dialect: Dialect) -> Option<Self> {
        let id = party.and_then(|party| party.id.get());
        let user_ref = || party.and_then(|party| party.user_ref.get()).or(optin);
        let own = id.map(|id| Self { scheme: dialect.scheme, id: id.into() });
        own.or_else(|| user_ref().map(|id| Self { scheme: "user_ref", id: id.into() }))
    }
}
