//! Cards as rich media: a grid of six columns and up to seven rows for each.
//! See <https://developers.viber.com/docs/api/rest-bot-api/#rich-media-message--carousel-content-message>.

use kenh_proto::v1::{Button, Card};
use serde_json::{Value, json};

/// Columns of the grid.
pub(super) const COLUMNS: u32 = 6;
/// Rows of a picture and of the words below it; buttons have one each.
const PICTURE_ROWS: u32 = 3;
const WORDS_ROWS: u32 = 2;
/// Buttons of a card at most: what seven rows leave.
pub(super) const MOST_BUTTONS: u32 = 2;
/// Cards side by side at most.
pub(super) const MOST_CARDS: u32 = 6;
/// Characters on a button at most, and of what comes back from it or opens.
pub(super) const LONGEST_BUTTON: u32 = 250;
const LONGEST_BODY: usize = 1000;
/// What devices have to know at least.
pub(super) const SINCE: u32 = 7;

/// Words on buttons are HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a button does: opens an address, or writes for the person.
pub(super) fn action(button: &Button) -> (&'static str, &str) {
    match (&button.url, &button.payload) {
        (Some(url), _) => ("open-url", url),
        (None, Some(payload)) => ("reply", payload),
        (None, None) => ("reply", &button.title),
    }
}

/// Whether Viber takes a button.
pub(super) fn is_button(button: &Button) -> bool {
    !button.title.is_empty() && (1..=LONGEST_BODY).contains(&action(button).1.len())
}

fn words(card: &Card) -> String {
    let lines = [&card.title, &card.subtitle].into_iter().filter_map(|line| line.as_deref());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Whether they have a form: all of them with as many rows.
pub(super) fn fit(cards: &[Card]) -> bool {
    let length = |card: &Card| words(card).chars().count();
    let longest = usize::try_from(LONGEST_BUTTON).unwrap_or_default();
    let each = |card: &Card| {
        let most = usize::try_from(MOST_BUTTONS).unwrap_or_default();
        (1..=longest).contains(&length(card)) && card.buttons.len() <= most && card.buttons.iter().all(is_button)
    };
    let rows = cards.first().map(rows);
    cards.iter().all(each) && cards.iter().all(|card| Some(self::rows(card)) == rows)
}

fn rows(card: &Card) -> u32 {
    let picture = if card.image_url.is_some() { PICTURE_ROWS } else { 0 };
    picture + WORDS_ROWS + u32::try_from(card.buttons.len()).unwrap_or_default()
}

/// Cards side by side.
pub(super) fn rich_media(cards: &[Card]) -> Value {
    let buttons: Vec<_> = cards.iter().flat_map(cells).collect();
    let rows = cards.first().map(rows);
    json!({"Type": "rich_media", "ButtonsGroupColumns": COLUMNS, "ButtonsGroupRows": rows, "BgColor": "#FFFFFF",
        "Buttons": buttons})
}

fn cells(card: &Card) -> Vec<Value> {
    let (kind, body) = card.url.as_deref().map_or(("none", ""), |url| ("open-url", url));
    let picture = card.image_url.as_ref().map(
        |url| json!({"Columns": COLUMNS, "Rows": PICTURE_ROWS, "ActionType": kind, "ActionBody": body, "Image": url}),
    );
    let text = escaped(&words(card)).replace('\n', "<br>");
    let words = json!({"Columns": COLUMNS, "Rows": WORDS_ROWS, "ActionType": kind, "ActionBody": body, "Text": text});
    let buttons = card.buttons.iter().map(|button| {
        let (kind, body) = action(button);
        json!({"Columns": COLUMNS, "Rows": 1, "ActionType": kind, "ActionBody": body, "Text": escaped(&button.title)})
    });
    picture.into_iter().chain([words]).chain(buttons).collect()
}

/// What stands in their place on devices that cannot show them.
pub(super) fn name(cards: &[Card]) -> String {
    cards.iter().map(words).collect::<Vec<_>>().join("\n\n")
}
