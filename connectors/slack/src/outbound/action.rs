//! What is done about messages that are there: changing, taking back, reacting. Doing it again changes nothing.

use connector_sdk::outbound::{Accepted, Effect, Failure, Outcome, Step};
use kenh_proto::v1::{React, ReactionAction, SendReason, delete, outbound_action::What};
use serde_json::{Value, json};

use super::{
    call::{Caller, Request, Stop},
    content, emoji,
    errors::Hint,
};

/// The next step of an action.
pub(super) fn step(caller: &mut Caller<'_>, what: &What, channel: &str) -> Step {
    let Some((method, body)) = described(what, channel) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    match caller.call(&Request { method, body, effect: Effect::Keyed }) {
        Ok(_) | Err(Stop::Ended(_, Some(Hint::AlreadySo))) => Step::Done(Outcome::Accepted(Accepted::default())),
        Err(stop) => stop.into(),
    }
}

fn described(what: &What, channel: &str) -> Option<(&'static str, Value)> {
    Some(match what {
        What::Edit(edit) => {
            let mut body = content::members(edit.message.as_ref()?)?;
            body.remove("mrkdwn");
            body.insert("channel".into(), json!(channel));
            body.insert("ts".into(), json!(edit.provider_message_id));
            ("chat.update", Value::Object(body))
        }
        What::Delete(deletion) => match deletion.what.as_ref()? {
            delete::What::ProviderMessageId(ts) => ("chat.delete", json!({"channel": channel, "ts": ts})),
            delete::What::ProviderCommentId(_) => return None,
        },
        What::React(react) => {
            let method = if react.action() == ReactionAction::Removed { "reactions.remove" } else { "reactions.add" };
            let React { provider_message_id, reaction, .. } = react;
            let name = emoji::name(reaction)?;
            (method, json!({"channel": channel, "timestamp": provider_message_id, "name": name}))
        }
        What::Message(_) | What::Typing(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {
            return None;
        }
    })
}
