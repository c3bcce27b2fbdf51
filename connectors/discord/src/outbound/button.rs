//! Buttons: rows of five. See <https://docs.discord.com/developers/components/reference#button>.

use std::collections::HashSet;

use connector_sdk::address::is_web;
use kenh_proto::v1::Button;
use serde_json::{Value, json};

/// Buttons of a message at most, of a row, and characters of what they say and carry.
pub(super) const MOST_BUTTONS: u32 = 25;
const ROW: usize = 5;
pub(super) const LONGEST_LABEL: u32 = 80;
const LONGEST_ID: usize = 100;

/// Whether these have a form: what one carries has to be there once.
pub(super) fn fit(buttons: &[Button]) -> bool {
    let count = |text: &str| text.chars().count();
    let labelled = |button: &Button| (1..=LONGEST_LABEL as usize).contains(&count(&button.title));
    let carries = |button: &Button| match &button.url {
        Some(url) => is_web(url) && count(url) <= 512,
        None => (1..=LONGEST_ID).contains(&count(carried(button))),
    };
    let mut seen = HashSet::new();
    let mut payloads = buttons.iter().filter(|button| button.url.is_none()).map(carried);
    buttons.len() <= MOST_BUTTONS as usize
        && buttons.iter().all(|button| labelled(button) && carries(button))
        && payloads.all(|payload| seen.insert(payload))
}

/// What comes back: its payload, or what it says.
fn carried(button: &Button) -> &str {
    button.payload.as_deref().filter(|payload| !payload.is_empty()).unwrap_or(&button.title)
}

/// The rows.
pub(super) fn rows(buttons: &[Button]) -> Vec<Value> {
    let one = |button: &Button| match &button.url {
        Some(url) => json!({"type": 2, "style": 5, "label": button.title, "url": url}),
        None => json!({"type": 2, "style": 1, "label": button.title, "custom_id": carried(button)}),
    };
    let row = |buttons: &[Button]| json!({"type": 1, "components": buttons.iter().map(one).collect::<Vec<_>>()});
    buttons.chunks(ROW).map(row).collect()
}
