//! A message on its way. A picture is uploaded first.

use connector_sdk::outbound::{Accepted, Answer, Body, Effect, Failure, Outcome, Retry, Sending, Step, file};
use kenh_proto::v1::{Media, Message, SendReason, part::Content};
use serde_json::{Value, json};

use super::{call::Caller, capabilities::LARGEST_PICTURE, plan};

/// The next step of a message.
pub(super) fn step(api_url: &str, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Step {
    let conversation = match plan::conversation(sending.to, sending.conversation) {
        Ok(conversation) => conversation,
        Err(refusal) => return Step::Done(refusal.into()),
    };
    // Time has passed since it was planned. Once there are answers they alone count.
    if let (Err(refusal), true) = (plan::is_open(sending.window), answers.is_empty()) {
        return Step::Done(refusal.into());
    }
    let mut caller = Caller { api_url, answers: answers.iter() };
    let said = match said(&mut caller, sending.account, message) {
        Ok(said) => said,
        Err(step) => return *step,
    };
    let (kind, member, content) = said;
    let mut body = json!({
        "business_id": sending.account,
        "recipient_type": "CONVERSATION",
        "recipient": conversation,
        "message_type": kind,
        member: content,
    });
    if let (Some(quoted), Some(body)) = (&message.quoted, body.as_object_mut()) {
        let reference = json!({"referenced_message_id": quoted.provider_message_id});
        body.insert("referenced_message_info".into(), reference);
    }
    match caller.post("send", Body::Json(body), Effect::Visible) {
        Ok(data) => {
            let id = data.pointer("/message/message_id").or_else(|| data.get("message_id")).and_then(Value::as_str);
            Step::Done(id.map_or(Outcome::Unknown, |id| Outcome::Accepted(Accepted::id(id))))
        }
        Err(step) => *step,
    }
}

/// Type, name of the member and content.
fn said(
    caller: &mut Caller<'_>,
    account: &str,
    message: &Message,
) -> Result<(&'static str, &'static str, Value), Box<Step>> {
    let unsupported = || Box::new(Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)));
    match (message.parts.as_slice(), &message.text) {
        ([], Some(text)) => Ok(("TEXT", "text", json!({"body": text.body}))),
        ([part], _) => match &part.content {
            Some(Content::Media(media)) => {
                Ok(("IMAGE", "image", json!({"media_id": uploaded(caller, account, media)?})))
            }
            _ => Err(unsupported()),
        },
        _ => Err(unsupported()),
    }
}

/// Uploads a picture. Nobody sees it until it is sent.
fn uploaded(caller: &mut Caller<'_>, account: &str, media: &Media) -> Result<String, Box<Step>> {
    if let Some(known) = &media.provider_ref {
        return Ok(known.clone());
    }
    let file = file(media, LARGEST_PICTURE, &mut caller.answers)?;
    let fields = vec![("business_id", account.to_owned()), ("media_type", "IMAGE".to_owned())];
    // Nothing of it is taken for the token's place.
    let body = Body::TokenIn(&[], Body::Multipart { fields, name: "file", file }.into());
    let data = caller.post("media/upload", body, Effect::Repeatable)?;
    let missing = || Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
    data.get("media_id").and_then(Value::as_str).map(Into::into).ok_or_else(|| Step::Done(missing()).into())
}
