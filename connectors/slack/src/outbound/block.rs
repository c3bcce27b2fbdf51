//! Blocks: what a message with more than words consists of. See <https://docs.slack.dev/reference/block-kit/blocks>.

use kenh_proto::v1::{Button, Media, Text};
use serde_json::{Map, Value, json};

use super::markup::is_marked;

/// Characters of a button, of what comes back from it, and of an address at most.
pub(super) const LONGEST_BUTTON: u32 = 75;
const LONGEST_VALUE: usize = 2000;
const LONGEST_URL: usize = 3000;
/// Characters of a section at most.
const LONGEST_SECTION: usize = 3000;
/// Characters of what stands for a picture at most.
const LONGEST_ALT: usize = 2000;

/// A text as sections.
pub(super) fn sections(text: &Text) -> Vec<Value> {
    let kind = if is_marked(text) { "mrkdwn" } else { "plain_text" };
    let characters: Vec<char> = text.body.chars().collect();
    let section =
        |part: &[char]| json!({"type": "section", "text": {"type": kind, "text": part.iter().collect::<String>()}});
    characters.chunks(LONGEST_SECTION).map(section).collect()
}

/// A picture at an address, or one of Slack's files.
pub(super) fn image(media: &Media) -> Option<Value> {
    let named = media.caption.as_deref().or(media.name.as_deref()).filter(|name| !name.is_empty());
    let alt: String = named.unwrap_or("image").chars().take(LONGEST_ALT).collect();
    let (at, value) = match (&media.provider_ref, &media.url) {
        (Some(id), _) => ("slack_file", json!({"id": id})),
        (None, Some(url)) => ("image_url", json!(url)),
        (None, None) => return None,
    };
    Some(json!({"type": "image", "alt_text": alt, at: value}))
}

/// Whether Slack can fetch from an address.
pub(super) fn is_address(url: &str) -> bool {
    url.starts_with("https://") && url.len() <= LONGEST_URL
}

/// Whether Slack takes a button.
pub(super) fn is_button(button: &Button) -> bool {
    let url = button.url.as_ref().is_none_or(|url| url.len() <= LONGEST_URL);
    let value = button.payload.as_ref().is_none_or(|value| (1..=LONGEST_VALUE).contains(&value.len()));
    !button.title.is_empty() && url && value
}

/// Buttons side by side; `of` tells them apart from others of the message.
pub(super) fn actions(buttons: &[Button], of: usize) -> Value {
    let elements: Vec<_> = buttons.iter().enumerate().map(|(index, button)| element(button, of, index)).collect();
    json!({"type": "actions", "elements": elements})
}

/// What comes back is the payload, or the title where there is none.
fn element(button: &Button, of: usize, index: usize) -> Value {
    let value = button.payload.as_ref().unwrap_or(&button.title);
    let members = [
        ("type", Some(json!("button"))),
        ("action_id", Some(json!(format!("button_{of}_{index}")))),
        ("text", Some(json!({"type": "plain_text", "text": button.title}))),
        ("value", Some(json!(value))),
        ("url", button.url.as_ref().map(|url| json!(url))),
    ];
    Value::Object(
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>(),
    )
}
