//! A message on its way. Viber fetches files itself, but wants to be told how large they are.

use connector_sdk::outbound::{Answer, Call, Effect, Failure, Refusal, Sending, Step, TOKEN, To, file};
use kenh_proto::v1::{MediaKind, Message, SendReason};
use serde_json::{Value, json};

use super::{Sender, capabilities, capabilities::TRACKING, content, errors};
use crate::inbound::USER;

/// Whom a message is for.
pub(super) fn receiver(to: &To) -> Result<&str, Refusal> {
    let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
    match to {
        To::Contact { scheme, value } if scheme == USER && !value.is_empty() => Ok(value),
        To::Contact { .. } => Err(unknown("Viber takes contacts by viber_user_id, which each bot has its own of")),
        To::Account => Err(unknown("name a contact or the conversation")),
        To::Group(_) => Err(Refusal::unsupported("bots have no groups on Viber")),
        To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("Viber has no comments to answer")),
    }
}

/// The next step of a message.
pub(super) fn step(sender: &Sender, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Step {
    let receiver = match receiver(sending.to) {
        Ok(receiver) => receiver,
        Err(refusal) => return Step::Done(refusal.into()),
    };
    let mut answers = answers.iter();
    let size = match content::unmeasured(message) {
        None => None,
        Some(media) => {
            let most = capabilities::most(media.kind() == MediaKind::Video);
            match file(media, most, &mut answers) {
                Ok(file) => u64::try_from(file.bytes.len()).ok(),
                Err(step) => return *step,
            }
        }
    };
    let Some(mut body) = content::members(message, size) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    if let Some(answer) = answers.next() {
        return Step::Done(answer.to_call(Effect::Visible).map_or_else(|outcome| outcome, errors::ended));
    }
    body.insert("receiver".into(), json!(receiver));
    body.insert("sender".into(), named(sender));
    body.extend(sending.options.get(TRACKING).map(|data| (TRACKING.to_owned(), json!(data))));
    let url = format!("{}/send_message", sender.api_url);
    Step::Call(Call::post(url, Value::Object(body)).header("X-Viber-Auth-Token", TOKEN))
}

fn named(sender: &Sender) -> Value {
    match &sender.avatar {
        Some(avatar) => json!({"name": sender.name, "avatar": avatar}),
        None => json!({"name": sender.name}),
    }
}
