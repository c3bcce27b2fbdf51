//! From each call to what is asked for.

use kenh_access::Caller;
use kenh_outbound::Ask;
use kenh_proto::v1::{self, Destination, SendOptions, outbound_action::What};
use tonic::{Request, Status};

use crate::status::invalid;

fn ask<T>(
    request: Request<T>,
    taken: impl FnOnce(T) -> (Option<Destination>, Option<SendOptions>, Result<What, Status>),
) -> Result<Ask, Status> {
    let client = Caller::of(&request)?.principal().name.to_string();
    let (destination, options, what) = taken(request.into_inner());
    let destination = destination.ok_or_else(|| invalid("destination", "must be set"))?;
    let (options, what) = (options.unwrap_or_default(), what?);
    Ok(Ask { client, destination, what, options, account_only: false, fleeting: false })
}

fn set<T>(field: &'static str, value: Option<T>) -> Result<T, Status> {
    value.ok_or_else(|| invalid(field, "must be set"))
}

fn named(field: &'static str, id: &str) -> Result<(), Status> {
    if id.is_empty() { Err(invalid(field, "must be set")) } else { Ok(()) }
}

pub(super) fn message(request: Request<v1::SendMessageRequest>) -> Result<Ask, Status> {
    ask(request, |request| {
        let what = set("message", request.message).and_then(|message| Ok(What::Message(written("message", message)?)));
        (request.destination, request.options, what)
    })
}

/// Something to say, within bounds.
fn written(field: &'static str, message: v1::Message) -> Result<v1::Message, Status> {
    const MOST_PARTS: usize = 50;
    const LARGEST_FILE: usize = 10 << 20;
    let text = message.text.as_ref().is_some_and(|text| !text.body.is_empty());
    if !text && message.parts.is_empty() && message.email.is_none() {
        return Err(invalid(field, "has neither text nor parts"));
    }
    if message.parts.len() > MOST_PARTS {
        return Err(invalid(field, format!("at most {MOST_PARTS} parts")));
    }
    let content = |part: &v1::Part| match &part.content {
        Some(v1::part::Content::Media(media)) => media.content.as_ref().map_or(0, Vec::len),
        Some(_) | None => 0,
    };
    if message.parts.iter().any(|part| content(part) > LARGEST_FILE) {
        return Err(invalid(field, "the content of a file is at most 10 MiB: give an address instead"));
    }
    Ok(message)
}

pub(super) fn edit(request: Request<v1::EditMessageRequest>) -> Result<Ask, Status> {
    ask(request, |request| {
        let what = set("edit", request.edit).and_then(|mut edit| {
            named("edit.provider_message_id", &edit.provider_message_id)?;
            edit.message = Some(written("edit.message", set("edit.message", edit.message)?)?);
            Ok(What::Edit(edit))
        });
        (request.destination, request.options, what)
    })
}

pub(super) fn delete(request: Request<v1::DeleteMessageRequest>) -> Result<Ask, Status> {
    let mut ask = ask(request, |request| {
        let what = set("delete", request.delete).and_then(|delete| {
            match set("delete.what", delete.what.as_ref())? {
                v1::delete::What::ProviderMessageId(id) => named("delete.provider_message_id", id)?,
                v1::delete::What::ProviderCommentId(id) => named("delete.provider_comment_id", id)?,
            }
            Ok(What::Delete(delete))
        });
        (request.destination, request.options, what)
    })?;
    ask.account_only = true;
    Ok(ask)
}

pub(super) fn react(request: Request<v1::ReactRequest>) -> Result<Ask, Status> {
    ask(request, |request| {
        let what = set("react", request.react).and_then(|react| {
            named("react.provider_message_id", &react.provider_message_id)?;
            if react.action() != v1::ReactionAction::Removed {
                named("react.reaction", &react.reaction)?;
            }
            Ok(What::React(react))
        });
        (request.destination, request.options, what)
    })
}

pub(super) fn typing(request: Request<v1::SendTypingRequest>) -> Result<Ask, Status> {
    let mut ask = ask(request, |request| {
        (request.destination, request.options, set("typing", request.typing).map(What::Typing))
    })?;
    ask.fleeting = true;
    Ok(ask)
}

pub(super) fn mark_read(request: Request<v1::MarkReadRequest>) -> Result<Ask, Status> {
    let mut ask = ask(request, |request| {
        (request.destination, request.options, Ok(What::MarkRead(request.mark_read.unwrap_or_default())))
    })?;
    ask.fleeting = true;
    Ok(ask)
}

pub(super) fn comment_reply(request: Request<v1::ReplyToCommentRequest>) -> Result<Ask, Status> {
    let private = request.get_ref().private_reply;
    let comment = request.get_ref().provider_comment_id.clone();
    named("provider_comment_id", &comment)?;
    let mut ask = ask(request, |request| {
        let what = set("message", request.message).and_then(|message| written("message", message)).map(|message| {
            if private {
                What::Message(message)
            } else {
                let provider_comment_id = request.provider_comment_id;
                What::CommentReply(v1::CommentReply { provider_comment_id, message: Some(message) })
            }
        });
        (request.destination, request.options, what)
    })?;
    ask.account_only = true;
    if private {
        ask.destination.to = Some(v1::destination::To::Comment(comment));
    }
    Ok(ask)
}

pub(super) fn hide_comment(request: Request<v1::HideCommentRequest>) -> Result<Ask, Status> {
    let mut ask = ask(request, |request| {
        let what = set("hide_comment", request.hide_comment).and_then(|hide| {
            named("hide_comment.provider_comment_id", &hide.provider_comment_id)?;
            Ok(What::HideComment(hide))
        });
        (request.destination, request.options, what)
    })?;
    ask.account_only = true;
    Ok(ask)
}
