//! What an account does with a comment in public: answer, hide, show, remove.
//! See <https://developers.facebook.com/docs/graph-api/reference/comment> and
//! <https://developers.facebook.com/docs/instagram-platform/comment-moderation>.

use connector_sdk::outbound::{Accepted, Answer, Body, Call, Effect, Failure, Method, Outcome, Refusal, Sending, Step};
use kenh_proto::v1::{SendReason, delete, outbound_action::What};
use serde_json::{Value, json};

use crate::graph::{Fact, Graph, MESSAGING, Meaning, is_id, taken};

/// What errors mean here and not elsewhere: the object is the comment.
const COMMENTS: &[Fact] = &[(100, 33, Meaning::Fails(SendReason::TargetInvalid))];

/// What a product calls it.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The edge of a comment to which answers are posted.
    pub answers: &'static str,
    /// The member that hides a comment.
    pub hidden: &'static str,
}

/// Whether this can be the id of a comment or post: it stands in addresses.
pub fn check_id(id: &str) -> Result<(), Refusal> {
    if is_id(id) {
        return Ok(());
    }
    Err(Refusal::new(SendReason::TargetInvalid, "this is no id of a comment or post; use the one its event has"))
}

/// Whether an action that is about a comment names one.
pub fn check(what: &What) -> Result<(), Refusal> {
    match what {
        What::CommentReply(reply) => check_id(&reply.provider_comment_id),
        What::HideComment(hiding) => check_id(&hiding.provider_comment_id),
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderCommentId(id)) => check_id(id),
            Some(delete::What::ProviderMessageId(_)) | None => Ok(()),
        },
        What::Message(_) | What::Edit(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) => Ok(()),
    }
}

/// What comes next.
pub fn step(graph: &Graph, words: Words, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    let Some(call) = call(graph, words, sending) else {
        return Step::Done(Failure::permanent(SendReason::ContentInvalid, None));
    };
    match answers.last() {
        None => Step::Call(call),
        Some(answer) => Step::Done(
            taken(answer, call.effect, &[COMMENTS, MESSAGING])
                .map_or_else(|outcome| outcome, |body| done(sending.what, &body)),
        ),
    }
}

/// Hiding and removing can be repeated; whoever answers twice is seen to.
fn call(graph: &Graph, words: Words, sending: &Sending<'_>) -> Option<Call> {
    let post = |path: &[&str], body, effect| graph.call(Method::Post, path, Body::Json(body), effect, sending);
    Some(match sending.what {
        What::CommentReply(reply) => {
            let text = &reply.message.as_ref()?.text.as_ref()?.body;
            post(&[&reply.provider_comment_id, words.answers], json!({"message": text}), Effect::Visible)
        }
        What::HideComment(hiding) => {
            post(&[&hiding.provider_comment_id], json!({words.hidden: hiding.hidden}), Effect::Keyed)
        }
        What::Delete(deletion) => match deletion.what.as_ref()? {
            delete::What::ProviderCommentId(id) => {
                graph.call(Method::Delete, &[id], Body::None, Effect::Keyed, sending)
            }
            delete::What::ProviderMessageId(_) => return None,
        },
        What::Message(_) | What::Edit(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) => return None,
    })
}

/// An answer has an id, by which its own events will name it; the others succeed or do not.
fn done(what: &What, body: &Value) -> Outcome {
    match (what, body.get("id").and_then(Value::as_str)) {
        (What::CommentReply(_), Some(id)) => Outcome::Accepted(Accepted::id(id)),
        (What::CommentReply(_), None) => Outcome::Unknown,
        _ if body.get("success") == Some(&json!(false)) => Failure::permanent(SendReason::Refused, None),
        _ => Outcome::Accepted(Accepted::default()),
    }
}
