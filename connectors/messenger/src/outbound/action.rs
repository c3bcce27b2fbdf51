//! Sender actions: typing, seen, reactions. They stand alone, never with a message.
//! See <https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions>.

use connector_meta::graph::{Graph, MESSAGING, taken};
use connector_sdk::outbound::{Accepted, Answer, Body, Effect, Method, Outcome, Sending, Step};
use kenh_proto::v1::{ReactionAction, outbound_action::What};
use serde_json::{Map, Value, json};

use super::{capabilities::PERSONA_ID, recipient};

/// Doing it again changes nothing.
const EFFECT: Effect = Effect::Keyed;

/// What comes next.
pub(super) fn step(graph: &Graph, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    next(graph, sending, answers).unwrap_or_else(Step::Done)
}

fn next(graph: &Graph, sending: &Sending<'_>, answers: &[Answer]) -> Result<Step, Outcome> {
    if let Some(answer) = answers.last() {
        taken(answer, EFFECT, &[MESSAGING])?;
        return Ok(Step::Done(Outcome::Accepted(Accepted::default())));
    }
    let mut body = Map::new();
    body.insert("recipient".into(), recipient::person(sending.to)?);
    body.extend(words(sending).into_iter().map(|(name, value)| (name.to_owned(), value)));
    let (path, body) = ([sending.account, "messages"], Body::Json(Value::Object(body)));
    Ok(Step::Call(graph.call(Method::Post, &path, body, EFFECT, sending)))
}

fn words(sending: &Sending<'_>) -> Vec<(&'static str, Value)> {
    let action = |word: &str| ("sender_action", json!(word));
    match sending.what {
        What::Typing(typing) => {
            // Of the actions only this one can be shown with another name.
            let persona = sending.options.get(PERSONA_ID).map(|id| (PERSONA_ID, json!(id)));
            let word = if typing.active { "typing_on" } else { "typing_off" };
            [action(word)].into_iter().chain(persona).collect()
        }
        What::React(react) if react.action() == ReactionAction::Removed => {
            vec![action("unreact"), ("payload", json!({"message_id": react.provider_message_id}))]
        }
        What::React(react) => {
            let on = json!({"message_id": react.provider_message_id, "reaction": react.reaction});
            vec![action("react"), ("payload", on)]
        }
        What::MarkRead(_)
        | What::Message(_)
        | What::Edit(_)
        | What::Delete(_)
        | What::CommentReply(_)
        | What::HideComment(_) => vec![action("mark_seen")],
    }
}
