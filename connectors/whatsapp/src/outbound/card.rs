//! A card as an interactive message: a text with buttons, with an address to open, or with a flow.

use kenh_proto::v1::{Button, Card, ListPart, Part, part::Content};

use super::capabilities::{LONGEST_BODY, MOST_BUTTONS};

/// Characters of a text header, and of a row's second line, at most.
pub(super) const LONGEST_HEADER: usize = 60;
const LONGEST_DESCRIPTION: usize = 72;
/// What opens a flow, as `Button.type`.
pub(super) const FLOW: &str = "flow";

/// What a card becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Buttons that come back.
    Buttons,
    /// A button that opens an address.
    Address,
    /// A button that opens a flow.
    Flow,
}

/// Its head and its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) header: Option<String>,
    pub(super) body: String,
}

/// What a card becomes; nothing where no interactive message takes it.
pub(super) fn form(card: &Card) -> Option<Form> {
    let plain = |button: &Button| button.url.is_none() && button.r#type.as_deref() != Some(FLOW);
    words(card)?;
    match card.buttons.as_slice() {
        _ if card.url.is_some() => None,
        [one] if one.r#type.as_deref() == Some(FLOW) => Some(Form::Flow),
        [one] if one.url.is_some() => Some(Form::Address),
        [_, ..] if card.buttons.iter().all(plain) && card.buttons.len() <= most(MOST_BUTTONS) => Some(Form::Buttons),
        _ => None,
    }
}

/// Title and second line: the title stands above the text where there is room for it, and no picture.
pub(super) fn words(card: &Card) -> Option<Words> {
    let line = |line: &Option<String>| line.as_deref().map(str::trim).filter(|line| !line.is_empty()).map(String::from);
    let words = match (line(&card.title), line(&card.subtitle)) {
        (Some(title), Some(more)) if card.image_url.is_none() && title.chars().count() <= LONGEST_HEADER => {
            Words { header: Some(title), body: more }
        }
        (Some(title), Some(more)) => Words { header: None, body: format!("{title}\n{more}") },
        (title, more) => Words { header: None, body: title.or(more)? },
    };
    (words.body.chars().count() <= most(LONGEST_BODY)).then_some(words)
}

/// Whether an interactive message takes it.
pub(super) fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::Card(card)) => form(card).is_some(),
        Some(Content::List(list)) => is_list(list),
        _ => true,
    }
}

/// A list has rows of words: what opens something else is none. Its title stands above a text, or is the text.
fn is_list(list: &ListPart) -> bool {
    let headed = list.title.as_ref().is_none_or(|title| title.chars().count() <= LONGEST_HEADER);
    let short = |row: &Card| row.subtitle.as_ref().is_none_or(|line| line.chars().count() <= LONGEST_DESCRIPTION);
    let bare = |row: &Card| row.image_url.is_none() && row.url.is_none() && row.buttons.len() <= 1;
    let titled = |row: &Card| row.title.as_deref().is_some_and(|title| !title.trim().is_empty());
    headed && !list.rows.is_empty() && list.rows.iter().all(|row| short(row) && bare(row) && titled(row))
}

/// What comes back when it is chosen: its payload, or what it says.
pub(super) fn id(button: &Button) -> &str {
    button.payload.as_deref().filter(|payload| !payload.is_empty()).unwrap_or(&button.title)
}

/// The same of a row: the payload of its one button, or its title.
pub(super) fn row_id(row: &Card) -> &str {
    let payload = row.buttons.first().and_then(|button| button.payload.as_deref());
    payload.filter(|payload| !payload.is_empty()).or(row.title.as_deref()).unwrap_or_default()
}

pub(super) fn most(bound: u32) -> usize {
    usize::try_from(bound).unwrap_or(usize::MAX)
}
