//! The call of a piece.

use connector_sdk::outbound::{self, Body, Failure, Outcome, Sending, To};
use jaq_json::Val;
use kenh_proto::v1::{Message, OutboundAction, SendPurpose, SendReason, SenderRole, delete, outbound_action::What};
use serde_json::{Value, json};

use super::{
    Call, Does, Sender,
    address::{Place, Unfilled},
};
use crate::{
    jq::{Meter, Program},
    json,
};

impl Sender {
    pub(super) fn called(&self, call: &Call, does: Does, sending: &Sending<'_>) -> Result<outbound::Call, Outcome> {
        let unfilled = |why: Unfilled| {
            let reason = match why {
                Unfilled::Missing => SendReason::ConversationUnknown,
                Unfilled::Unfit => SendReason::TargetInvalid,
            };
            Failure::permanent(reason, None)
        };
        let value = |place: Place| value(place, sending);
        let url = call.url.address(value).map_err(unfilled)?;
        let mut headers = Vec::new();
        for (name, template) in self.headers.iter().chain(&call.headers) {
            headers.push((*name, template.header(value).map_err(unfilled)?));
        }
        let body = match &call.body {
            Some(program) => body(program, does, sending)?,
            None => Body::None,
        };
        Ok(outbound::Call { method: call.method, url, headers, body, effect: does.effect(call.is_keyed) })
    }
}

fn value(place: Place, sending: &Sending<'_>) -> Option<String> {
    match place {
        Place::Reference => Some(sending.reference.into()),
        Place::Account => Some(sending.account.into()),
        Place::Conversation => sending.conversation.map(Into::into),
        Place::To => match sending.to {
            To::Contact { value, .. } => Some(value.clone()),
            To::Group(id) | To::Comment(id) | To::Post(id) => Some(id.clone()),
            To::Account => None,
        },
        Place::MessageId => message_id(sending.what),
        Place::CommentId => comment_id(sending.what),
    }
}

fn message_id(what: &What) -> Option<String> {
    match what {
        What::Message(message) => message.quoted.as_ref().map(|quoted| quoted.provider_message_id.clone()),
        What::Edit(edit) => Some(edit.provider_message_id.clone()),
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(id)) => Some(id.clone()),
            Some(delete::What::ProviderCommentId(_)) | None => None,
        },
        What::React(react) => Some(react.provider_message_id.clone()),
        What::Typing(typing) => typing.provider_message_id.clone(),
        What::MarkRead(read) => read.provider_message_id.clone(),
        What::CommentReply(_) | What::HideComment(_) => None,
    }
}

fn comment_id(what: &What) -> Option<String> {
    match what {
        What::CommentReply(reply) => Some(reply.provider_comment_id.clone()),
        What::HideComment(hide) => Some(hide.provider_comment_id.clone()),
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderCommentId(id)) => Some(id.clone()),
            Some(delete::What::ProviderMessageId(_)) | None => None,
        },
        What::Message(_) | What::Edit(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) => None,
    }
}

/// The body a program makes of the action. The same action gives the same one.
fn body(program: &Program, does: Does, sending: &Sending<'_>) -> Result<Body, Outcome> {
    let invalid = || Failure::permanent(SendReason::ContentInvalid, None);
    let input = input(does, sending).ok_or_else(invalid)?;
    match program.first(input, &[], &Meter::default()) {
        None | Some(Ok(Val::Null)) => Ok(Body::None),
        Some(Ok(made)) => json::written(&made).map(Body::Json).ok_or_else(invalid),
        Some(Err(_)) => Err(invalid()),
    }
}

/// What a program sees of an action: `README.md` lists the members.
fn input(does: Does, sending: &Sending<'_>) -> Option<Val> {
    let action = OutboundAction { what: Some(sending.what.clone()) };
    let written = kenh_proto::to_json("OutboundAction", &action).ok()?;
    let arms: Value = serde_json::from_str(&written).ok()?;
    let what = arms.as_object()?.values().next().cloned().unwrap_or_default();
    let message: Option<&Message> = match sending.what {
        What::Message(message) => Some(message),
        What::Edit(edit) => edit.message.as_ref(),
        What::CommentReply(reply) => reply.message.as_ref(),
        What::Delete(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) | What::HideComment(_) => None,
    };
    let text = message.and_then(|message| message.text.as_ref()).map(|text| text.body.as_str());
    let (kind, scheme) = match sending.to {
        To::Contact { scheme, .. } => ("contact", Some(scheme.as_str())),
        To::Group(_) => ("group", None),
        To::Comment(_) => ("comment", None),
        To::Post(_) => ("post", None),
        To::Account => ("account", None),
    };
    let role = match sending.role {
        SenderRole::Human => "human",
        SenderRole::Bot | SenderRole::Unspecified => "bot",
    };
    let purpose = match sending.purpose {
        SendPurpose::Transaction => "transaction",
        SendPurpose::Promotion => "promotion",
        SendPurpose::Authentication => "authentication",
        SendPurpose::Reply | SendPurpose::Unspecified => "reply",
    };
    Some(json::value(&json!({
        "action": does.word(),
        "what": what,
        "text": text,
        "to": {"kind": kind, "scheme": scheme, "id": value(Place::To, sending)},
        "account": sending.account,
        "conversation": sending.conversation,
        "message_id": message_id(sending.what),
        "comment_id": comment_id(sending.what),
        "reference": sending.reference,
        "role": role,
        "purpose": purpose,
    })))
}
