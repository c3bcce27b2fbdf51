//! Keyboards: short answers in place of the person's own keyboard.
//! See <https://developers.viber.com/docs/tools/keyboards/>.

use kenh_proto::v1::{Button, Choices};
use serde_json::{Value, json};

use super::card::{self, COLUMNS};

/// Rows at most.
pub(super) const MOST_ROWS: u32 = 24;
/// `Button.type` of those that ask for the person's phone number or place.
const REQUESTS: [&str; 2] = ["share-phone", "location-picker"];
/// What devices have to know at least to ask for those.
pub(super) const REQUESTS_SINCE: u32 = 3;

fn request(button: &Button) -> Option<&str> {
    button.r#type.as_deref().filter(|kind| REQUESTS.contains(kind))
}

/// Whether something is asked for that not all devices know.
pub(super) fn asks(choices: &Choices) -> bool {
    choices.choices.iter().any(|button| request(button).is_some())
}

/// Whether short answers have a form.
pub(super) fn fit(choices: &Choices) -> bool {
    !choices.choices.is_empty() && choices.choices.iter().all(card::is_button)
}

/// The keyboard, one answer in a row.
pub(super) fn keyboard(choices: &Choices) -> Value {
    let key = |button: &Button| {
        let (kind, body) = request(button).map_or_else(|| card::action(button), |kind| (kind, button.title.as_str()));
        json!({"Columns": COLUMNS, "Rows": 1, "ActionType": kind, "ActionBody": body, "Text": card::escaped(&button.title)})
    };
    let buttons: Vec<_> = choices.choices.iter().map(key).collect();
    json!({"Type": "keyboard", "DefaultHeight": false, "Buttons": buttons})
}
