//! Answering as a CRM does.

use kenh_proto::v1::{
    Destination, GetMessageRequest, Identity, Message, OutboundMessage, SendMessageRequest, SendOptions, SendState,
    Text, destination::To, get_message_request::By, message_service_client::MessageServiceClient,
};
use tonic::{Status, transport::Channel};

use crate::{
    PATIENCE,
    gateway::{Gateway, PAGE},
    leaks,
};

/// A client.
pub async fn client(gateway: &Gateway) -> MessageServiceClient<Channel> {
    MessageServiceClient::connect(gateway.api_url()).await.expect("the api answers")
}

/// Words.
pub fn words(text: &str) -> Message {
    leaks::unsaid(text);
    Message { text: Some(Text { body: text.into(), ..Text::default() }), ..Message::default() }
}

/// A person on Messenger.
pub fn person(psid: &str) -> Destination {
    Destination {
        channel: "messenger".into(),
        account: PAGE.into(),
        to: Some(To::Contact(Identity { scheme: "psid".into(), value: psid.into(), ..Identity::default() })),
        ..Destination::default()
    }
}

/// A request to say something.
pub fn say(to: Destination, key: &str, text: &str) -> SendMessageRequest {
    let options = SendOptions { idempotency_key: key.into(), ..SendOptions::default() };
    SendMessageRequest { destination: Some(to), message: Some(words(text)), options: Some(options) }
}

/// Says something.
pub async fn send(gateway: &Gateway, request: SendMessageRequest) -> Result<OutboundMessage, Status> {
    let sent = client(gateway).await.send_message(request).await?.into_inner();
    Ok(sent.message.expect("a message"))
}

/// A message as it stands.
pub async fn look(gateway: &Gateway, id: &str) -> OutboundMessage {
    let request = GetMessageRequest { by: Some(By::Id(id.into())) };
    let found = client(gateway).await.get_message(request).await.expect("the message is kept");
    found.into_inner().message.expect("a message")
}

/// Waits until a message is in a state.
pub async fn until_state(gateway: &Gateway, id: &str, state: SendState) -> OutboundMessage {
    let begun = std::time::Instant::now();
    loop {
        let message = look(gateway, id).await;
        if message.state() == state {
            return message;
        }
        assert!(begun.elapsed() < PATIENCE, "{state:?} was waited for: {message:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
