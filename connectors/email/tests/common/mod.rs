//! Endpoints and raw mails.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use connector_email::{Arrival, Rules, events};
use connector_sdk::Event;
use connector_testkit::Endpoint;
use kenh_proto::v1::{Email, Media, Message, Receipt, envelope::Payload, part::Content};

/// When calls come in, in seconds after 1970.
pub(crate) const NOW: u64 = 1_795_291_200;
pub(crate) const TOKEN: &str = "address-token-for-tests-0001";

pub(crate) fn endpoint(yaml: &str) -> Endpoint {
    Endpoint::of(&connector_email::CONNECTOR, yaml)
}

pub(crate) fn faults(yaml: &str) -> Vec<String> {
    Endpoint::faults(&connector_email::CONNECTOR, yaml)
}

pub(crate) fn example(provider: &str) -> String {
    let (_, registration) = connector_email::providers().into_iter().find(|(name, _)| *name == provider).unwrap();
    registration.example.to_owned()
}

pub(crate) fn rules() -> Rules {
    Rules { mailboxes: vec!["support@example.com".into()], ..Rules::default() }
}

/// The one event of a mail.
pub(crate) fn event(raw: impl AsRef<[u8]>, rules: &Rules) -> Event {
    let mut events = events(&Arrival::of(raw.as_ref()), rules).events;
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

pub(crate) fn message(event: &Event) -> Message {
    let Some(Payload::Message(message)) = &event.envelope.payload else { panic!("no message: {:?}", event.envelope) };
    message.clone()
}

pub(crate) fn email(event: &Event) -> Email {
    message(event).email.unwrap()
}

pub(crate) fn receipt(event: &Event) -> Receipt {
    let Some(Payload::Receipt(receipt)) = &event.envelope.payload else { panic!("no receipt: {:?}", event.envelope) };
    receipt.clone()
}

pub(crate) fn files(event: &Event) -> Vec<Media> {
    let media = |content| match content {
        Some(Content::Media(media)) => media,
        other => panic!("no file: {other:?}"),
    };
    message(event).parts.into_iter().map(|part| media(part.content)).collect()
}

pub(crate) fn degraded(event: &Event) -> Vec<String> {
    event.envelope.quality.clone().unwrap_or_default().degraded
}

pub(crate) fn thread(event: &Event) -> String {
    event.envelope.conversation.clone().unwrap().external_id
}

pub(crate) fn account(event: &Event) -> Option<String> {
    event.envelope.account.clone().unwrap().external_id
}
