//! Structured messages. They are called templates and need nobody's approval.
//! See <https://developers.facebook.com/docs/messenger-platform/send-messages/templates>.

use kenh_proto::v1::{Button, Card};
use serde_json::{Map, Value, json};

use super::button::{MOST_BUTTONS, button};

/// Characters of the text above buttons at most.
pub const LONGEST_BUTTON_TEXT: usize = 640;
/// Cards side by side at most.
pub const MOST_CARDS: u32 = 10;
/// Characters of a card's title, and of its second line, at most.
const LONGEST_LINE: usize = 80;

/// What a card becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text with buttons.
    Buttons,
    /// Title, second line, picture, buttons.
    Generic,
    /// A picture with a button at most; it has to be uploaded first.
    Media,
}

/// What a card becomes; nothing where no template takes it.
pub fn form(card: &Card) -> Option<Form> {
    let bare = card.subtitle.is_none() && card.image_url.is_none() && card.url.is_none();
    let length = card.title.as_deref().map_or(0, |title| title.trim().chars().count());
    if bare && (1..=LONGEST_BUTTON_TEXT).contains(&length) && buttons_fit(&card.buttons, 1) {
        Some(Form::Buttons)
    } else if is_generic(card) {
        Some(Form::Generic)
    } else {
        let picture = card.image_url.is_some() && card.subtitle.is_none() && card.url.is_none();
        (picture && length == 0 && card.buttons.len() <= 1).then_some(Form::Media)
    }
}

/// Whether a card can stand alone or beside others as a generic template: a title and something else.
pub fn is_generic(card: &Card) -> bool {
    let fits = |line: &str| line.chars().count() <= LONGEST_LINE;
    let more = card.subtitle.is_some() || card.image_url.is_some() || card.url.is_some() || !card.buttons.is_empty();
    card.title.as_deref().is_some_and(|title| !title.trim().is_empty() && fits(title))
        && card.subtitle.as_deref().is_none_or(fits)
        && more
        && buttons_fit(&card.buttons, 0)
}

fn buttons_fit(buttons: &[Button], least: usize) -> bool {
    buttons.len() >= least && u32::try_from(buttons.len()).is_ok_and(|count| count <= MOST_BUTTONS)
}

/// A text with buttons.
pub fn buttons(text: &str, list: &[Button]) -> Value {
    template(&json!({"template_type": "button", "text": text, "buttons": all(list)}))
}

/// Cards side by side, or one.
pub fn generic(cards: &[Card]) -> Value {
    let elements: Vec<_> = cards.iter().map(element).collect();
    template(&json!({"template_type": "generic", "elements": elements}))
}

/// An uploaded picture or film with a button.
pub fn media(kind: &str, attachment_id: &str, list: &[Button]) -> Value {
    let mut element = json!({"media_type": kind, "attachment_id": attachment_id});
    if let (Some(element), false) = (element.as_object_mut(), list.is_empty()) {
        element.insert("buttons".into(), all(list));
    }
    template(&json!({"template_type": "media", "elements": [element]}))
}

fn element(card: &Card) -> Value {
    let mut element = Map::new();
    let lines = [("title", &card.title), ("subtitle", &card.subtitle), ("image_url", &card.image_url)];
    for (name, line) in lines {
        element.extend(line.as_ref().map(|line| (name.to_owned(), json!(line))));
    }
    if let Some(url) = &card.url {
        element.insert("default_action".into(), json!({"type": "web_url", "url": url}));
    }
    if !card.buttons.is_empty() {
        element.insert("buttons".into(), all(&card.buttons));
    }
    Value::Object(element)
}

fn all(list: &[Button]) -> Value {
    list.iter().map(button).collect()
}

fn template(payload: &Value) -> Value {
    json!({"type": "template", "payload": payload})
}
