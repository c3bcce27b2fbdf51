//! `kenh send`

use std::{collections::HashMap, time::Duration};

use kenh_proto::{
    to_json,
    v1::{
        Degradation, Destination, GetMessageRequest, Identity, Media, MediaKind, Message, OutboundMessage, Part,
        PlanSendRequest, Quote, SendMessageRequest, SendOptions, SendState, SenderRole, Template, Text,
        destination::To, get_message_request::By, message_service_client::MessageServiceClient, part::Content,
    },
};
use uuid::Uuid;

use crate::{
    cli::{Api, Send},
    client,
    connection::{self, Connection},
    failure::Failure,
};

/// How long to wait for the channel.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) async fn run(arguments: Send) -> Result<(), Failure> {
    let (plan, wait) = (arguments.plan, !arguments.no_wait);
    let request = request(&arguments)?;
    let mut client = connect(&arguments.api).await?;
    if plan {
        let planned = client.plan_send(PlanSendRequest { request: Some(request) }).await.map_err(client::refused)?;
        let planned = planned.into_inner();
        client::print(&to_json("PlanSendResponse", &planned).map_err(Failure::runtime)?)?;
        return if planned.sendable { Ok(()) } else { Err(Failure::runtime("it would be refused")) };
    }
    let sent = client.send_message(request).await.map_err(client::refused)?.into_inner();
    let mut message = sent.message.unwrap_or_default();
    if wait {
        message = settled(&mut client, message).await?;
    }
    message.action = None;
    client::print(&to_json("OutboundMessage", &message).map_err(Failure::runtime)?)?;
    match message.state() {
        SendState::Failed | SendState::Unknown | SendState::Expired | SendState::Cancelled => {
            let advice = message.failure.map(|failure| failure.advice).unwrap_or_default();
            Err(Failure::runtime(format!("it was not sent, as far as is known: {advice}")))
        }
        SendState::Unspecified
        | SendState::Scheduled
        | SendState::Queued
        | SendState::Sending
        | SendState::Retrying
        | SendState::Accepted => Ok(()),
    }
}

pub(crate) async fn connect(api: &Api) -> Result<MessageServiceClient<Connection>, Failure> {
    Ok(MessageServiceClient::new(connection::open(api).await?).max_decoding_message_size(client::LARGEST_MESSAGE))
}

/// Waits until the channel has taken or refused it.
async fn settled(
    client: &mut MessageServiceClient<Connection>,
    mut message: OutboundMessage,
) -> Result<OutboundMessage, Failure> {
    let begun = tokio::time::Instant::now();
    while matches!(message.state(), SendState::Queued | SendState::Sending | SendState::Retrying)
        && begun.elapsed() < PATIENCE
    {
        tokio::time::sleep(PAUSE).await;
        let request = GetMessageRequest { by: Some(By::Id(message.id.clone())) };
        message = client.get_message(request).await.map_err(client::refused)?.into_inner().message.unwrap_or_default();
    }
    Ok(message)
}

fn request(arguments: &Send) -> Result<SendMessageRequest, Failure> {
    let mut parts = Vec::new();
    for (kind, url) in [(MediaKind::Image, &arguments.image), (MediaKind::File, &arguments.file)] {
        if let Some(url) = url {
            parts.push(Content::Media(Media { kind: kind.into(), url: Some(url.clone()), ..Media::default() }));
        }
    }
    if let Some(id) = &arguments.template {
        let values = pairs("--value", &arguments.values)?;
        parts.push(Content::Template(Template {
            id: Some(id.clone()),
            locale: arguments.locale.clone(),
            values,
            ..Template::default()
        }));
    }
    let text = arguments.text.as_ref().map(|body| Text { body: body.clone(), ..Text::default() });
    let quoted = arguments.quote.as_ref().map(|id| Quote { provider_message_id: id.clone(), ..Quote::default() });
    let parts = parts.into_iter().map(|content| Part { content: Some(content) }).collect();
    let options = SendOptions {
        idempotency_key: arguments.idempotency_key.clone().unwrap_or_else(|| Uuid::new_v4().to_string()),
        sender_role: if arguments.human { SenderRole::Human } else { SenderRole::Bot }.into(),
        degradation: if arguments.strict { Degradation::Strict } else { Degradation::BestEffort }.into(),
        channel_options: pairs("--option", &arguments.options)?,
        ..SendOptions::default()
    };
    Ok(SendMessageRequest {
        destination: Some(destination(arguments)?),
        message: Some(Message { text, quoted, parts, ..Message::default() }),
        options: Some(options),
    })
}

fn destination(arguments: &Send) -> Result<Destination, Failure> {
    let to = match (&arguments.to, &arguments.contact, &arguments.group) {
        (Some(conversation), ..) => To::ConversationId(conversation.clone()),
        (None, Some(contact), _) => {
            let usage = || Failure::usage("--contact: expected SCHEME:VALUE, such as psid:660001");
            let (scheme, value) = contact.split_once(':').ok_or_else(usage)?;
            To::Contact(Identity { scheme: scheme.into(), value: value.into(), ..Identity::default() })
        }
        (None, None, group) => To::Group(group.clone().unwrap_or_default()),
    };
    Ok(Destination {
        channel: arguments.channel.clone().unwrap_or_default(),
        account: arguments.account.clone().unwrap_or_default(),
        to: Some(to),
        ..Destination::default()
    })
}

fn pairs(flag: &str, given: &[String]) -> Result<HashMap<String, String>, Failure> {
    let pair = |given: &String| {
        let (name, value) =
            given.split_once('=').ok_or_else(|| Failure::usage(format!("{flag}: expected NAME=VALUE")))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    given.iter().map(pair).collect()
}
