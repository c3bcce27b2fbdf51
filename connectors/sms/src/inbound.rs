//! Calls into events, by the provider's table.

mod message;
mod report;

use connector_sdk::{
    ARRIVAL_HEADER, Batch, Delivery, Event, Malformed, digest_key,
    fields::{self, Item, Paths},
    phone::Address,
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, envelope::Payload};

use crate::{
    proof::Setting,
    provider::{Provider, Rule},
    providers::PROVIDERS,
    settings::Settings,
    smpp,
};

/// What the events of one call have in common.
#[derive(Clone, Copy)]
struct Reader<'a> {
    provider: &'a Provider,
    /// `None` where nothing is configured: a body is read to be looked at, or once more.
    settings: Option<&'a Settings>,
    /// In which stretch of time the call came in, counted from 1970; messages without an id are told apart by it.
    stretch: Option<u64>,
}

/// Reads a call of a configured endpoint.
pub(crate) fn normalize(settings: &Settings, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
    let arrival = delivery.header(ARRIVAL_HEADER).and_then(|seconds| seconds.parse::<u64>().ok());
    // Repeats of a message centre are known before they come here: what comes at another time is another message.
    let window = if settings.smpp.is_some() { 1 } else { settings.repeat_window.as_secs() };
    let stretch = arrival.and_then(|seconds| seconds.checked_div(window));
    Reader { provider: settings.provider, settings: Some(settings), stretch }.read(delivery.body)
}

/// Reads a call of a provider nobody names: of the first that knows all of it.
pub(crate) fn recognized(body: &[u8]) -> Result<Batch, Malformed> {
    let read = |provider: &&'static Provider| Reader { provider, settings: None, stretch: None }.read(body).ok();
    let typed = |event: &Event| !matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
    let known =
        PROVIDERS.iter().filter_map(read).find(|batch| !batch.events.is_empty() && batch.events.iter().all(typed));
    match known {
        Some(batch) => Ok(batch),
        None => Ok(Event::unsupported(None, nonempty(body)?, None, "not_typed", None).into()),
    }
}

fn nonempty(body: &[u8]) -> Result<&[u8], Malformed> {
    let empty = Malformed { reason: "unexpected_shape", detail: "the call is empty".into() };
    if body.trim_ascii().is_empty() { Err(empty) } else { Ok(body) }
}

impl Reader<'_> {
    fn read(self, body: &[u8]) -> Result<Batch, Malformed> {
        let items = match self.settings.and_then(|settings| Some((settings.smpp.as_ref()?, &settings.accounts))) {
            Some((smpp, accounts)) => smpp::items(body, smpp.dialect, Some(accounts))?,
            None if self.provider.proof.settings.contains(&Setting::Session) => {
                smpp::items(body, smpp::Dialect::default(), None)?
            }
            None => fields::read(body, self.provider.items)?,
        };
        if items.is_empty() {
            return Ok(Batch::skipped("empty_batch"));
        }
        Ok(Batch { events: items.iter().flat_map(|item| self.events(item)).collect(), skipped: Vec::new() })
    }

    fn events(self, item: &Item) -> Vec<Event> {
        let rule = self.provider.rules.iter().find(|(needs, _)| needs.iter().all(|need| need.applies(item)));
        let read = match rule {
            Some((_, Rule::Message(rule))) => self.message(item, rule),
            Some((_, Rule::Report(rule))) => self.report(item, rule).map(|event| vec![event]),
            None => Err(Malformed { reason: "not_typed", detail: "no rule of the provider's applies".into() }),
        };
        let events = read.unwrap_or_else(|fault| {
            let account = self.account(item, &[]);
            let mut event = Event::unsupported(account.as_deref(), &item.raw, None, fault.reason, Some(fault.detail));
            event.envelope.dedupe_key = digest_key(&item.canonical());
            vec![event]
        });
        events.into_iter().map(|event| event.degraded(item.mended)).collect()
    }

    /// Which of our numbers or names an item is about: of those it names the one we send from, else the first; where it
    /// names none, the only one there is.
    fn account(self, item: &Item, paths: Paths) -> Option<String> {
        let accounts = self.settings.map(|settings| &settings.accounts);
        let mut named = paths.iter().filter_map(|path| item.get_at(path)).filter(|name| !name.trim().is_empty());
        let ours = |id: &str| accounts.is_some_and(|accounts| accounts.get(id).is_some());
        let mut first = None;
        let found = named.find_map(|name| {
            let address = self.provider.numbers.read(&name).value().to_owned();
            let own = [name, address.clone()].into_iter().find(|id| ours(id));
            first.get_or_insert(address);
            own
        });
        found.or(first).or_else(|| accounts?.only().map(ToOwned::to_owned))
    }

    fn address(self, item: &Item, paths: Paths) -> Option<Address> {
        let text = item.get(paths)?;
        Some(self.provider.numbers.read(&text)).filter(|address| !address.value().is_empty())
    }
}

/// What an event has of the person it is about.
fn about(event: Event, contact: &Address) -> Event {
    let event = event.conversation(ConversationKind::Direct, contact.value());
    event.identity(contact.scheme("sms_address"), contact.value(), None)
}

/// The person did it.
fn by_contact(event: Event, contact: &Address) -> Event {
    about(event, contact).direction(Direction::Inbound).actor(ActorRole::Contact, Some(contact.value()))
}
