//! What a piece says, as `send_message` takes it.

use kenh_proto::v1::{Media, MediaKind, Message, part::Content};
use serde_json::{Map, Value, json};

use super::{card, keyboard};

/// Members of a message.
type Members = Vec<(&'static str, Value)>;

/// Name of a file where it has none: Viber wants one that ends as its type does.
const NAMELESS: &str = "file.bin";

/// A file whose size Viber wants to know, and nobody said.
pub(super) fn unmeasured(message: &Message) -> Option<&Media> {
    message.parts.iter().find_map(|part| match &part.content {
        Some(Content::Media(media)) if media.kind() != MediaKind::Image && media.size.is_none() => Some(media),
        _ => None,
    })
}

/// The members of a piece; nothing for what planning leaves nowhere. `size` is that of a file that had to be measured.
pub(super) fn members(message: &Message, size: Option<u64>) -> Option<Map<String, Value>> {
    let text = message.text.as_ref().map(|text| text.body.as_str());
    let mut said: Option<Members> = None;
    let mut keys: Members = Vec::new();
    for part in &message.parts {
        let content = part.content.as_ref()?;
        if let Content::Choices(choices) = content {
            keys.push(("keyboard", keyboard::keyboard(choices)));
            keys.extend(keyboard::asks(choices).then(|| ("min_api_version", json!(keyboard::REQUESTS_SINCE))));
        } else if said.is_none() {
            said = Some(one(content, text, size)?);
        } else {
            return None;
        }
    }
    let said = said.or_else(|| Some(vec![("type", json!("text")), ("text", json!(text?))]))?;
    // What rich media needs is more than what a keyboard does.
    Some(keys.into_iter().chain(said).map(|(name, value)| (name.to_owned(), value)).collect())
}

fn one(content: &Content, text: Option<&str>, size: Option<u64>) -> Option<Members> {
    Some(match content {
        Content::Media(media) => file(media, text, size)?,
        Content::Location(place) => {
            vec![("type", json!("location")), ("location", json!({"lat": place.latitude, "lon": place.longitude}))]
        }
        Content::ContactCard(person) => {
            let contact = json!({"name": person.name.as_ref()?, "phone_number": person.phones.first()?});
            vec![("type", json!("contact")), ("contact", contact)]
        }
        Content::Sticker(sticker) => {
            vec![("type", json!("sticker")), ("sticker_id", json!(sticker.id.as_ref()?.parse::<u64>().ok()?))]
        }
        Content::Link(link) => vec![("type", json!("url")), ("media", json!(link.url.as_ref()?))],
        Content::Card(one) => cards(std::slice::from_ref(one)),
        Content::Carousel(carousel) => cards(&carousel.cards),
        Content::Choices(_)
        | Content::List(_)
        | Content::Template(_)
        | Content::Order(_)
        | Content::Poll(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => return None,
    })
}

fn cards(cards: &[kenh_proto::v1::Card]) -> Members {
    vec![
        ("type", json!("rich_media")),
        ("min_api_version", json!(card::SINCE)),
        ("rich_media", card::rich_media(cards)),
        ("alt_text", json!(card::name(cards))),
    ]
}

fn file(media: &Media, text: Option<&str>, size: Option<u64>) -> Option<Members> {
    let at = ("media", json!(media.url.as_ref()?));
    let size = media.size.or(size);
    let small = media.thumbnail_url.as_ref().map(|url| ("thumbnail", json!(url)));
    let known: Members = match media.kind() {
        MediaKind::Image => {
            // It has to be there, and may be empty.
            let caption = text.or(media.caption.as_deref()).unwrap_or_default();
            vec![("type", json!("picture")), ("text", json!(caption))]
        }
        MediaKind::Video => {
            let seconds = media.duration_ms.map(|millis| ("duration", json!(millis.div_ceil(1000))));
            [("type", json!("video")), ("size", json!(size?))].into_iter().chain(seconds).collect()
        }
        MediaKind::File | MediaKind::Unspecified | MediaKind::Gif | MediaKind::Audio => {
            vec![("type", json!("file")), ("size", json!(size?)), ("file_name", json!(name(media)))]
        }
    };
    let small = small.filter(|_| matches!(media.kind(), MediaKind::Image | MediaKind::Video));
    Some(known.into_iter().chain([at]).chain(small).collect())
}

fn name(media: &Media) -> &str {
    let path = media.url.as_deref().and_then(|url| url.split(['?', '#']).next());
    let last = path.and_then(|path| path.split_once("://")?.1.rsplit_once('/')).map(|(_, last)| last);
    let named = |name: &&str| name.contains('.') && name.chars().count() <= 256;
    media.name.as_deref().filter(named).or(last.filter(named)).unwrap_or(NAMELESS)
}
