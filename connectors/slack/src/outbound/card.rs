//! Cards, one below the other.

use kenh_proto::v1::Card;
use serde_json::{Value, json};

use super::{
    block,
    markup::{escaped, link},
};

/// Cards of a message at most: of its 50 blocks, three for each and some for what stands around them.
pub(super) const MOST_CARDS: u32 = 10;
/// Characters of what a card says at most, with some to spare for marks.
const LONGEST: usize = 2000;
/// Characters of an address that is put into a text.
const LONGEST_URL: usize = 600;

/// Whether it has a form.
pub(super) fn fits(card: &Card) -> bool {
    let length = card.title.as_ref().map_or(0, |title| title.chars().count())
        + card.subtitle.as_ref().map_or(0, |subtitle| subtitle.chars().count());
    let says = card.title.as_ref().is_some_and(|title| !title.is_empty()) || card.image_url.is_some();
    says && length <= LONGEST
        && card.url.as_ref().is_none_or(|url| url.len() <= LONGEST_URL)
        && card.image_url.as_deref().is_none_or(block::is_address)
        && card.buttons.iter().all(block::is_button)
}

/// Its blocks; `of` is its place among the others.
pub(super) fn blocks(card: &Card, of: usize) -> Vec<Value> {
    let mut blocks = Vec::new();
    let words = words(card);
    let alt = name(card).unwrap_or("image");
    match (words.is_empty(), &card.image_url) {
        (false, Some(url)) => {
            let accessory = json!({"type": "image", "image_url": url, "alt_text": alt});
            blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": words}, "accessory": accessory}));
        }
        (false, None) => blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": words}})),
        (true, Some(url)) => blocks.push(json!({"type": "image", "image_url": url, "alt_text": alt})),
        (true, None) => {}
    }
    if !card.buttons.is_empty() {
        blocks.push(block::actions(&card.buttons, of));
    }
    blocks
}

fn name(card: &Card) -> Option<&str> {
    card.title.as_deref().filter(|title| !title.is_empty())
}

/// The headline in bold, and as a link where it opens something.
fn words(card: &Card) -> String {
    let title = name(card).map(|title| match &card.url {
        Some(url) => format!("*{}*", link(url, title)),
        None => format!("*{}*", escaped(title)),
    });
    let subtitle = card.subtitle.as_deref().filter(|text| !text.is_empty()).map(escaped);
    title.into_iter().chain(subtitle).collect::<Vec<_>>().join("\n")
}

/// What notifications say of it.
pub(super) fn summary<'a>(cards: impl IntoIterator<Item = &'a Card>) -> String {
    cards.into_iter().filter_map(name).map(escaped).collect::<Vec<_>>().join(", ")
}
