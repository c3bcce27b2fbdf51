//! That messages were read, and that an answer is being written: both are said of a message a person wrote.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/typing-indicators>.

use connector_meta::graph::{Graph, taken};
use connector_sdk::outbound::{Accepted, Answer, Body, Effect, Failure, Method, Outcome, Refusal, Sending, Step};
use kenh_proto::v1::{SendReason, outbound_action::What};
use serde_json::{Value, json};

use super::errors::WHATSAPP;

/// Saying it again changes nothing.
const EFFECT: Effect = Effect::Keyed;

/// What comes next.
pub(super) fn step(graph: &Graph, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    let Ok(body) = body(sending.what) else {
        return Step::Done(Failure::permanent(SendReason::TargetInvalid, None));
    };
    match answers.last() {
        None => {
            let path = [sending.account, "messages"];
            Step::Call(graph.call(Method::Post, &path, Body::Json(body), EFFECT, sending))
        }
        Some(answer) => Step::Done(match taken(answer, EFFECT, &[WHATSAPP]) {
            Ok(body) if body.get("success") == Some(&json!(false)) => Failure::permanent(SendReason::Refused, None),
            Ok(_) => Outcome::Accepted(Accepted::default()),
            Err(outcome) => outcome,
        }),
    }
}

/// What is said, or why it cannot be.
pub(super) fn body(what: &What) -> Result<Value, Refusal> {
    let (message, typing) = match what {
        What::Typing(typing) if typing.active => (&typing.provider_message_id, true),
        What::MarkRead(read) => (&read.provider_message_id, false),
        What::Typing(_) => {
            return Err(Refusal::unsupported("typing ends by itself: with the message, or after 25 seconds"));
        }
        What::Message(_)
        | What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::CommentReply(_)
        | What::HideComment(_) => return Err(Refusal::unsupported("WhatsApp has no such action")),
    };
    let Some(id) = message.as_deref().filter(|id| !id.is_empty()) else {
        let advice = "name the contact's last message, by provider_message_id";
        return Err(Refusal::new(SendReason::TargetInvalid, advice));
    };
    let mut body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});
    if let (true, Some(body)) = (typing, body.as_object_mut()) {
        body.insert("typing_indicator".into(), json!({"type": "text"}));
    }
    Ok(body)
}
