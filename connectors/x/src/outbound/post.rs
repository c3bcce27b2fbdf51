//! What is done about posts: answering, hiding and showing an answer, deleting one's own.

use connector_sdk::outbound::{Accepted, Body, Effect, Failure, Method, Outcome, Step};
use kenh_proto::v1::{CommentReply, SendReason, delete, outbound_action::What};
use serde_json::{Value, json};

use super::{
    call::{Caller, Request, is_id},
    message,
};

/// The next step. Hiding and deleting can be repeated; whoever answers twice is seen to.
pub(super) fn step(caller: &mut Caller<'_>, what: &What) -> Step {
    let request = match what {
        What::CommentReply(reply) => return answered(caller, reply),
        What::HideComment(hiding) if is_id(&hiding.provider_comment_id) => Request {
            method: Method::Put,
            path: format!("/2/tweets/{}/hidden", hiding.provider_comment_id),
            body: Body::Json(json!({"hidden": hiding.hidden})),
            effect: Effect::Keyed,
        },
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderCommentId(id)) if is_id(id) => Request {
                method: Method::Delete,
                path: format!("/2/tweets/{id}"),
                body: Body::None,
                effect: Effect::Keyed,
            },
            Some(_) | None => return Step::Done(Failure::permanent(SendReason::TargetInvalid, None)),
        },
        What::HideComment(_)
        | What::Message(_)
        | What::Edit(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_) => return Step::Done(Failure::permanent(SendReason::TargetInvalid, None)),
    };
    caller.call(request).map_or_else(|step| *step, |_| Step::Done(Outcome::Accepted(Accepted::default())))
}

fn answered(caller: &mut Caller<'_>, reply: &CommentReply) -> Step {
    let Some(message) = reply.message.as_ref().filter(|_| is_id(&reply.provider_comment_id)) else {
        return Step::Done(Failure::permanent(SendReason::TargetInvalid, None));
    };
    let mut body = match message::members(caller, message, "tweet") {
        Ok(body) => body,
        Err(step) => return *step,
    };
    body.insert("reply".into(), json!({"in_reply_to_tweet_id": reply.provider_comment_id}));
    match caller.call(Request::post("/2/tweets", Value::Object(body))) {
        Ok(data) => Step::Done(message::accepted(&data, "id")),
        Err(step) => *step,
    }
}
