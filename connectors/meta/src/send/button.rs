//! Buttons on templates, and quick replies below a message.

use kenh_proto::v1::Button;
use serde_json::{Value, json};

/// Characters of a title at most.
pub const LONGEST_TITLE: u32 = 20;
/// Buttons of one card or text at most.
pub const MOST_BUTTONS: u32 = 3;
/// Quick replies of one message at most.
pub const MOST_QUICK_REPLIES: u32 = 13;
/// Characters of what comes back at most.
pub const LONGEST_PAYLOAD: usize = 1000;

/// Quick replies with which a person hands over details of their own; the app writes their titles.
const DETAILS: &[&str] = &["user_phone_number", "user_email"];

/// A button: its type where it names one of Meta's that need it, else what its members make of it.
/// See <https://developers.facebook.com/docs/messenger-platform/send-messages/buttons>.
pub fn button(button: &Button) -> Value {
    let title = &button.title;
    match (button.r#type.as_deref(), &button.url) {
        (Some("account_unlink"), _) => json!({"type": "account_unlink"}),
        (Some("account_link"), Some(url)) => json!({"type": "account_link", "url": url}),
        (Some("phone_number"), _) => json!({"type": "phone_number", "title": title, "payload": payload(button)}),
        (_, Some(url)) => json!({"type": "web_url", "title": title, "url": url}),
        (_, None) => json!({"type": "postback", "title": title, "payload": payload(button)}),
    }
}

/// A quick reply.
/// See <https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies>.
pub fn quick_reply(choice: &Button) -> Value {
    match choice.r#type.as_deref() {
        Some(kind) if DETAILS.contains(&kind) => json!({"content_type": kind}),
        _ => json!({"content_type": "text", "title": choice.title, "payload": payload(choice)}),
    }
}

/// What is wrong with a button or quick reply that no bound of a channel's capabilities tells.
pub fn fault(button: &Button) -> Option<&'static str> {
    let titled = button.r#type.as_deref().is_some_and(|kind| DETAILS.contains(&kind) || kind.starts_with("account_"));
    if button.title.trim().is_empty() && !titled {
        return Some("a button or short answer needs a title");
    }
    (payload(button).chars().count() > LONGEST_PAYLOAD).then_some("the payload of a button is at most 1000 characters")
}

/// Without one the title comes back.
fn payload(button: &Button) -> &str {
    button.payload.as_deref().filter(|payload| !payload.is_empty()).unwrap_or(&button.title)
}
