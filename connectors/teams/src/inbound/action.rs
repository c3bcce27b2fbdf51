//! Buttons of cards and what else a person sets off: messages without words that hold a value, and invokes.

use std::collections::HashMap;

use connector_sdk::{
    Event,
    json::{self, Raw, Soft},
};
use kenh_proto::v1::{Action, ActionKind, Target, envelope::Payload};
use serde_json::json;

use super::item::Item;
use crate::wire::{Activity, CardAction, Fields, Used};

/// Members of a value that get a name of their own at most.
const MOST_FIELDS: usize = 100;
/// The invoke that waits for words to show.
const CARD: &str = "adaptiveCard/action";

/// Whether a message holds what a button sent.
pub(super) fn is_used(item: &Item<'_>) -> bool {
    item.activity.value.as_ref().is_some_and(|value| value.get() != "null")
}

/// What was used, and what it sent.
pub(super) fn used(item: &Item<'_>) -> Event {
    let value = item.activity.value.as_ref().filter(|value| value.get() != "null");
    let name = item.activity.name.0.get();
    let kind = if name == Some("task/submit") { ActionKind::Form } else { ActionKind::Postback };
    let card = value.and_then(|value| json::object::<Used>(value.get().as_bytes()).ok());
    let Used { action: Soft(CardAction { verb, data }), data: form } =
        card.map(|parsed| parsed.value).unwrap_or_default();
    let data = data.or(form);
    let action = Action {
        kind: kind.into(),
        title: verb.0.into_option().or_else(|| name.map(Into::into)),
        payload: value.map(payload),
        values: data.as_ref().or(value).map(fields).unwrap_or_default(),
    };
    let event = item.again(Payload::Action(action));
    match item.activity.reply_to_id.0.get() {
        Some(card) => event.target(Target { provider_message_id: Some(card.into()), ..Target::default() }),
        None => event,
    }
}

/// A text as it is, anything else as JSON.
fn payload(value: &Raw) -> String {
    json::parse::<String>(value.get().as_bytes()).map_or_else(|_| value.get().to_owned(), |text| text.value)
}

/// The flat members.
fn fields(value: &Raw) -> HashMap<String, String> {
    let fields = json::object::<Fields>(value.get().as_bytes()).map(|parsed| parsed.value).unwrap_or_default();
    let named = fields.into_iter().filter_map(|(name, value)| Some((name, value.0.into_option()?)));
    named.take(MOST_FIELDS).collect()
}

/// What an invoke is answered with, where it shows the answer.
/// See <https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model>.
pub(crate) fn answer(body: &[u8], words: &str) -> Option<String> {
    let activity = json::object::<Activity>(body).ok()?.value;
    let waits = activity.kind.0.get() == Some("invoke") && activity.name.0.get() == Some(CARD);
    let answer = json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words});
    waits.then(|| answer.to_string())
}
