//! What a piece says: a text, an embed for a card, rows of buttons, a file.

use kenh_proto::v1::{Card, Media, Message, part::Content};
use serde_json::{Map, Value, json};

use super::button;

/// Characters of an embed's title and description at most.
const LONGEST_TITLE: usize = 256;
const LONGEST_DESCRIPTION: usize = 4096;

/// The file of a piece, where it has one.
pub(super) fn attached(message: &Message) -> Option<&Media> {
    message.parts.iter().find_map(|part| match &part.content {
        Some(Content::Media(media)) => Some(media),
        _ => None,
    })
}

/// The members of a piece but for its file; nothing for what planning leaves nowhere.
pub(super) fn members(message: &Message) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| _ = members.insert(name.into(), value);
    let mut text = message.text.as_ref().map(|text| text.body.as_str());
    let mut rows = Vec::new();
    for part in &message.parts {
        match part.content.as_ref()? {
            Content::Media(media) => text = text.or(media.caption.as_deref()),
            Content::Card(card) => {
                set("embeds", json!([embed(card)]));
                rows.extend(button::rows(&card.buttons));
            }
            Content::Choices(choices) => rows.extend(button::rows(&choices.choices)),
            Content::Location(_)
            | Content::ContactCard(_)
            | Content::Carousel(_)
            | Content::List(_)
            | Content::Template(_)
            | Content::Order(_)
            | Content::Poll(_)
            | Content::Link(_)
            | Content::Sticker(_)
            | Content::Story(_)
            | Content::Product(_)
            | Content::Appointment(_)
            | Content::Unknown(_) => return None,
        }
    }
    if let Some(text) = text {
        set("content", json!(text));
    }
    if !rows.is_empty() {
        set("components", json!(rows));
    }
    Some(members)
}

/// Whether a card has a form.
pub(super) fn fits(card: &Card) -> bool {
    let within = |text: &Option<String>, most| text.as_ref().is_none_or(|text| text.chars().count() <= most);
    let says = [&card.title, &card.subtitle, &card.image_url].into_iter().any(Option::is_some);
    says && within(&card.title, LONGEST_TITLE)
        && within(&card.subtitle, LONGEST_DESCRIPTION)
        && button::fit(&card.buttons)
}

fn embed(card: &Card) -> Value {
    let mut embed = Map::new();
    for (name, value) in [("title", &card.title), ("description", &card.subtitle), ("url", &card.url)] {
        embed.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
    }
    embed.extend(card.image_url.as_ref().map(|url| ("image".to_owned(), json!({"url": url}))));
    Value::Object(embed)
}
