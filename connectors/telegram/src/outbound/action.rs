//! What is done about messages that are there: changing, taking back, reacting; and what shows that somebody is at work. Doing
//! any of it again changes nothing.

use connector_sdk::outbound::{Accepted, Effect, Failure, Outcome, Step};
use kenh_proto::v1::{
    MediaKind, Message, React, ReactionAction, SendReason, delete, outbound_action::What, part::Content,
};
use serde_json::{Value, json};

use super::{
    button,
    call::{Caller, Fields, Request, Stop},
    content::{self, number},
    errors::Hint,
    media,
};

/// The next step of an action.
pub(super) fn step(caller: &mut Caller<'_>, what: &What) -> Step {
    let done = || Step::Done(Outcome::Accepted(Accepted::default()));
    // There is nothing to call: what is shown ends by itself after five seconds.
    if matches!(what, What::Typing(typing) if !typing.active) {
        return done();
    }
    let Some(request) = request(caller, what) else {
        return Step::Done(Failure::permanent(SendReason::TargetInvalid, None));
    };
    match caller.call(&request) {
        Ok(_) | Err(Stop::Ended(_, Some(Hint::NotModified))) => done(),
        Err(Stop::Ended(_, Some(Hint::Caption))) if request.method == "editMessageText" => {
            caller.call(&captioned(request)).map_or_else(Step::from, |_| done())
        }
        Err(stop) => stop.into(),
    }
}

fn request(caller: &Caller<'_>, what: &What) -> Option<Request> {
    let about = |id: &str| Some(("message_id", json!(number(id)?)));
    let (method, fields) = match what {
        What::Edit(edit) => {
            let (method, mut fields) = changed(edit.message.as_ref()?)?;
            fields.push(about(&edit.provider_message_id)?);
            (method, fields)
        }
        What::Delete(deletion) => match deletion.what.as_ref()? {
            delete::What::ProviderMessageId(id) if caller.chat.business.is_some() => {
                ("deleteBusinessMessages", vec![("message_ids", json!([number(id)?]))])
            }
            delete::What::ProviderMessageId(id) => ("deleteMessage", vec![about(id)?]),
            delete::What::ProviderCommentId(_) => return None,
        },
        What::React(react) => {
            ("setMessageReaction", vec![about(&react.provider_message_id)?, ("reaction", reaction(react))])
        }
        What::Typing(_) => ("sendChatAction", vec![("action", json!("typing"))]),
        What::MarkRead(read) => ("readBusinessMessage", vec![about(read.provider_message_id.as_deref()?)?]),
        What::Message(_) | What::CommentReply(_) | What::HideComment(_) => return None,
    };
    Some(Request { method, fields, file: None, effect: Effect::Keyed })
}

/// What a message says from now on: a text, or another file with its caption.
fn changed(message: &Message) -> Option<(&'static str, Fields)> {
    let mut shown: Option<Value> = None;
    let mut buttons = None;
    for part in &message.parts {
        match part.content.as_ref()? {
            Content::Media(file) => shown = Some(replacement(message, file)?),
            Content::Choices(choices) => buttons = Some(("reply_markup", button::inline(&choices.choices))),
            Content::Location(_)
            | Content::ContactCard(_)
            | Content::Card(_)
            | Content::Carousel(_)
            | Content::List(_)
            | Content::Template(_)
            | Content::Order(_)
            | Content::Poll(_)
            | Content::Link(_)
            | Content::Sticker(_)
            | Content::Story(_)
            | Content::Product(_)
            | Content::Appointment(_)
            | Content::Unknown(_) => return None,
        }
    }
    let (method, mut fields) = match shown {
        Some(file) => ("editMessageMedia", vec![("media", file)]),
        None => ("editMessageText", content::marked("text", message.text.as_ref()?)),
    };
    fields.extend(buttons);
    Some((method, fields))
}

fn replacement(message: &Message, file: &kenh_proto::v1::Media) -> Option<Value> {
    let kind = match file.kind() {
        MediaKind::Image => "photo",
        MediaKind::Gif => "animation",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::File | MediaKind::Unspecified => "document",
    };
    let mut item = json!({"type": kind, "media": media::known(file)?});
    let caption = message.text.as_ref().map(|text| content::marked("caption", text));
    let own = || file.caption.as_ref().map(|caption| vec![("caption", json!(caption))]);
    if let Some(item) = item.as_object_mut() {
        let fields = caption.or_else(own).into_iter().flatten();
        item.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
    Some(item)
}

/// What has a file has no text, but a caption.
fn captioned(request: Request) -> Request {
    let renamed = |(name, value)| (if name == "text" { "caption" } else { name }, value);
    Request { method: "editMessageCaption", fields: request.fields.into_iter().map(renamed).collect(), ..request }
}

/// All reactions the bot has from now on: one or none. The number of an emoji is one of a set of its own.
fn reaction(react: &React) -> Value {
    let code = &react.reaction;
    if react.action() == ReactionAction::Removed || code.is_empty() {
        return json!([]);
    }
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        return json!([{"type": "custom_emoji", "custom_emoji_id": code}]);
    }
    json!([{"type": "emoji", "emoji": code}])
}
