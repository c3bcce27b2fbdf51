//! Messages, those of the account included, whether written in the app or through the API.

use std::time::Duration;

use connector_sdk::{Event, Malformed, json};
use kenh_proto::v1::{
    Link, Media, MediaKind, MediaState, Message, Part, Quote, ReplyPolicy, Sticker, Text, UnknownPart,
    envelope::Payload, part::Content as PartContent,
};
use prost_types::Timestamp;

use super::Item;
use crate::wire::{Content, File};

/// A message. What a person writes opens the time for answering.
pub(super) fn written(item: &Item<'_>, window: Option<Duration>) -> Result<Event, Malformed> {
    let content = item.content;
    let id = content.message_id.0.required("content.message_id")?;
    let conversation = content.conversation_id.0.required("content.conversation_id")?;
    let quoted = content.referenced_message_info.0.referenced_message_id.0.get();
    let text = content.text.0.body.get().map(|body| Text { body: body.into(), ..Text::default() });
    let payload = Message {
        text,
        parts: part(content)?.into_iter().map(|content| Part { content: Some(content) }).collect(),
        quoted: quoted.map(|id| Quote { provider_message_id: id.into(), ..Quote::default() }),
        ..Message::default()
    };
    let mut event = item.done(format!("{conversation}:{id}"), Payload::Message(payload)).message_id(id);
    if let (Some(window), false) = (window, item.is_own()) {
        let open_until = item.at().and_then(|at| later(at, window));
        event.envelope.reply_policy =
            open_until.map(|end| ReplyPolicy { open_until: Some(end), ..ReplyPolicy::default() });
    }
    Ok(event)
}

fn later(at: Timestamp, window: Duration) -> Option<Timestamp> {
    Some(Timestamp { seconds: at.seconds.checked_add(i64::try_from(window.as_secs()).ok()?)?, ..at })
}

/// What a message consists of besides its text.
fn part(content: &Content) -> Result<Option<PartContent>, Malformed> {
    Ok(Some(match content.kind.0.get().unwrap_or_default() {
        "text" => return content.text.0.body.required("content.text.body").map(|_| None),
        "image" => media(MediaKind::Image, &content.image.0),
        "video" => media(MediaKind::Video, &content.video.0),
        "share_post" => PartContent::Link(Link {
            url: content.share_post.0.embed_url.0.clone().into_url(),
            r#type: Some("share_post".into()),
            ..Link::default()
        }),
        "sticker" => PartContent::Sticker(Sticker {
            id: content.sticker.0.sticker_id.0.get().map(Into::into),
            url: content.sticker.0.url.0.clone().into_url(),
            ..Sticker::default()
        }),
        "" => return Err(json::missing("content.type")),
        other => PartContent::Unknown(UnknownPart { provider_type: other.into(), ..UnknownPart::default() }),
    }))
}

/// TikTok gives an address on demand only, for conversation, message and this id.
fn media(kind: MediaKind, file: &File) -> PartContent {
    let id = file.media_id.0.get();
    let state = if id.is_some() { MediaState::Remote } else { MediaState::Unavailable };
    PartContent::Media(Media {
        kind: kind.into(),
        provider_ref: id.map(Into::into),
        state: state.into(),
        ..Media::default()
    })
}
