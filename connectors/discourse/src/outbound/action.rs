//! What is done about posts that are there: changing, deleting, liking. Doing it again changes nothing.

use connector_sdk::outbound::{Accepted, Body, Effect, Failure, Method, Outcome, Step};
use kenh_proto::v1::{ReactionAction, SendReason, delete, outbound_action::What};
use serde_json::json;

use super::call::{Caller, is_id};

/// A like, as Discourse numbers what can be done with a post.
const LIKE: u64 = 2;

/// The next step of an action.
pub(super) fn step(caller: &mut Caller<'_>, what: &What) -> Step {
    let Some((method, path, body)) = described(what) else {
        return Step::Done(Failure::permanent(SendReason::TargetInvalid, None));
    };
    let result = caller.call(method, &path, body, Effect::Keyed);
    result.map_or_else(|step| *step, |_| Step::Done(Outcome::Accepted(Accepted::default())))
}

fn described(what: &What) -> Option<(Method, String, Body)> {
    let post = |id: &str| is_id(id).then(|| format!("/posts/{id}.json"));
    Some(match what {
        What::Edit(edit) => {
            let text = &edit.message.as_ref()?.text.as_ref()?.body;
            (Method::Put, post(&edit.provider_message_id)?, Body::Json(json!({"post": {"raw": text}})))
        }
        What::Delete(deletion) => match deletion.what.as_ref()? {
            delete::What::ProviderMessageId(id) | delete::What::ProviderCommentId(id) => {
                (Method::Delete, post(id)?, Body::None)
            }
        },
        What::React(react) if !is_id(&react.provider_message_id) => return None,
        What::React(react) if react.action() == ReactionAction::Removed => {
            let path = format!("/post_actions/{}.json?post_action_type_id={LIKE}", react.provider_message_id);
            (Method::Delete, path, Body::None)
        }
        What::React(react) => {
            let body = json!({"id": react.provider_message_id, "post_action_type_id": LIKE});
            (Method::Post, "/post_actions.json".into(), Body::Json(body))
        }
        What::Message(_) | What::Typing(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {
            return None;
        }
    })
}

/// Whether a reaction is the one there is.
pub(super) fn is_like(code: &str) -> bool {
    matches!(code, "" | "like" | "❤️" | "❤" | "👍")
}
