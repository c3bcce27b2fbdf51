//! Cards and carousels as templates. See <https://developers.line.biz/en/reference/messaging-api/#template-messages>.

use kenh_proto::v1::{Button, Card};
use serde_json::{Map, Value, json};

use super::content::is_https;

/// Buttons of a card, and of a card among others, at most.
pub(super) const MOST_BUTTONS: u32 = 4;
const MOST_BUTTONS_IN_COLUMN: usize = 3;
/// Cards side by side at most.
pub(super) const MOST_COLUMNS: u32 = 10;
/// Characters of a button at most.
pub(super) const LONGEST_LABEL: u32 = 20;
const LONGEST_TITLE: usize = 40;
/// Characters below a title or picture at most, and of a text alone.
const LONGEST_TEXT: usize = 60;
const LONGEST_TEXT_ALONE: usize = 160;
const LONGEST_TEXT_ALONE_IN_COLUMN: usize = 120;
/// Bytes of what comes back from a button at most.
const LONGEST_DATA: usize = 300;
const LONGEST_URL: usize = 1000;

/// What a button does: opens an address, comes back as an event, or writes its title.
pub(super) fn action(button: &Button) -> Value {
    match (&button.url, &button.payload) {
        (Some(url), _) => json!({"type": "uri", "label": button.title, "uri": url}),
        (None, Some(data)) => {
            json!({"type": "postback", "label": button.title, "data": data, "displayText": button.title})
        }
        (None, None) => json!({"type": "message", "label": button.title, "text": button.title}),
    }
}

/// Whether LINE takes a button.
pub(super) fn is_button(button: &Button) -> bool {
    let url = button.url.as_ref().is_none_or(|url| url.len() <= LONGEST_URL);
    let data = button.payload.as_ref().is_none_or(|data| (1..=LONGEST_DATA).contains(&data.len()));
    !button.title.is_empty() && url && data
}

fn short(text: Option<&String>, most: usize) -> bool {
    text.is_none_or(|text| text.chars().count() <= most)
}

/// What stands below the headline: without a second line, the headline stands there alone.
fn lines(card: &Card) -> (Option<&String>, Option<&String>) {
    let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    match (given(&card.title), given(&card.subtitle)) {
        (true, true) => (card.title.as_ref(), card.subtitle.as_ref()),
        (true, false) => (None, card.title.as_ref()),
        (false, _) => (None, card.subtitle.as_ref().filter(|text| !text.is_empty())),
    }
}

fn fits_within(card: &Card, buttons: usize, alone: usize) -> bool {
    let (title, text) = lines(card);
    let bare = title.is_none() && card.image_url.is_none();
    text.is_some()
        && short(title, LONGEST_TITLE)
        && short(text, if bare { alone } else { LONGEST_TEXT })
        && card.image_url.as_deref().is_none_or(is_https)
        && (1..=buttons).contains(&card.buttons.len())
        && card.buttons.iter().all(is_button)
}

/// Whether it fits into a template of its own.
pub(super) fn fits(card: &Card) -> bool {
    fits_within(card, usize::try_from(MOST_BUTTONS).unwrap_or_default(), LONGEST_TEXT_ALONE)
}

/// Whether they fit into one: all of them with as many buttons, and all or none with a picture and a title.
pub(super) fn fit(cards: &[Card]) -> bool {
    let each = |card: &Card| fits_within(card, MOST_BUTTONS_IN_COLUMN, LONGEST_TEXT_ALONE_IN_COLUMN);
    let form = |card: &Card| (card.buttons.len(), card.image_url.is_some(), lines(card).0.is_some());
    let mut forms = cards.iter().map(form);
    let first = forms.next();
    cards.iter().all(each) && first.is_some_and(|first| forms.all(|form| form == first))
}

fn shown(card: &Card) -> Map<String, Value> {
    let (title, text) = lines(card);
    let opens = card.url.as_ref().map(|url| json!({"type": "uri", "uri": url}));
    let members = [
        ("thumbnailImageUrl", card.image_url.as_ref().map(|url| json!(url))),
        ("title", title.map(|title| json!(title))),
        ("text", text.map(|text| json!(text))),
        ("defaultAction", opens),
        ("actions", Some(card.buttons.iter().map(action).collect())),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A card as a message.
pub(super) fn message(card: &Card) -> Value {
    let mut template = shown(card);
    template.insert("type".into(), json!("buttons"));
    json!({"type": "template", "altText": name(card), "template": template})
}

/// Cards side by side as a message.
pub(super) fn carousel(cards: &[Card]) -> Value {
    let columns: Vec<_> = cards.iter().map(shown).collect();
    let names: Vec<_> = cards.iter().map(name).collect();
    json!({"type": "template", "altText": names.join(", "), "template": {"type": "carousel", "columns": columns}})
}

/// What stands in its place where it cannot be shown.
fn name(card: &Card) -> &str {
    let (title, text) = lines(card);
    title.or(text).map_or("", String::as_str)
}
