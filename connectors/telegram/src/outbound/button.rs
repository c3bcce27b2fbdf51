//! Buttons: below a message, where a tap comes back as an event, or in place of the keyboard, where it writes the answer.

use kenh_proto::v1::{Button, Choices};
use serde_json::{Value, json};

/// `Button.type` of those that ask for the contact's phone number or place; only in place of the keyboard.
pub(super) const REQUESTS: [&str; 2] = ["request_contact", "request_location"];
/// Bytes of what comes back at most.
const LONGEST_DATA: usize = 64;

fn request(button: &Button) -> Option<&str> {
    button.r#type.as_deref().filter(|kind| REQUESTS.contains(kind))
}

/// Whether Telegram takes it below a message.
fn is_inline(button: &Button) -> bool {
    let data = button.payload.as_ref().unwrap_or(&button.title);
    let fits = button.url.is_some() || (1..=LONGEST_DATA).contains(&data.len());
    !button.title.is_empty() && request(button).is_none() && fits
}

/// Whether all of them can stand below a message.
pub(super) fn fit_inline(buttons: &[Button]) -> bool {
    buttons.iter().all(is_inline)
}

/// Whether a set of short answers has a form. On behalf of a business account there is no keyboard.
pub(super) fn fit(choices: &Choices, business: bool) -> bool {
    let choices = &choices.choices;
    let asks = choices.iter().any(|button| request(button).is_some());
    let carries = choices.iter().any(|button| button.payload.is_some() || button.url.is_some());
    let titled = choices.iter().all(|button| !button.title.is_empty());
    !choices.is_empty() && titled && if carries || business { fit_inline(choices) } else { !asks || !business }
}

/// `reply_markup` of short answers: what carries something of its own stands below the message.
pub(super) fn markup(choices: &Choices, business: bool) -> Value {
    let carries = choices.choices.iter().any(|button| button.payload.is_some() || button.url.is_some());
    if carries || business {
        return inline(&choices.choices);
    }
    let rows: Vec<_> = choices.choices.iter().map(|button| json!([key(button)])).collect();
    json!({"keyboard": rows, "one_time_keyboard": true, "resize_keyboard": true})
}

/// `reply_markup` of buttons below a message, one in a row.
pub(super) fn inline(buttons: &[Button]) -> Value {
    let one = |button: &Button| match &button.url {
        Some(url) => json!([{"text": button.title, "url": url}]),
        None => {
            json!([{"text": button.title, "callback_data": button.payload.as_ref().unwrap_or(&button.title)}])
        }
    };
    json!({"inline_keyboard": buttons.iter().map(one).collect::<Vec<_>>()})
}

fn key(button: &Button) -> Value {
    match request(button) {
        Some(kind) => json!({"text": button.title, kind: true}),
        None => json!({"text": button.title}),
    }
}
