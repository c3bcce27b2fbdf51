//! Messages.

use std::time::Duration;

use connector_sdk::{
    Event, Malformed,
    json::{self, Number, missing},
};
use kenh_proto::v1::{
    ContactCard, Link, Location, Media, MediaKind, MediaState, Message, Part, Sticker, Target, Text, UnknownPart,
    envelope::Payload, part::Content as PartContent,
};
use prost_types::Timestamp;

use super::item::Item;
use crate::wire::{Content, MessageBody};

/// `message`
pub(super) fn written(item: &Item<'_>, lifetime: Option<Duration>) -> Result<Event, Malformed> {
    let body = json::object::<MessageBody>(item.raw)?;
    let id = item.call.message_token.0.required("message_token")?;
    item.person()?;
    let mut content = body.value.message;
    let reference = std::mem::take(&mut content.tracking_data).0.into_option();
    let text = content.text.get().map(|text| Text { body: text.into(), ..Text::default() });
    let expires_at = lifetime.and_then(|lifetime| later(item.at()?, lifetime));
    let parts = part(content, expires_at)?.into_iter().map(|content| Part { content: Some(content) }).collect();
    let event = item.by_user(Payload::Message(Message { text, parts, ..Message::default() })).message_id(id);
    let event = event.degraded(body.degraded);
    Ok(match reference {
        Some(reference) => event.target(Target { client_reference: Some(reference), ..Target::default() }),
        None => event,
    })
}

fn later(at: Timestamp, lifetime: Duration) -> Option<Timestamp> {
    Some(Timestamp { seconds: at.seconds.checked_add(i64::try_from(lifetime.as_secs()).ok()?)?, ..at })
}

/// What a message consists of besides its text.
fn part(content: Content, expires_at: Option<Timestamp>) -> Result<Option<PartContent>, Malformed> {
    Ok(Some(match content.kind.get().unwrap_or_default() {
        "text" => return content.text.required("message.text").map(|_| None),
        "picture" => media(MediaKind::Image, content, expires_at),
        "video" => media(MediaKind::Video, content, expires_at),
        "file" => media(MediaKind::File, content, expires_at),
        "url" => PartContent::Link(Link { url: content.media.into_url(), ..Link::default() }),
        "sticker" => PartContent::Sticker(Sticker { id: content.sticker_id.into_option(), ..Sticker::default() }),
        "contact" => {
            let card = content.contact.0;
            PartContent::ContactCard(ContactCard {
                name: card.name.into_option(),
                phones: card.phone_number.into_option().into_iter().collect(),
                avatar_url: card.avatar.into_url(),
                ..ContactCard::default()
            })
        }
        "location" => {
            let place = content.location.0.ok_or_else(|| missing("message.location"))?;
            PartContent::Location(Location {
                latitude: place.lat.get(),
                longitude: place.lon.get(),
                address: place.address.into_option(),
                name: None,
            })
        }
        other => PartContent::Unknown(UnknownPart { provider_type: other.into(), ..UnknownPart::default() }),
    }))
}

fn media(kind: MediaKind, content: Content, expires_at: Option<Timestamp>) -> PartContent {
    let url = content.media.into_url();
    let seconds = content.duration.0.and_then(Number::whole);
    PartContent::Media(Media {
        kind: kind.into(),
        state: if url.is_some() { MediaState::Remote } else { MediaState::Unavailable }.into(),
        expires_at: expires_at.filter(|_| url.is_some()),
        url,
        thumbnail_url: content.thumbnail.into_url(),
        name: content.file_name.into_option(),
        size: content.size.0.and_then(Number::whole),
        duration_ms: seconds.and_then(|seconds| seconds.checked_mul(1000)),
        ..Media::default()
    })
}
