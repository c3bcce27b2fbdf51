//! What a piece says, as an activity: a text, pictures, hero cards.
//! See <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference#hero-card>.

use connector_sdk::address::is_web;
use kenh_proto::v1::{Button, Card, Media, MediaKind, Message, Text, TextFormat, part::Content};
use serde_json::{Map, Value, json};

const HERO: &str = "application/vnd.microsoft.card.hero";

/// An activity; nothing for what planning leaves nowhere.
pub(super) fn activity(message: &Message) -> Option<Map<String, Value>> {
    let mut activity = Map::new();
    activity.insert("type".into(), json!("message"));
    let mut attachments = Vec::new();
    let mut captions = Vec::new();
    for part in &message.parts {
        match part.content.as_ref()? {
            Content::Media(media) => {
                attachments.push(picture(media)?);
                captions.extend(media.caption.clone().filter(|caption| !caption.is_empty()));
            }
            Content::Card(card) => attachments.push(hero(card)),
            Content::Carousel(carousel) => {
                activity.insert("attachmentLayout".into(), json!("carousel"));
                attachments.extend(carousel.cards.iter().map(hero));
            }
            Content::Choices(choices) => {
                attachments.push(hero(&Card { buttons: choices.choices.clone(), ..Card::default() }));
            }
            Content::List(_)
            | Content::Location(_)
            | Content::ContactCard(_)
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
    match (&message.text, captions.is_empty()) {
        (Some(text), _) => activity.extend(words(text)),
        (None, false) => activity.extend(words(&Text { body: captions.join("\n"), ..Text::default() })),
        (None, true) if attachments.is_empty() => return None,
        (None, true) => {}
    }
    if !attachments.is_empty() {
        activity.insert("attachments".into(), json!(attachments));
    }
    Some(activity)
}

/// Without a format Teams would take a text for Markdown.
fn words(text: &Text) -> [(String, Value); 2] {
    let format = match text.format() {
        TextFormat::Markdown => "markdown",
        TextFormat::Html => "xml",
        TextFormat::Plain | TextFormat::Unspecified => "plain",
    };
    [("text".into(), json!(text.body)), ("textFormat".into(), json!(format))]
}

/// Whether Teams shows a file where it stands.
pub(super) fn is_shown(media: &Media) -> bool {
    let is_picture = matches!(media.kind(), MediaKind::Image | MediaKind::Gif);
    is_picture && media.url.as_deref().is_some_and(|url| is_web(url) && url.starts_with("https://"))
}

fn picture(media: &Media) -> Option<Value> {
    let url = media.url.as_ref().filter(|_| is_shown(media))?;
    let mime = media.mime_type.as_deref().unwrap_or("image/*");
    let mut picture = json!({"contentType": mime, "contentUrl": url});
    if let (Some(picture), Some(name)) = (picture.as_object_mut(), &media.name) {
        picture.insert("name".into(), json!(name));
    }
    Some(picture)
}

fn hero(card: &Card) -> Value {
    let mut content = Map::new();
    let members = [
        ("title", card.title.as_ref().map(|title| json!(title))),
        ("text", card.subtitle.as_ref().map(|subtitle| json!(subtitle))),
        ("images", card.image_url.as_ref().map(|url| json!([{"url": url}]))),
        ("tap", card.url.as_ref().map(|url| json!({"type": "openUrl", "value": url}))),
    ];
    content.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    if !card.buttons.is_empty() {
        content.insert("buttons".into(), card.buttons.iter().map(button).collect());
    }
    json!({"contentType": HERO, "content": content})
}

/// What a button sends comes back as the payload of an action; the chat shows its title as said by the person.
fn button(button: &Button) -> Value {
    if let Some(url) = &button.url {
        return json!({"type": "openUrl", "title": button.title, "value": url});
    }
    let value = button.payload.as_ref().unwrap_or(&button.title);
    json!({"type": "messageBack", "title": button.title, "displayText": button.title, "value": value})
}
