//! Parts as words, for channels that have no form of their own for them.

use kenh_proto::v1::{Button, Card, ContactCard, Link, ListPart, Location, Poll, Product};

/// Adds words as a paragraph of their own.
pub(super) fn join(text: &mut String, words: &str) {
    if !text.is_empty() && !words.is_empty() {
        text.push('\n');
    }
    text.push_str(words);
}

fn lines<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    parts.into_iter().flatten().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

pub(super) fn location(location: &Location) -> String {
    let point = format!("https://maps.google.com/?q={},{}", location.latitude, location.longitude);
    lines([location.name.as_deref(), location.address.as_deref(), Some(&point)])
}

pub(super) fn contact(card: &ContactCard) -> String {
    let ways = card.phones.iter().chain(&card.emails).map(String::as_str).map(Some);
    lines([card.name.as_deref()].into_iter().chain(ways).chain([card.url.as_deref()]))
}

/// A card without its picture.
pub(super) fn card(card: &Card) -> String {
    let mut text = lines([card.title.as_deref(), card.subtitle.as_deref(), card.url.as_deref()]);
    for line in card.buttons.iter().map(button) {
        join(&mut text, &line);
    }
    text
}

/// A button that opens something keeps its address; another one can only be written.
pub(super) fn button(button: &Button) -> String {
    match &button.url {
        Some(url) => format!("{}: {url}", button.title),
        None => format!("- {}", button.title),
    }
}

pub(super) fn list(list: &ListPart) -> String {
    let rows = list.rows.iter().map(|row| lines([row.title.as_deref(), row.subtitle.as_deref(), row.url.as_deref()]));
    numbered(list.title.as_deref(), rows)
}

pub(super) fn poll(poll: &Poll) -> String {
    numbered(Some(&poll.question), poll.options.iter().cloned())
}

pub(super) fn choices(choices: &[Button]) -> String {
    numbered(None, choices.iter().map(|choice| choice.title.clone()))
}

fn numbered(title: Option<&str>, rows: impl Iterator<Item = String>) -> String {
    let rows = (1..).zip(rows).map(|(number, row)| format!("{number}. {row}"));
    let title = title.filter(|title| !title.is_empty()).map(ToOwned::to_owned);
    title.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

pub(super) fn link(link: &Link) -> Option<String> {
    let url = link.url.as_deref()?;
    Some(lines([link.title.as_deref(), link.description.as_deref(), Some(url)]))
}

pub(super) fn product(product: &Product) -> Option<String> {
    product.title.as_deref().or(product.url.as_deref())?;
    Some(lines([product.title.as_deref(), product.subtitle.as_deref(), product.url.as_deref()]))
}
