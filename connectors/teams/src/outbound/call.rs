//! The one call of a piece, and what became of it.

use connector_sdk::outbound::{
    Accepted, Answer, Call, Effect, Failure, Method, Outcome, Refusal, Sending, Step, TOKEN, To,
};
use kenh_proto::v1::{SendReason, delete, outbound_action::What};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{content, errors};
use crate::inbound::USER;

/// What stands in a path as it is (RFC 3986, section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The channel's id of the conversation. A person is written to where they wrote.
pub(super) fn place<'a>(to: &'a To, conversation: Option<&'a str>) -> Result<&'a str, Refusal> {
    let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
    match to {
        To::Group(id) if !id.is_empty() => Ok(id),
        To::Contact { scheme, value } if scheme == USER => {
            let known = conversation.filter(|id| *id != value && !id.is_empty());
            known.ok_or_else(|| unknown("name the conversation: a bot answers where somebody wrote to it"))
        }
        To::Contact { .. } => Err(unknown("Teams takes contacts by teams_user_id, within a conversation")),
        To::Group(_) | To::Account => Err(unknown("name the conversation, or its id as group")),
        To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("Teams has no comments to answer")),
    }
}

/// The next step of a piece.
pub(super) fn step(service: Option<&str>, sending: &Sending<'_>, answers: &[Answer]) -> Step {
    let place = match place(sending.to, sending.conversation) {
        Ok(place) => place,
        Err(refusal) => return Step::Done(refusal.into()),
    };
    let Some((method, activity, body, effect)) = described(sending) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    if let Some(answer) = answers.first() {
        let outcome = answer.to_call(effect).map(|reply| errors::ended(reply, effect, accepted));
        return Step::Done(outcome.unwrap_or_else(|outcome| outcome));
    }
    let Some(service) = service else {
        return Step::Done(Failure::permanent(SendReason::NotPermitted, Some("service_host".to_owned())));
    };
    let encoded = |id: &str| utf8_percent_encode(id, SEGMENT).to_string();
    let mut url = format!("{service}/v3/conversations/{}/activities", encoded(place));
    if let Some(activity) = activity {
        url = format!("{url}/{}", encoded(activity));
    }
    let call = Call::post(url, body).header("Authorization", format!("Bearer {TOKEN}")).effect(effect);
    let call = Call { method, ..call };
    let bodiless = method == Method::Delete;
    Step::Call(if bodiless { Call { body: connector_sdk::outbound::Body::None, ..call } } else { call })
}

type Described<'a> = (Method, Option<&'a str>, Value, Effect);

/// What is called: how, behind which activity, with what, and who sees it. Doing again what is done to an activity changes
/// nothing.
fn described<'a>(sending: &Sending<'a>) -> Option<Described<'a>> {
    let from = json!({"id": sending.account});
    match sending.what {
        What::Message(message) => {
            let mut body = content::activity(message)?;
            body.insert("from".into(), from);
            let answered = message.quoted.as_ref().map(|quoted| quoted.provider_message_id.as_str());
            if let Some(answered) = answered {
                body.insert("replyToId".into(), json!(answered));
            }
            Some((Method::Post, answered, Value::Object(body), Effect::Visible))
        }
        What::Edit(edit) => {
            let mut body = content::activity(edit.message.as_ref()?)?;
            body.insert("from".into(), from);
            body.insert("id".into(), json!(edit.provider_message_id));
            Some((Method::Put, Some(&edit.provider_message_id), Value::Object(body), Effect::Keyed))
        }
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(id)) => Some((Method::Delete, Some(id), Value::Null, Effect::Keyed)),
            Some(delete::What::ProviderCommentId(_)) | None => None,
        },
        What::Typing(_) => Some((Method::Post, None, json!({"type": "typing", "from": from}), Effect::Repeatable)),
        What::React(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => None,
    }
}

/// `{"id":"1767225600002"}`, as later events name it.
fn accepted(body: &Value) -> Outcome {
    let id = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    Outcome::Accepted(id.map(Accepted::id).unwrap_or_default())
}
