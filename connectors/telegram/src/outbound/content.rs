//! What a piece says, as a method takes it.

use connector_sdk::outbound::Effect;
use kenh_proto::v1::{Media, Message, Text, TextFormat, part::Content};
use serde_json::{Value, json};

use super::{
    album, button,
    call::{Fields, Request},
    card, media,
};

/// A piece: what is called, and the file behind it, which may have to be uploaded.
pub(super) struct Said {
    pub(super) request: Request,
    pub(super) file: Option<Filed>,
}

/// A file of a piece.
pub(super) struct Filed {
    pub(super) media: Media,
    /// The field of the call it belongs in.
    pub(super) field: &'static str,
}

/// The call of a piece; nothing for what planning leaves nowhere. `business`: on behalf of a business account.
pub(super) fn said(message: &Message, business: bool) -> Option<Said> {
    let (choices, parts): (Vec<_>, Vec<_>) = message
        .parts
        .iter()
        .filter_map(|part| part.content.as_ref())
        .partition(|content| matches!(content, Content::Choices(_)));
    let (method, mut fields, file) = match parts.as_slice() {
        [] => ("sendMessage", marked("text", message.text.as_ref()?), None),
        [content] => one(content, message.text.as_ref())?,
        _ => ("sendMediaGroup", vec![("media", album::listed(message)?)], None),
    };
    if let Some(Content::Choices(choices)) = choices.first() {
        fields.push(("reply_markup", button::markup(choices, business)));
    }
    if let Some(quoted) = &message.quoted {
        fields.push(("reply_parameters", json!({"message_id": number(&quoted.provider_message_id)?})));
    }
    Some(Said { request: Request { method, fields, file: None, effect: Effect::Visible }, file })
}

fn one(content: &Content, text: Option<&Text>) -> Option<(&'static str, Fields, Option<Filed>)> {
    Some(match content {
        Content::Media(file) => {
            let own = file.caption.clone().map(|body| Text { body, ..Text::default() });
            let caption = text.or(own.as_ref()).map(|text| marked("caption", text));
            let (method, field) = media::method(file);
            let fields = caption.into_iter().flatten().chain(media::details(file)).collect();
            (method, fields, Some(Filed { media: file.clone(), field }))
        }
        Content::Card(shown) => {
            let words = Text { body: card::words(shown), ..Text::default() };
            let picture = card::picture(shown).map(|media| Filed { media, field: "photo" });
            let (method, name) = if picture.is_some() { ("sendPhoto", "caption") } else { ("sendMessage", "text") };
            let mut fields = if words.body.is_empty() { Vec::new() } else { marked(name, &words) };
            if !shown.buttons.is_empty() {
                fields.push(("reply_markup", button::inline(&shown.buttons)));
            }
            (method, fields, picture)
        }
        Content::Location(place) => {
            let mut fields = vec![("latitude", json!(place.latitude)), ("longitude", json!(place.longitude))];
            // A venue needs both; one stands in for the other.
            let named = place.name.as_ref().or(place.address.as_ref());
            let method = if let Some(title) = named {
                fields.push(("title", json!(title)));
                fields.push(("address", json!(place.address.as_ref().unwrap_or(title))));
                "sendVenue"
            } else {
                "sendLocation"
            };
            (method, fields, None)
        }
        Content::ContactCard(person) => {
            let phone = ("phone_number", json!(person.phones.first()?));
            ("sendContact", vec![phone, ("first_name", json!(person.name.as_ref()?))], None)
        }
        Content::Sticker(sticker) => ("sendSticker", vec![("sticker", json!(sticker.id.as_ref()?))], None),
        Content::Choices(_)
        | Content::Carousel(_)
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

/// A text, with how it is marked up.
pub(super) fn marked(name: &'static str, text: &Text) -> Fields {
    let mode = match text.format() {
        TextFormat::Unspecified | TextFormat::Plain => None,
        TextFormat::Markdown => Some("MarkdownV2"),
        TextFormat::Html => Some("HTML"),
    };
    let mode = mode.map(|mode| ("parse_mode", json!(mode)));
    [(name, Value::from(text.body.as_str()))].into_iter().chain(mode).collect()
}

/// The number of a message.
pub(super) fn number(id: &str) -> Option<i64> {
    id.parse().ok().filter(|id| *id > 0)
}
