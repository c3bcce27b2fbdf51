//! What one call of a provider says of a phone call, and the event it makes.

use connector_sdk::{
    Event,
    fields::Item,
    phone::{Address, Numbers},
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{
    ActorRole, CallAction, CallEvent, ConversationKind, Direction, Media, MediaKind, MediaState, envelope::Payload,
};
use prost_types::Timestamp;

/// What a caller who does not want to be known has in the place of a number: words, and the same on a telephone's keys.
const WITHHELD: &[&str] = &[
    "anonymous",
    "+266696687",
    "restricted",
    "+7378742833",
    "blocked",
    "+2562533",
    "unknown",
    "+8656696",
    "unavailable",
    "+86282452253",
];

/// Who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Caller {
    /// The provider does not say.
    #[default]
    Unknown,
    /// The customer.
    Contact,
    /// The business called the customer.
    Business,
    /// Both ends are the business's own.
    Internal,
}

/// What a call of a provider says.
#[derive(Default)]
pub(crate) struct Heard {
    /// The business's account at the provider; the same for all events of a phone call.
    pub(crate) account: Option<String>,
    /// What tells this event from the others of the account.
    pub(crate) key: Vec<String>,
    /// The phone call that holds all legs, by the provider's id.
    pub(crate) thread: String,
    /// When it happened.
    pub(crate) at: Option<Timestamp>,
    /// What could not be taken over faithfully.
    pub(crate) degraded: Option<&'static str>,
    /// The provider's own position of it within its call.
    pub(crate) sequence: Option<i64>,
    pub(crate) caller: Caller,
    /// The customer.
    pub(crate) contact: Option<Address>,
    pub(crate) contact_name: Option<String>,
    /// What happened.
    pub(crate) call: CallEvent,
}

impl Heard {
    /// Takes a time over, or notes that it cannot be meant.
    pub(crate) fn happened_at(&mut self, text: Option<&str>) {
        self.at = text.and_then(|text| Epoch::read(text).timestamp());
        if text.is_some() && self.at.is_none() {
            self.degraded = Some(OUT_OF_RANGE);
        }
    }

    /// The event. Its direction is the call's: who called.
    pub(crate) fn event(mut self, item: &Item) -> Event {
        self.contact = self.contact.filter(|contact| !contact.value().is_empty());
        self.call.by_business = self.caller == Caller::Business;
        self.call.internal = self.caller == Caller::Internal;
        let direction = match self.caller {
            Caller::Contact => Direction::Inbound,
            Caller::Business => Direction::Echo,
            Caller::Internal | Caller::Unknown => Direction::System,
        };
        let role = self.who();
        let agent = (self.call.agent_id.clone(), self.call.agent_name.clone());
        let payload = Payload::CallEvent(self.call);
        let mut event = Event::new(self.account.as_deref(), self.key.join(":"), &item.raw, payload)
            .direction(direction)
            .conversation(ConversationKind::Call, self.thread)
            .occurred_at(self.at)
            .degraded(self.degraded);
        event = match role {
            ActorRole::Contact => event.actor(role, self.contact.as_ref().map(Address::value)),
            ActorRole::Agent => event.actor(role, agent.0.as_deref()),
            ActorRole::Unspecified | ActorRole::Bot | ActorRole::System => event.actor(ActorRole::System, None),
        };
        if let Some(contact) = &self.contact {
            event = event.identity(contact.scheme("voice_address"), contact.value(), None);
        }
        let envelope = &mut event.envelope;
        envelope.sequence = self.sequence;
        if let Some(contact) = &mut envelope.contact {
            contact.display_name = self.contact_name;
        }
        if let Some(actor) = envelope.actor.as_mut().filter(|actor| actor.role() == ActorRole::Agent) {
            actor.display_name = agent.1;
        }
        event
    }

    /// Who did what happened: the caller dials, the other one takes the call, either hangs up.
    fn who(&self) -> ActorRole {
        let called = |by_caller: bool| match (self.caller, by_caller) {
            (Caller::Contact, true) | (Caller::Business, false) => ActorRole::Contact,
            (Caller::Contact, false) | (Caller::Business, true) | (Caller::Internal, _) => ActorRole::Agent,
            (Caller::Unknown, _) => ActorRole::System,
        };
        match self.call.action() {
            CallAction::Dialled | CallAction::Ringing => called(true),
            CallAction::Answered => called(false),
            CallAction::Ended | CallAction::HungUp => self.call.ended_by(),
            CallAction::Unspecified
            | CallAction::Missed
            | CallAction::Recorded
            | CallAction::ConsentRequested
            | CallAction::ConsentExpired
            | CallAction::ConsentGranted
            | CallAction::ConsentDenied => ActorRole::System,
        }
    }
}

/// Whether this stands in the place of a number that is not to be known.
pub(crate) fn is_withheld(address: &str) -> bool {
    WITHHELD.iter().any(|word| address.eq_ignore_ascii_case(word))
}

/// A number as E.164, anything else as it was written.
pub(crate) fn written(numbers: Numbers, text: &str) -> String {
    numbers.read(text).value().to_owned()
}

/// A number of seconds, in milliseconds.
pub(crate) fn millis(item: &Item, path: &'static str) -> Option<u64> {
    item.get_at(path)?.trim().parse::<u64>().ok()?.checked_mul(1000)
}

/// Fields to keep by the provider's own names.
pub(crate) fn values(item: &Item, paths: &[&'static str]) -> std::collections::HashMap<String, String> {
    paths.iter().filter_map(|path| Some(((*path).to_owned(), item.get_at(path)?))).collect()
}

/// A recording at an address. A name and password in it are left out: they are to be asked for, not passed on.
pub(crate) fn recording(url: &str, provider_ref: Option<String>, duration_ms: Option<u64>) -> Option<Media> {
    let url = without_password(url);
    let url = url.filter(|url| connector_sdk::address::is_web(url));
    let state = if url.is_some() { MediaState::Remote } else { MediaState::Unavailable };
    (url.is_some() || provider_ref.is_some()).then(|| Media {
        kind: MediaKind::Audio.into(),
        url,
        provider_ref,
        duration_ms,
        state: state.into(),
        ..Media::default()
    })
}

fn without_password(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(format!("{scheme}://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_password_and_nothing_else() {
        for (written, kept) in [
            ("https://u:p@files.example.test/1.wav?a=b@c", Some("https://files.example.test/1.wav?a=b@c")),
            ("https://u@x@files.example.test", Some("https://files.example.test")),
            ("https://files.example.test/a@b", Some("https://files.example.test/a@b")),
            ("/1.wav", None),
            ("javascript:alert(1)", None),
        ] {
            let media = recording(written, None, None);
            assert_eq!(media.and_then(|media| media.url).as_deref(), kept, "{written}");
        }
    }
}
