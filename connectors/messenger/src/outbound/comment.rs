//! What a Page does with a comment in public: answer, hide, show, remove.
//! See <https://developers.facebook.com/docs/graph-api/reference/comment>.

use connector_meta::graph::{Fact, Graph, MESSAGING, Meaning, taken};
use connector_sdk::outbound::{Accepted, Answer, Body, Call, Effect, Failure, Method, Outcome, Sending, Step};
use kenh_proto::v1::{SendReason, delete, outbound_action::What};
use serde_json::{Value, json};

/// What errors mean here and not elsewhere: the object is the comment.
const COMMENTS: &[Fact] = &[(100, 33, Meaning::Fails(SendReason::TargetInvalid))];

/// What comes next.
pub(super) fn step(graph: &Graph, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    let Some(call) = call(graph, sending) else {
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
fn call(graph: &Graph, sending: &Sending<'_>) -> Option<Call> {
    let post = |path: &[&str], body, effect| graph.call(Method::Post, path, Body::Json(body), effect, sending);
    Some(match sending.what {
        What::CommentReply(reply) => {
            let text = &reply.message.as_ref()?.text.as_ref()?.body;
            post(&[&reply.provider_comment_id, "comments"], json!({"message": text}), Effect::Visible)
        }
        What::HideComment(hiding) => {
            post(&[&hiding.provider_comment_id], json!({"is_hidden": hiding.hidden}), Effect::Keyed)
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
