//! An item of `changes`: its field says what its value is.

use connector_meta::{
    item::{Item, List},
    messaging,
};
use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed, Raw},
};
use serde::de::DeserializeOwned;

use super::{DIALECT, comment};
use crate::wire;

/// Fields whose values are items of `messaging`: so the dashboard's test button sends them.
const MESSAGING: &[&str] = &[
    "message_edit",
    "message_reactions",
    "messages",
    "messaging_handover",
    "messaging_optins",
    "messaging_postbacks",
    "messaging_referral",
    "messaging_seen",
];

/// The events of an item.
pub(super) fn events(item: &Item<'_>) -> Vec<Event> {
    let change = match item.read::<wire::Change>() {
        Ok(change) => change,
        Err(error) => return vec![item.malformed(None, &error, "")],
    };
    let field = change.value.field.0.as_deref().unwrap_or_default();
    let Some(value) = &change.value.value else { return vec![without_value(item, field)] };
    let event = match field {
        "comments" => read(item, field, value, |item, value| comment::written(item, "comment", value)),
        "live_comments" => read(item, field, value, |item, value| comment::written(item, "live_comment", value)),
        "mentions" => read(item, field, value, comment::mention),
        // Numbers of a story that ran out: no event of ours says that.
        "story_insights" => item.unsupported(Some(field), "not_typed", None),
        "standby" => return private(&Item { list: List::Standby, ..*item }, value),
        field if MESSAGING.contains(&field) => return private(item, value),
        other => item.unsupported(json::name(other), "unknown_event", None),
    };
    vec![event.degraded(change.degraded)]
}

fn private(item: &Item<'_>, value: &Raw) -> Vec<Event> {
    messaging::events_in(item, value.get().as_bytes(), DIALECT, ".value")
}

fn read<T: DeserializeOwned>(
    item: &Item<'_>,
    field: &str,
    value: &Raw,
    event: fn(&Item<'_>, Parsed<T>) -> Event,
) -> Event {
    match json::object(value.get().as_bytes()) {
        Ok(value) => event(item, value),
        Err(error) => item.malformed(Some(field), &error, ".value"),
    }
}

fn without_value(item: &Item<'_>, field: &str) -> Event {
    let error = Malformed { reason: "unexpected_shape", detail: "expected an object".into() };
    item.malformed(json::name(field), &error, ".value")
}
