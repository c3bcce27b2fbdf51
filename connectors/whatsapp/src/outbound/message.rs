//! A message on its way: the upload where one is needed, the call, and what came of it.

use connector_meta::graph::{Graph, taken, word};
use connector_sdk::outbound::{Accepted, Answer, Body, Call, Effect, Failure, Method, Outcome, Retry, Sending, Step};
use kenh_proto::v1::{Message, React, ReactionAction, SendReason, outbound_action::What};
use serde_json::{Map, Value, json};

use super::{content, errors::WHATSAPP, recipient, window};

/// What comes next for a message.
pub(super) fn step(graph: &Graph, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Step {
    next(graph, sending, message, answers).unwrap_or_else(Step::Done)
}

/// What comes next for a reaction, which is a message too.
pub(super) fn react(graph: &Graph, sending: &Sending<'_>, reaction: &React, answers: &[Answer]) -> Step {
    let said = || {
        let emoji = if reaction.action() == ReactionAction::Removed { "" } else { &reaction.reaction };
        let body = json!({"message_id": reaction.provider_message_id, "emoji": emoji});
        call(graph, sending, ("reaction", body), None).map(Step::Call)
    };
    let next = match answers.last() {
        None => said(),
        Some(answer) => sent(answer, None, effect(sending.what)).map(Step::Done),
    };
    next.unwrap_or_else(Step::Done)
}

/// Whether it may be sent is asked before a call and never after: what WhatsApp took stays taken when the window closes.
fn next(graph: &Graph, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Result<Step, Outcome> {
    let (uploaded, answers) = match (content::upload(message), answers.split_first()) {
        (None, _) => (None, answers),
        (Some(file), None) => {
            window::check(Some(message), sending.window, sending.purpose)?;
            let path = [sending.account, "media"];
            return Ok(Step::Call(graph.call(Method::Post, &path, file, Effect::Repeatable, sending)));
        }
        (Some(_), Some((answer, rest))) => (Some(media_id(answer)?), rest),
    };
    if let Some(answer) = answers.last() {
        return Ok(Step::Done(sent(answer, uploaded, effect(sending.what))?));
    }
    window::check(Some(message), sending.window, sending.purpose)?;
    let nothing = || Failure::permanent(SendReason::ContentInvalid, None);
    let content = content::of(message, uploaded.as_deref(), sending.options).ok_or_else(nothing)?;
    let quoted = message.quoted.as_ref().map(|quoted| quoted.provider_message_id.as_str());
    Ok(Step::Call(call(graph, sending, content, quoted)?))
}

/// A reaction that is set again is the same one; a message that is sent again is another.
fn effect(what: &What) -> Effect {
    if matches!(what, What::React(_)) { Effect::Keyed } else { Effect::Visible }
}

/// The id of what was uploaded. An answer without one is no upload, and another can be made.
fn media_id(answer: &Answer) -> Result<String, Outcome> {
    let body = taken(answer, Effect::Repeatable, &[WHATSAPP])?;
    word(&body, "id").ok_or_else(|| Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon))
}

fn call(
    graph: &Graph,
    sending: &Sending<'_>,
    (kind, content): (&'static str, Value),
    quoted: Option<&str>,
) -> Result<Call, Outcome> {
    let mut body = Map::from_iter([("messaging_product".to_owned(), json!("whatsapp"))]);
    body.extend(recipient::of(sending.to)?);
    body.insert("type".into(), json!(kind));
    body.insert(kind.into(), content);
    body.extend(quoted.map(|id| ("context".to_owned(), json!({"message_id": id}))));
    // Every status repeats it: the only way to find what was sent when no answer came.
    body.insert("biz_opaque_callback_data".into(), json!(sending.reference));
    let (path, body) = ([sending.account, "messages"], Body::Json(Value::Object(body)));
    Ok(graph.call(Method::Post, &path, body, effect(sending.what), sending))
}

/// What WhatsApp says of it: taken, which is not delivered. Without an id it is no answer of its, and a status has to tell.
fn sent(answer: &Answer, uploaded: Option<String>, effect: Effect) -> Result<Outcome, Outcome> {
    let body = taken(answer, effect, &[WHATSAPP])?;
    let message = body.pointer("/messages/0").ok_or(Outcome::Unknown)?;
    let mut accepted = Accepted::id(word(message, "id").ok_or(Outcome::Unknown)?);
    // Held back for a look at its quality, or paused: it may still be sent, and a status tells.
    let held = word(message, "message_status").filter(|status| status != "accepted");
    let held = held.filter(|status| status.len() <= 40 && status.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    accepted.notes.extend(held.map(|status| ("message_status", status)));
    accepted.notes.extend(uploaded.map(|id| ("media_id", id)));
    Ok(Outcome::Accepted(accepted))
}
