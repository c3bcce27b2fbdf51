//! Sender actions: typing, seen, reactions. They stand alone, never with a message.
//! See <https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions>.

use connector_sdk::outbound::{Accepted, Answer, Body, Effect, Method, Outcome, Refusal, Sending, Step};
use kenh_proto::v1::{React, ReactionAction, SendReason, outbound_action::What};
use serde_json::{Map, Value, json};

use crate::graph::{Graph, MESSAGING, taken};

/// Doing it again changes nothing.
const EFFECT: Effect = Effect::Keyed;

/// What surrounds an action.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The account, as the product's addresses name it.
    pub sender: &'a str,
    /// Whom it is shown to.
    pub recipient: Value,
    /// The persona that is typing. Of the actions only this one can be shown with another name.
    pub persona: Option<&'a str>,
    /// The product's word for the reaction that is set.
    pub reaction: &'a str,
}

/// What is wrong with a reaction, on every channel.
pub fn check_reaction(reaction: &React) -> Result<(), Refusal> {
    if reaction.provider_message_id.is_empty() {
        return Err(Refusal::new(SendReason::TargetInvalid, "name the message reacted to"));
    }
    if reaction.action() != ReactionAction::Removed && reaction.reaction.is_empty() {
        return Err(Refusal::new(SendReason::ContentInvalid, "a reaction needs its emoji"));
    }
    Ok(())
}

/// What comes next.
pub fn step(graph: &Graph, around: Surroundings<'_>, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    if let Some(answer) = answers.last() {
        let taken = taken(answer, EFFECT, &[MESSAGING]);
        return Step::Done(taken.map_or_else(|outcome| outcome, |_| Outcome::Accepted(Accepted::default())));
    }
    let mut body = Map::new();
    body.extend(words(sending.what, &around).into_iter().map(|(name, value)| (name.to_owned(), value)));
    body.insert("recipient".into(), around.recipient);
    let (path, body) = ([around.sender, "messages"], Body::Json(Value::Object(body)));
    Step::Call(graph.call(Method::Post, &path, body, EFFECT, sending))
}

fn words(what: &What, around: &Surroundings<'_>) -> Vec<(&'static str, Value)> {
    let action = |word: &str| ("sender_action", json!(word));
    match what {
        What::Typing(typing) => {
            let word = if typing.active { "typing_on" } else { "typing_off" };
            let persona = around.persona.map(|id| ("persona_id", json!(id)));
            [action(word)].into_iter().chain(persona).collect()
        }
        What::React(react) if react.action() == ReactionAction::Removed => {
            vec![action("unreact"), ("payload", json!({"message_id": react.provider_message_id}))]
        }
        What::React(react) => {
            let on = json!({"message_id": react.provider_message_id, "reaction": around.reaction});
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
