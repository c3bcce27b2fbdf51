//! Attachments.

use connector_sdk::json::{self, Number, Raw};
use kenh_proto::v1::{
    ContactCard, Link, Location, Media, MediaKind, MediaState, Part, Sticker, Template, UnknownPart, part::Content,
};

use crate::wire::{Attachment, BusinessCard, Payload};

/// What became of a message's attachments.
#[derive(Default)]
pub(super) struct Attachments {
    pub(super) parts: Vec<Part>,
    /// What could not be taken over faithfully, each code once.
    pub(super) degraded: Vec<&'static str>,
}

impl Attachments {
    fn note(&mut self, code: Option<&'static str>) {
        self.degraded.extend(code.filter(|code| !self.degraded.contains(code)));
    }
}

/// Reads each attachment by itself. `suffix` is how the event's name goes on.
///
/// Rows of an `oa_send_list` come as one link each, and stay links: they are indistinguishable from shared links, and a
/// card would have nothing that a link has not.
pub(super) fn read(suffix: &str, attachments: &[Raw]) -> Attachments {
    let mut read = Attachments::default();
    for attachment in attachments {
        let content = match json::parse::<Attachment>(attachment.get().as_bytes()) {
            Ok(parsed) if attachment.get().starts_with('{') => {
                read.note(parsed.degraded);
                let kind = parsed.value.kind.get().unwrap_or(suffix).to_owned();
                content(suffix, &kind, parsed.value.payload)
            }
            Ok(_) | Err(_) => {
                read.note(Some("attachment_shape"));
                unknown(suffix, Payload::default())
            }
        };
        read.parts.push(Part { content: Some(content) });
    }
    read
}

fn content(suffix: &str, kind: &str, payload: Payload) -> Content {
    match kind {
        // The type of templates is not documented; no other payload has such an id.
        _ if payload.zinstant_id.get().is_some() => template(payload),
        "image" => media(MediaKind::Image, payload),
        "gif" => media(MediaKind::Gif, payload),
        "audio" => media(MediaKind::Audio, payload),
        "video" => media(MediaKind::Video, payload),
        "file" => media(MediaKind::File, payload),
        "sticker" => Content::Sticker(Sticker {
            id: payload.id.into_option(),
            url: payload.url.into_url(),
            ..Sticker::default()
        }),
        "location" => location(&payload).unwrap_or_else(|| unknown(kind, payload)),
        "link" | "business_card" if suffix.ends_with("business_card") => match card(&payload) {
            Some(card) => Content::ContactCard(card),
            None => link(payload),
        },
        "link" => link(payload),
        "template" => template(payload),
        _ => unknown(kind, payload),
    }
}

fn media(kind: MediaKind, payload: Payload) -> Content {
    let url = payload.url.into_url();
    let state = if url.is_some() { MediaState::Remote } else { MediaState::Unavailable };
    Content::Media(Media {
        kind: kind.into(),
        url,
        state: state.into(),
        size: payload.size.0.and_then(Number::whole),
        name: payload.name.into_option(),
        caption: payload.description.into_option(),
        thumbnail_url: payload.thumbnail.into_url(),
        checksum: payload.checksum.get().filter(|sum| is_md5(sum)).map(|sum| format!("md5:{}", sum.to_lowercase())),
        ..Media::default()
    })
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A place on earth; none where the coordinates are missing or of no place.
fn location(payload: &Payload) -> Option<Content> {
    let latitude = payload.coordinates.latitude.0.map(Number::get).filter(|degrees| degrees.abs() <= 90.0)?;
    let longitude = payload.coordinates.longitude.0.map(Number::get).filter(|degrees| degrees.abs() <= 180.0)?;
    Some(Content::Location(Location { latitude, longitude, ..Location::default() }))
}

/// A contact card hides a JSON document in its description. Where that is something else, it stays a link.
fn card(payload: &Payload) -> Option<ContactCard> {
    let hidden = payload.description.get().filter(|text| text.trim_start().starts_with('{'))?;
    let hidden = json::parse::<BusinessCard>(hidden.as_bytes()).ok()?.value;
    Some(ContactCard {
        phones: hidden.phone.into_option().into_iter().collect(),
        url: payload.url.clone().into_url(),
        avatar_url: payload.thumbnail.clone().into_url(),
        qr_code_url: hidden.qr_code_url.into_url(),
        name: payload.title.clone().into_option(),
        ..ContactCard::default()
    })
}

fn link(payload: Payload) -> Content {
    Content::Link(Link {
        url: payload.url.into_url(),
        title: payload.title.into_option(),
        description: payload.description.into_option(),
        thumbnail_url: payload.thumbnail.into_url(),
        ..Link::default()
    })
}

fn template(payload: Payload) -> Content {
    Content::Template(Template {
        id: payload.zinstant_id.into_option(),
        text: payload.text.into_option(),
        url: payload.link_url.into_url(),
        ..Template::default()
    })
}

fn unknown(kind: &str, payload: Payload) -> Content {
    Content::Unknown(UnknownPart {
        provider_type: kind.into(),
        title: payload.title.into_option(),
        url: payload.url.into_url(),
    })
}
