//! What a piece says: LINE's message objects. See <https://developers.line.biz/en/reference/messaging-api/#message-objects>.

use kenh_proto::v1::{Button, Choices, Location, Media, MediaKind, Message, part::Content};
use serde_json::{Map, Value, json};

use super::card;

/// Message objects of a call at most.
pub(super) const MOST_OBJECTS: usize = 5;
const LONGEST_URL: usize = 2000;
/// Characters of the name and of the address of a place at most.
const LONGEST_PLACE: usize = 100;
/// `Button.type` of short answers that open something of LINE's own.
const OPENERS: [&str; 3] = ["camera", "cameraRoll", "location"];

/// Whether LINE can fetch from an address.
pub(super) fn is_https(url: &str) -> bool {
    url.starts_with("https://") && url.chars().count() <= LONGEST_URL
}

/// Whether LINE can show a file: at an address, a film with a picture of it, sound with its length.
pub(super) fn is_shown(media: &Media) -> bool {
    let at = media.url.as_deref().is_some_and(is_https);
    at && match media.kind() {
        MediaKind::Video => media.thumbnail_url.as_deref().is_some_and(is_https),
        MediaKind::Audio => media.duration_ms.is_some_and(|duration| duration > 0),
        MediaKind::Image | MediaKind::Gif | MediaKind::File | MediaKind::Unspecified => true,
    }
}

/// How many objects a piece makes.
pub(super) fn count(message: &Message) -> usize {
    let choices = |content: &&Content| matches!(content, Content::Choices(_));
    let parts = message.parts.iter().filter_map(|part| part.content.as_ref()).filter(|content| !choices(content));
    parts.count() + usize::from(message.text.is_some())
}

/// The objects of a piece; nothing for what planning leaves nowhere. What is quoted is named by its token.
pub(super) fn objects(message: &Message, quote: Option<&str>) -> Option<Vec<Value>> {
    let mut objects = Vec::new();
    let mut offered = None;
    if let Some(text) = &message.text {
        objects.push(json!({"type": "text", "text": text.body}));
    }
    for part in &message.parts {
        let content = part.content.as_ref()?;
        if let Content::Choices(choices) = content {
            offered = Some(quick_reply(choices));
        } else {
            objects.push(object(content)?);
        }
    }
    let kind = |object: &Map<String, Value>| object.get("type").and_then(Value::as_str).map(ToOwned::to_owned);
    let quotes = |object: &&mut Map<String, Value>| matches!(kind(object).as_deref(), Some("text" | "sticker"));
    if let (Some(token), Some(object)) = (quote, objects.iter_mut().filter_map(Value::as_object_mut).find(quotes)) {
        object.insert("quoteToken".into(), json!(token));
    }
    // LINE shows those of the last one only.
    if let (Some(offered), Some(last)) = (offered, objects.last_mut().and_then(Value::as_object_mut)) {
        last.insert("quickReply".into(), offered);
    }
    (1..=MOST_OBJECTS).contains(&objects.len()).then_some(objects)
}

fn object(content: &Content) -> Option<Value> {
    Some(match content {
        Content::Media(media) => file(media)?,
        Content::Location(place) => location(place),
        Content::Sticker(sticker) => {
            json!({"type": "sticker", "packageId": sticker.set_id.as_ref()?, "stickerId": sticker.id.as_ref()?})
        }
        Content::Card(shown) => card::message(shown),
        Content::Carousel(carousel) => card::carousel(&carousel.cards),
        Content::Choices(_)
        | Content::ContactCard(_)
        | Content::List(_)
        | Content::Template(_)
        | Content::Order(_)
        | Content::Poll(_)
        | Content::Link(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => return None,
    })
}

fn file(media: &Media) -> Option<Value> {
    let url = media.url.as_ref()?;
    Some(match media.kind() {
        // Without a small picture of its own it stands for itself.
        MediaKind::Image => {
            let small = media.thumbnail_url.as_ref().filter(|small| is_https(small)).unwrap_or(url);
            json!({"type": "image", "originalContentUrl": url, "previewImageUrl": small})
        }
        MediaKind::Video => {
            json!({"type": "video", "originalContentUrl": url, "previewImageUrl": media.thumbnail_url.as_ref()?})
        }
        MediaKind::Audio => json!({"type": "audio", "originalContentUrl": url, "duration": media.duration_ms?}),
        MediaKind::Gif | MediaKind::File | MediaKind::Unspecified => return None,
    })
}

/// LINE wants a name and an address; one stands in for the other, and the point for both.
fn location(place: &Location) -> Value {
    let point = format!("{}, {}", place.latitude, place.longitude);
    let cut = |text: &String| text.chars().take(LONGEST_PLACE).collect::<String>();
    let given = [&place.name, &place.address].map(|text| text.as_ref().filter(|text| !text.is_empty()).map(cut));
    let [name, address] = given;
    let title = name.clone().or_else(|| address.clone()).unwrap_or_else(|| point.clone());
    let address = address.or(name).unwrap_or(point);
    json!({"type": "location", "title": title, "address": address, "latitude": place.latitude, "longitude": place.longitude})
}

fn opener(button: &Button) -> Option<&str> {
    button.r#type.as_deref().filter(|kind| OPENERS.contains(kind))
}

/// Whether all short answers have a form.
pub(super) fn fit(choices: &Choices) -> bool {
    !choices.choices.is_empty() && choices.choices.iter().all(card::is_button)
}

fn quick_reply(choices: &Choices) -> Value {
    let item = |button: &Button| {
        let action = match opener(button) {
            Some(kind) => json!({"type": kind, "label": button.title}),
            None => card::action(button),
        };
        json!({"type": "action", "action": action})
    };
    json!({"items": choices.choices.iter().map(item).collect::<Vec<_>>()})
}
