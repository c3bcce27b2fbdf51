//! Attachments, each by its type.

use std::borrow::Cow;

use connector_sdk::{
    json::{self, Raw},
    time::Epoch,
};
use kenh_proto::v1::{
    Appointment, Link, Location, Media, MediaKind, MediaState, Part, Sticker, StoryReference, UnknownPart,
    part::Content,
};

use super::template;
use crate::{
    fields::web,
    wire::{self, Attachment, Payload},
};

/// The thumbs-up below the text field, in its three sizes.
const LIKE_STICKERS: &[&str] = &["369239263222822", "369239343222814", "369239383222810"];

/// The parts of a message, and what could not be taken over faithfully.
pub(super) fn parts(message: &wire::Message) -> (Vec<Part>, Vec<&'static str>) {
    let mut degraded = Vec::new();
    let mut contents: Vec<Content> =
        message.reply_to.iter().filter_map(|reply| reply.story.as_ref()).map(story).collect();
    for raw in message.attachments.iter().flatten() {
        for content in contents_of(raw, message.sticker_id.get(), &mut degraded) {
            // While Meta moves stickers from images to a type of their own, both are sent.
            if !is_sticker_again(&content, &contents) {
                contents.push(content);
            }
        }
    }
    if let (Some(id), true) = (message.sticker_id.get(), contents.is_empty()) {
        contents.push(sticker(id.to_owned(), None));
    }
    degraded.sort_unstable();
    degraded.dedup();
    (contents.into_iter().map(|content| Part { content: Some(content) }).collect(), degraded)
}

fn contents_of(raw: &Raw, message_sticker: Option<&str>, degraded: &mut Vec<&'static str>) -> Vec<Content> {
    let Ok(attachment) = json::object::<Attachment>(raw.get().as_bytes()) else {
        degraded.push("attachment_shape");
        return vec![unknown("unknown", None, None)];
    };
    degraded.extend(attachment.degraded);
    let Attachment { kind, title, url, payload } = attachment.value;
    let mut payload = payload.map(|raw| read_payload(&raw, degraded)).unwrap_or_default();
    payload.title.0 = payload.title.0.or(title.0);
    payload.url.0 = payload.url.0.or(url.0);
    let kind = kind.0.map_or(Cow::Borrowed("unknown"), Cow::Owned);
    of_kind(&kind, payload, message_sticker)
}

/// A payload is an object, or, in old fallbacks, just the address.
fn read_payload(raw: &Raw, degraded: &mut Vec<&'static str>) -> Payload {
    if raw.get().starts_with('"')
        && let Ok(url) = json::parse::<String>(raw.get().as_bytes())
    {
        let mut payload = Payload::default();
        payload.url.0 = Some(url.value);
        return payload;
    }
    if let Ok(payload) = json::object::<Payload>(raw.get().as_bytes()) {
        degraded.extend(payload.degraded);
        return payload.value;
    }
    degraded.push("attachment_shape");
    Payload::default()
}

fn of_kind(kind: &str, payload: Payload, message_sticker: Option<&str>) -> Vec<Content> {
    let content = match kind {
        "image" | "sticker" => match payload.sticker_id.into_option().or_else(|| message_sticker.map(Into::into)) {
            Some(id) => sticker(id, payload.url.0),
            None if kind == "sticker" => Content::Sticker(Sticker { url: web(payload.url.0), ..Sticker::default() }),
            None => media(MediaKind::Image, payload.url.0),
        },
        "story_mention" => {
            Content::Story(StoryReference { url: web(payload.url.0), is_mention: true, ..StoryReference::default() })
        }
        "like_heart" => Content::Sticker(Sticker { emoji: Some("❤️".into()), ..Sticker::default() }),
        // Seen once and gone: neither what it is nor where it lies is said.
        "ephemeral" => media(MediaKind::Unspecified, payload.url.0),
        "video" => media(MediaKind::Video, payload.url.0),
        "audio" => media(MediaKind::Audio, payload.url.0),
        "file" => media(MediaKind::File, payload.url.0),
        "reel" | "ig_reel" | "post" | "ig_post" | "share" => link(kind, payload),
        // A share without title or address is one that Meta does not pass on.
        "fallback" if payload.title.0.is_some() || payload.url.0.is_some() => link(kind, payload),
        "location" => match payload.coordinates {
            Some(wire::Coordinates { lat, long }) => Content::Location(Location {
                latitude: lat.get(),
                longitude: long.get(),
                name: payload.title.0,
                address: None,
            }),
            None => unknown(kind, payload.title.0, payload.url.0),
        },
        "template" => return template::contents(payload),
        "appointment_booking" => Content::Appointment(Appointment {
            id: payload.booking_id.into_option(),
            status: payload.status.0,
            starts_at: payload.start_time.and_then(Epoch::timestamp),
            ends_at: payload.end_time.and_then(Epoch::timestamp),
            time_zone: payload.timezone.0,
        }),
        other => unknown(other, payload.title.0, payload.url.0),
    };
    vec![content]
}

/// A file at an address that stops working after a while; Meta does not say when.
pub fn media(kind: MediaKind, url: Option<String>) -> Content {
    let url = web(url);
    let state = if url.is_some() { MediaState::Remote } else { MediaState::Unavailable };
    Content::Media(Media { kind: kind.into(), url, state: state.into(), ..Media::default() })
}

fn sticker(id: String, url: Option<String>) -> Content {
    let emoji = LIKE_STICKERS.contains(&id.as_str()).then(|| "👍".into());
    Content::Sticker(Sticker { id: Some(id), url: web(url), emoji, ..Sticker::default() })
}

fn is_sticker_again(content: &Content, before: &[Content]) -> bool {
    let id = |content: &Content| if let Content::Sticker(sticker) = content { sticker.id.clone() } else { None };
    id(content).is_some_and(|new| before.iter().any(|old| id(old).as_ref() == Some(&new)))
}

fn link(kind: &str, payload: Payload) -> Content {
    let url = web(payload.url.0);
    Content::Link(Link { url, title: payload.title.0, r#type: Some(kind.into()), ..Link::default() })
}

fn story(story: &wire::Story) -> Content {
    let id = story.id.get().map(Into::into);
    Content::Story(StoryReference { id, url: web(story.url.0.clone()), is_mention: false })
}

pub(super) fn unknown(kind: &str, title: Option<String>, url: Option<String>) -> Content {
    Content::Unknown(UnknownPart { provider_type: kind.into(), title, url: web(url) })
}
