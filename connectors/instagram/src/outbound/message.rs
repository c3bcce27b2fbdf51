//! A message on its way: the call, and what came of it.

use connector_meta::{
    graph::{Graph, MESSAGING, taken, word},
    send::permit::{Asked, Permit, outside_window},
};
use connector_sdk::outbound::{Accepted, Answer, Body, Call, Effect, Failure, Method, Outcome, Sending, Step};
use kenh_proto::v1::{Message, SendReason};
use serde_json::{Map, Value, json};

use super::{content, permit, recipient};

/// What comes next.
pub(super) fn step(graph: &Graph, sender: &str, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Step {
    next(graph, sender, sending, message, answers).unwrap_or_else(Step::Done)
}

/// Whether it may be sent is asked before a call and never after: what Meta took stays taken when the window closes.
fn next(
    graph: &Graph,
    sender: &str,
    sending: &Sending<'_>,
    message: &Message,
    answers: &[Answer],
) -> Result<Step, Outcome> {
    let Sending { to, role, purpose, window, .. } = *sending;
    let asked = Asked { role, purpose, window };
    let call = |permit| self::call(graph, sender, sending, message, permit).map(Step::Call);
    match answers {
        [] => call(permit::of(to, asked)?),
        // Nothing told when the contact last wrote. Meta knows, and a person may still answer.
        [first] if permit::may_be_tagged_after_all(to, asked) && outside_window(first) => call(Permit::HumanAgent),
        [.., last] => {
            let body = taken(last, Effect::Visible, &[MESSAGING])?;
            // Without an id it is no answer of the Send API.
            let id = word(&body, "message_id").ok_or(Outcome::Unknown)?;
            Ok(Step::Done(Outcome::Accepted(Accepted::id(id))))
        }
    }
}

fn call(
    graph: &Graph,
    sender: &str,
    sending: &Sending<'_>,
    message: &Message,
    permit: Permit,
) -> Result<Call, Outcome> {
    let nothing = || Failure::permanent(SendReason::ContentInvalid, None);
    let mut body = Map::new();
    body.insert("recipient".into(), recipient::of(sending.to)?);
    body.insert("message".into(), Value::Object(content::body(message).ok_or_else(nothing)?));
    permit.say(&mut body);
    if let Some(quoted) = &message.quoted {
        body.insert("reply_to".into(), json!({"mid": quoted.provider_message_id}));
    }
    let body = Body::Json(Value::Object(body));
    Ok(graph.call(Method::Post, &[sender, "messages"], body, Effect::Visible, sending))
}
