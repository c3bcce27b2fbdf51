//! What a message consists of besides its text.

use std::collections::BTreeMap;

use connector_sdk::json::{self, Number, Raw, name};
use kenh_proto::v1::{
    Card, ContactCard, Location, Media, MediaKind, MediaState, Part, Poll, Sticker, StoryReference, UnknownPart,
    part::Content,
};

use super::person::full_name;
use crate::wire::{File, Message, Place};

/// Contents that have no typed form; people sent them all the same.
const UNTYPED: &[&str] = &["dice", "paid_media", "invoice", "giveaway", "checklist"];

/// Members that every message may have: what is left names its kind.
const COMMON: &[&str] = &[
    "message_id",
    "message_thread_id",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "chat",
    "date",
    "edit_date",
    "business_connection_id",
    "is_topic_message",
    "is_automatic_forward",
    "has_protected_content",
    "is_from_offline",
    "reply_to_message",
    "external_reply",
    "quote",
    "via_bot",
    "forward_origin",
    "reply_markup",
    "author_signature",
];

/// All parts.
pub(super) fn parts(inner: &[u8], message: &Message) -> Vec<Part> {
    let mut parts = files(message);
    let more = [
        message.sticker.0.as_ref().map(|sticker| {
            Content::Sticker(Sticker {
                id: sticker.file_id.get().map(Into::into),
                set_id: sticker.set_name.0.get().map(Into::into),
                emoji: sticker.emoji.0.get().map(Into::into),
                url: None,
            })
        }),
        place(message),
        message.contact.0.as_ref().map(|card| {
            Content::ContactCard(ContactCard {
                name: full_name(card.first_name.get(), card.last_name.get()),
                phones: card.phone_number.get().map(Into::into).into_iter().collect(),
                ..ContactCard::default()
            })
        }),
        message.poll.0.as_ref().map(|poll| {
            let options = poll.options.iter().filter_map(|option| option.text.get().map(Into::into)).collect();
            Content::Poll(Poll { question: poll.question.get().unwrap_or_default().into(), options })
        }),
        message.game.0.as_ref().map(|game| {
            let subtitle = game.description.get().map(Into::into);
            Content::Card(Card { title: game.title.get().map(Into::into), subtitle, ..Card::default() })
        }),
        message.story.0.as_ref().map(|story| {
            Content::Story(StoryReference { id: story.id.get().map(Into::into), ..StoryReference::default() })
        }),
    ];
    parts.extend(more.into_iter().flatten().map(|content| Part { content: Some(content) }));
    if parts.is_empty() {
        let untyped = members(inner).into_iter().find(|member| UNTYPED.contains(&member.as_str()));
        let unknown = |provider_type| Content::Unknown(UnknownPart { provider_type, ..UnknownPart::default() });
        parts.extend(untyped.map(|kind| Part { content: Some(unknown(kind)) }));
    }
    parts
}

/// Files, each to be fetched by its id.
pub(super) fn files(message: &Message) -> Vec<Part> {
    // An animation comes a second time as a document, for programs that know no animations.
    let document = message.document.0.as_ref().filter(|_| message.animation.0.is_none());
    let files = [
        (MediaKind::Image, message.photo.0.last()),
        (MediaKind::Video, message.video.0.as_ref()),
        (MediaKind::Gif, message.animation.0.as_ref()),
        (MediaKind::Audio, message.audio.0.as_ref()),
        (MediaKind::Audio, message.voice.0.as_ref()),
        (MediaKind::Video, message.video_note.0.as_ref()),
        (MediaKind::File, document),
    ];
    let part = |(kind, file): (MediaKind, Option<&File>)| Some(Part { content: Some(media(kind, file?)) });
    files.into_iter().filter_map(part).collect()
}

fn media(kind: MediaKind, file: &File) -> Content {
    let pixels = |number: Option<Number>| number.and_then(Number::whole).and_then(|number| u32::try_from(number).ok());
    let seconds = file.duration.0.and_then(Number::whole);
    let state = if file.file_id.get().is_some() { MediaState::Remote } else { MediaState::Unavailable };
    Content::Media(Media {
        kind: kind.into(),
        provider_ref: file.file_id.get().map(Into::into),
        mime_type: file.mime_type.0.get().map(Into::into),
        name: file.file_name.0.get().map(Into::into),
        size: file.file_size.0.and_then(Number::whole),
        duration_ms: seconds.and_then(|seconds| seconds.checked_mul(1000)),
        width: pixels(file.width.0),
        height: pixels(file.height.0),
        state: state.into(),
        ..Media::default()
    })
}

/// A place; one with a name comes as both.
fn place(message: &Message) -> Option<Content> {
    let at = |place: &Place| Location {
        latitude: place.latitude.get(),
        longitude: place.longitude.get(),
        ..Location::default()
    };
    let named = message.venue.0.as_ref().map(|venue| Location {
        name: venue.title.get().map(Into::into),
        address: venue.address.get().map(Into::into),
        ..at(&venue.location)
    });
    named.or_else(|| message.location.0.as_ref().map(at)).map(Content::Location)
}

/// What a message without known content is: `message.pinned_message`.
pub(super) fn unknown_kind(kind: &str, inner: &[u8]) -> String {
    let named = members(inner).into_iter().find(|member| name(member).is_some() && !COMMON.contains(&member.as_str()));
    named.map_or_else(|| kind.to_owned(), |member| format!("{kind}.{member}"))
}

fn members(inner: &[u8]) -> Vec<String> {
    json::object::<BTreeMap<String, Raw>>(inner).map(|members| members.value.into_keys().collect()).unwrap_or_default()
}
