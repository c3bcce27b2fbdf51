//! A message on its way: the upload where one is needed, the call, and what came of it.

use connector_meta::{
    graph::{Graph, MESSAGING, taken, word},
    send::permit::{Asked, Permit, outside_window},
};
use connector_sdk::outbound::{Accepted, Answer, Body, Call, Effect, Failure, Method, Outcome, Retry, Sending, Step};
use kenh_proto::v1::{Message, SendReason};
use serde_json::{Map, Value, json};

use super::{
    capabilities::{NOTIFICATION_TYPE, PERSONA_ID, REUSABLE},
    content,
    permit::Case,
    recipient,
};

/// What comes next.
pub(super) fn step(graph: &Graph, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Step {
    next(graph, sending, message, answers).unwrap_or_else(Step::Done)
}

/// Whether it may be sent is asked before a call and never after: what Meta took stays taken when the window closes.
fn next(graph: &Graph, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Result<Step, Outcome> {
    let Sending { to, role, purpose, window, .. } = *sending;
    let case = Case { to, message, asked: Asked { role, purpose, window } };
    let (uploaded, answers) = match (content::upload(message), answers.split_first()) {
        (None, _) => (None, answers),
        (Some(file), None) => {
            case.permit()?;
            return Ok(Step::Call(upload(graph, sending, file)));
        }
        (Some(_), Some((answer, rest))) => (Some(attachment_id(answer)?), rest),
    };
    let call = |permit| self::call(graph, sending, message, uploaded.as_deref(), permit).map(Step::Call);
    match answers {
        [] => call(case.permit()?),
        // Nothing told when the contact last wrote. Meta knows, and a person may still answer.
        [first] if case.may_be_tagged_after_all() && outside_window(first) => call(Permit::HumanAgent),
        [.., last] => Ok(Step::Done(sent(last, uploaded)?)),
    }
}

fn upload(graph: &Graph, sending: &Sending<'_>, file: Body) -> Call {
    graph.call(Method::Post, &[sending.account, "message_attachments"], file, Effect::Repeatable, sending)
}

/// The id of what was uploaded. An answer without one is no upload, and another can be made.
fn attachment_id(answer: &Answer) -> Result<String, Outcome> {
    let body = taken(answer, Effect::Repeatable, &[MESSAGING])?;
    word(&body, "attachment_id").ok_or_else(|| Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon))
}

fn call(
    graph: &Graph,
    sending: &Sending<'_>,
    message: &Message,
    uploaded: Option<&str>,
    permit: Permit,
) -> Result<Call, Outcome> {
    let option = |name| sending.options.get(name).map(String::as_str);
    let kept = option(REUSABLE) == Some("true");
    let nothing = || Failure::permanent(SendReason::ContentInvalid, None);
    let mut content = content::body(message, uploaded, kept).ok_or_else(nothing)?;
    // The echo repeats it: the only way to find what was sent when no answer came.
    content.insert("metadata".into(), json!(sending.reference));
    let mut body = Map::new();
    body.insert("recipient".into(), recipient::of(sending.to)?);
    body.insert("message".into(), Value::Object(content));
    permit.say(&mut body);
    for name in [PERSONA_ID, NOTIFICATION_TYPE] {
        body.extend(option(name).map(|value| (name.to_owned(), json!(value))));
    }
    if let Some(quoted) = &message.quoted {
        body.insert("reply_to".into(), json!({"mid": quoted.provider_message_id}));
    }
    let body = Body::Json(Value::Object(body));
    Ok(graph.call(Method::Post, &[sending.account, "messages"], body, Effect::Visible, sending))
}

/// What Meta says of it. Without an id it is no answer of the Send API, and the echo has to tell.
fn sent(answer: &Answer, uploaded: Option<String>) -> Result<Outcome, Outcome> {
    let body = taken(answer, Effect::Visible, &[MESSAGING])?;
    let mut accepted = Accepted::id(word(&body, "message_id").ok_or(Outcome::Unknown)?);
    let kept = word(&body, "attachment_id").or(uploaded);
    accepted.notes.extend(kept.map(|id| ("attachment_id", id)));
    Ok(Outcome::Accepted(accepted))
}
