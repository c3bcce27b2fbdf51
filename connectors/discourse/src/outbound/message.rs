//! A post on its way: into a topic, to a person, or to another post, of which topic and number are looked up first.

use connector_sdk::outbound::{Accepted, Body, Effect, Failure, Method, Outcome, Retry, Sending, Step, To, file};
use kenh_proto::v1::{CommentReply, Media, MediaKind, Message, SendReason, part::Content};
use serde_json::{Map, Value, json};

use super::{
    call::{Caller, is_id},
    capabilities::{LARGEST_FILE, TITLE},
};
use crate::inbound::USERNAME;

/// The next step of a message.
pub(super) fn step(caller: &mut Caller<'_>, sending: &Sending<'_>, message: &Message) -> Step {
    let mut body = Map::new();
    let topic = match (sending.to, sending.conversation) {
        (To::Group(topic), _) => Some(topic.as_str()),
        (To::Account, topic) => topic,
        (To::Contact { .. } | To::Comment(_) | To::Post(_), _) => None,
    };
    match (sending.to, topic.filter(|topic| is_id(topic))) {
        (_, Some(topic)) => _ = body.insert("topic_id".into(), json!(topic)),
        (To::Contact { scheme, value }, None) if scheme == USERNAME => {
            body.insert("archetype".into(), json!("private_message"));
            body.insert("target_recipients".into(), json!(value));
            body.extend(sending.options.get(TITLE).map(|title| (TITLE.to_owned(), json!(title))));
        }
        (_, None) => {
            return Step::Done(Failure::permanent(SendReason::RecipientUnknown, None));
        }
    }
    if let Some(quoted) = &message.quoted {
        match looked_up(caller, &quoted.provider_message_id) {
            Ok((_, number)) => _ = body.insert("reply_to_post_number".into(), number),
            Err(step) => return *step,
        }
    }
    posted(caller, message, body)
}

/// The next step of an answer to a post.
pub(super) fn answer(caller: &mut Caller<'_>, reply: &CommentReply) -> Step {
    let Some(message) = &reply.message else {
        return Step::Done(Failure::permanent(SendReason::ContentInvalid, None));
    };
    match looked_up(caller, &reply.provider_comment_id) {
        Ok((topic, number)) => {
            let place = [("topic_id".to_owned(), topic), ("reply_to_post_number".to_owned(), number)];
            posted(caller, message, place.into_iter().collect())
        }
        Err(step) => *step,
    }
}

/// Topic and number of a post.
fn looked_up(caller: &mut Caller<'_>, id: &str) -> Result<(Value, Value), Box<Step>> {
    let unknown = || Box::new(Step::Done(Failure::permanent(SendReason::TargetInvalid, None)));
    if !is_id(id) {
        return Err(unknown());
    }
    let post = caller.call(Method::Get, &format!("/posts/{id}.json"), Body::None, Effect::Repeatable)?;
    let number = |name: &str| post.get(name).filter(|value| value.is_u64()).cloned();
    number("topic_id").zip(number("post_number")).ok_or_else(unknown)
}

fn posted(caller: &mut Caller<'_>, message: &Message, mut body: Map<String, Value>) -> Step {
    let raw = match written(caller, message) {
        Ok(raw) => raw,
        Err(step) => return *step,
    };
    body.insert("raw".into(), json!(raw));
    match caller.call(Method::Post, "/posts.json", Body::Json(Value::Object(body)), Effect::Visible) {
        Ok(answer) => Step::Done(accepted(&answer)),
        Err(step) => *step,
    }
}

/// The post's id; a post that somebody has to approve first has none yet.
fn accepted(answer: &Value) -> Outcome {
    if answer.get("action").and_then(Value::as_str) == Some("enqueued") {
        let notes = [("state", "enqueued".to_owned())].into();
        return Outcome::Accepted(Accepted { ids: Vec::new(), notes });
    }
    let Some(id) = answer.get("id").and_then(Value::as_u64) else { return Outcome::Unknown };
    let topic = answer.get("topic_id").and_then(Value::as_u64).map(|topic| ("topic", topic.to_string()));
    Outcome::Accepted(Accepted { ids: vec![id.to_string()], notes: topic.into_iter().collect() })
}

/// What it says, in Markdown, with its file.
fn written(caller: &mut Caller<'_>, message: &Message) -> Result<String, Box<Step>> {
    let mut text = message.text.as_ref().map(|text| text.body.clone());
    let mut below = None;
    for part in &message.parts {
        let Some(Content::Media(media)) = &part.content else {
            return Err(Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)).into());
        };
        text = text.or_else(|| media.caption.clone());
        below = Some(uploaded(caller, media)?);
    }
    Ok([text, below].into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

/// Uploads a file. Nobody sees it until a post names it.
fn uploaded(caller: &mut Caller<'_>, media: &Media) -> Result<String, Box<Step>> {
    let file = file(media, LARGEST_FILE, &mut caller.answers)?;
    // What would end the name's place in the Markdown.
    let name: String = file.name.chars().filter(|c| !matches!(c, '[' | ']' | '|' | '(' | ')' | '!')).collect();
    let fields = vec![("type", "composer".to_owned()), ("synchronous", "true".to_owned())];
    let body = Body::TokenIn(&[], Body::Multipart { fields, name: "file", file }.into());
    let answer = caller.call(Method::Post, "/uploads.json", body, Effect::Repeatable)?;
    let missing = || Box::new(Step::Done(Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon)));
    let url = answer.get("short_url").and_then(Value::as_str).filter(|url| url.starts_with("upload://"));
    let url = url.ok_or_else(missing)?;
    Ok(match media.kind() {
        MediaKind::Image | MediaKind::Gif => format!("![{name}]({url})"),
        MediaKind::Video => format!("![{name}|video]({url})"),
        MediaKind::Audio => format!("![{name}|audio]({url})"),
        MediaKind::File | MediaKind::Unspecified => format!("[{name}|attachment]({url})"),
    })
}
