//! A comment on its way, or one taken back.

use connector_sdk::outbound::{
    Accepted, Answer, Body, Call, Effect, Failure, Method, Outcome, Reply, Sending, Step, TOKEN,
};
use kenh_proto::v1::{SendReason, delete, outbound_action::What};
use serde_json::{Map, Value, json};

use super::{errors, plan};

/// The next step.
pub(super) fn step(api_url: &str, api_version: &str, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    let Some((method, path, body, effect)) = described(sending) else {
        return Step::Done(Failure::permanent(SendReason::TargetInvalid, None));
    };
    let Some(answer) = answers.first() else {
        let headers = vec![
            ("Authorization", format!("Bearer {TOKEN}")),
            ("LinkedIn-Version", api_version.to_owned()),
            ("X-Restli-Protocol-Version", "2.0.0".to_owned()),
        ];
        return Step::Call(Call { method, url: format!("{api_url}/rest{path}"), headers, body, effect });
    };
    let done = |reply: &Reply| errors::read(reply, effect).map_or_else(|outcome| outcome, |body| accepted(&body));
    Step::Done(answer.to_call(effect).map_or_else(|outcome| outcome, done))
}

/// Below a post, or below the comment that is answered. Taking back can be repeated; whoever answers twice is seen to.
fn described(sending: &Sending<'_>) -> Option<(Method, String, Body, Effect)> {
    let actor = sending.account;
    match sending.what {
        What::CommentReply(reply) => {
            let on = &reply.provider_comment_id;
            let text = &reply.message.as_ref()?.text.as_ref()?.body;
            if !plan::is_urn(on) {
                return None;
            }
            let mut body = Map::new();
            let object = plan::parts(on).map(|(object, _)| object);
            body.insert("actor".into(), json!(actor));
            body.insert("object".into(), json!(object.unwrap_or(on)));
            body.extend(object.map(|_| ("parentComment".to_owned(), json!(on))));
            body.insert("message".into(), json!({"text": text}));
            let path = format!("/socialActions/{}/comments", coded(on));
            Some((Method::Post, path, Body::Json(Value::Object(body)), Effect::Visible))
        }
        What::Delete(deletion) => match deletion.what.as_ref()? {
            delete::What::ProviderCommentId(id) => {
                let (object, id) = plan::parts(id)?;
                let path = format!("/socialActions/{}/comments/{id}?actor={}", coded(object), coded(actor));
                Some((Method::Delete, path, Body::None, Effect::Keyed))
            }
            delete::What::ProviderMessageId(_) => None,
        },
        What::Message(_)
        | What::Edit(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::HideComment(_) => None,
    }
}

/// A URN within an address.
fn coded(urn: &str) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    urn.bytes().map(one).collect()
}

/// A comment's own URN, by which its events name it. The status says that it was taken, also without one.
fn accepted(body: &Value) -> Outcome {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let id = text("commentUrn").or_else(|| text("$URN")).or_else(|| text("id"));
    Outcome::Accepted(id.map_or_else(Accepted::default, Accepted::id))
}
