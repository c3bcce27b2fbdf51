//! Telegram, LINE, Slack and Viber: what they write is answered, and their own ways of saying no are understood.

mod line;
mod slack;
mod telegram;
mod viber;

use kenh_proto::v1::{
    Destination, Envelope, Identity, Message, OutboundMessage, ReceiptStatus, SendMessageRequest, SendOptions,
    SendReason, SendState, destination::To,
};
use kenh_tests::{
    gateway::Gateway,
    outbound::{look, send, until_state, words},
    until,
};

/// Fast, and files may be fetched from this machine.
pub(crate) const DISPATCH: &str =
    "dispatch:\n  timeout: 1s\n  sweep: 100ms\n  longest_pause: 200ms\n  fetch:\n    allow_private_addresses: true\n";

pub(crate) fn person(channel: &str, account: &str, scheme: &str, value: &str) -> Destination {
    let person = Identity { scheme: scheme.into(), value: value.into(), ..Identity::default() };
    Destination {
        channel: channel.into(),
        account: account.into(),
        to: Some(To::Contact(person)),
        ..Destination::default()
    }
}

/// The conversation an event is in.
pub(crate) fn conversation(event: &Envelope) -> Destination {
    let id = event.conversation.as_ref().unwrap().id.clone();
    Destination { to: Some(To::ConversationId(id)), ..Destination::default() }
}

fn request(to: &Destination, key: &str, message: Message) -> SendMessageRequest {
    let options = SendOptions { idempotency_key: key.into(), ..SendOptions::default() };
    SendMessageRequest { destination: Some(to.clone()), message: Some(message), options: Some(options) }
}

pub(crate) async fn say(gateway: &Gateway, to: &Destination, key: &str, text: &str) -> OutboundMessage {
    send(gateway, request(to, key, words(text))).await.unwrap()
}

/// Says something that is refused for good: why, and the channel's code.
pub(crate) async fn refused(gateway: &Gateway, to: &Destination, key: &str) -> (SendReason, Option<String>) {
    let sent = say(gateway, to, key, "nobody takes this").await;
    let failure = until_state(gateway, &sent.id, SendState::Failed).await.failure.unwrap();
    (failure.reason(), failure.provider_code)
}

async fn until_status(gateway: &Gateway, id: &str, status: ReceiptStatus) {
    until("the receipt counts", || async { look(gateway, id).await.status() == status }).await;
}
