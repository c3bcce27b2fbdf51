//! A direct message on its way. A picture is uploaded first.

use connector_sdk::outbound::{Accepted, Body, Effect, Failure, Method, Outcome, Retry, Sending, Step, file};
use kenh_proto::v1::{Media, MediaKind, Message, SendReason, part::Content};
use serde_json::{Map, Value, json};

use super::{
    call::{Caller, Request},
    capabilities::{LARGEST_GIF, LARGEST_PICTURE},
    plan,
};

/// The next step of a message.
pub(super) fn step(caller: &mut Caller<'_>, sending: &Sending<'_>, message: &Message) -> Step {
    let path = match plan::path(sending.to) {
        Ok(path) => path,
        Err(refusal) => return Step::Done(refusal.into()),
    };
    let mut body = match members(caller, message, "dm") {
        Ok(body) => body,
        Err(step) => return *step,
    };
    if let Some(media) = body.remove("media") {
        let ids = media.get("media_ids").and_then(Value::as_array).into_iter().flatten();
        body.insert("attachments".into(), ids.map(|id| json!({"media_id": id})).collect());
    }
    match caller.call(Request::post(path, Value::Object(body))) {
        Ok(data) => Step::Done(accepted(&data, "dm_event_id")),
        Err(step) => *step,
    }
}

/// What X took, by its id; without one nobody knows.
pub(super) fn accepted(data: &Value, name: &str) -> Outcome {
    data.get(name).and_then(Value::as_str).map_or(Outcome::Unknown, |id| Outcome::Accepted(Accepted::id(id)))
}

/// `text` and `media` of what is written; `place` is `dm` or `tweet`.
pub(super) fn members(
    caller: &mut Caller<'_>,
    message: &Message,
    place: &'static str,
) -> Result<Map<String, Value>, Box<Step>> {
    let mut body = Map::new();
    let mut text = message.text.as_ref().map(|text| text.body.clone());
    for part in &message.parts {
        let Some(Content::Media(media)) = &part.content else {
            return Err(Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)).into());
        };
        text = text.or_else(|| media.caption.clone());
        let id = uploaded(caller, media, place)?;
        body.insert("media".into(), json!({"media_ids": [id]}));
    }
    body.extend(text.map(|text| ("text".to_owned(), json!(text))));
    Ok(body)
}

/// Uploads a picture. Nobody sees it until it is sent.
fn uploaded(caller: &mut Caller<'_>, media: &Media, place: &str) -> Result<String, Box<Step>> {
    let (sort, most) = if media.kind() == MediaKind::Gif { ("gif", LARGEST_GIF) } else { ("image", LARGEST_PICTURE) };
    let file = file(media, most, &mut caller.answers)?;
    let fields = vec![("media_category", format!("{place}_{sort}")), ("media_type", file.mime.clone())];
    // Nothing of a file's is taken for the token's place.
    let body = Body::TokenIn(&[], Body::Multipart { fields, name: "media", file }.into());
    let path = "/2/media/upload".to_owned();
    let data = caller.call(Request { method: Method::Post, path, body, effect: Effect::Repeatable })?;
    let missing = || Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
    data.get("id").and_then(Value::as_str).map(Into::into).ok_or_else(|| Step::Done(missing()).into())
}
