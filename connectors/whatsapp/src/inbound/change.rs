//! An item of `changes`: its field says what its value is, and the lists in the value hold the events.

use connector_meta::item::Item;
use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed, Raw},
};

use super::{account, call, contacts, element::Place, group, history, message, people, status};
use crate::wire::{Change, Value};

/// Fields whose values concern one number, in lists.
const NUMBER: &[&str] = &[
    "calls",
    "group_participants_update",
    "history",
    "messages",
    "smb_app_state_sync",
    "smb_message_echoes",
    "user_id_update",
    "user_preferences",
];

/// The events of an item.
pub(super) fn events(item: &Item<'_>) -> Vec<Event> {
    let change = match item.read::<Change>() {
        Ok(change) => change,
        Err(error) => return vec![item.malformed(None, &error, "")],
    };
    let field = change.value.field.get().unwrap_or_default();
    let Some(value) = &change.value.value else {
        let error = Malformed { reason: "unexpected_shape", detail: "expected an object".into() };
        return vec![item.malformed(json::name(field), &error, ".value")];
    };
    let events =
        if NUMBER.contains(&field) { lists(item, field, value) } else { vec![account::event(item, field, value)] };
    events.into_iter().map(|event| event.degraded(change.degraded)).collect()
}

fn lists(item: &Item<'_>, field: &str, value: &Raw) -> Vec<Event> {
    let Parsed { value, degraded } = match json::object::<Value>(value.get().as_bytes()) {
        Ok(value) => value,
        Err(error) => return vec![item.malformed(Some(field), &error, ".value")],
    };
    let contacts = value.contacts.0.into_iter().map(|contact| contact.0).collect();
    let place = Place::of(item, value.metadata.0, contacts, degraded);
    let mut events = Vec::new();
    let mut each =
        |list: &'static str, items: Option<Vec<Raw>>, read: fn(&super::element::Element<'_>) -> Vec<Event>| {
            for (index, raw) in items.iter().flatten().enumerate() {
                let element = place.element(list, index, raw);
                events.extend(read(&element).into_iter().map(|event| event.placed(|| element.path())));
            }
        };
    each("messages", value.messages, message::received);
    each("statuses", value.statuses, status::event);
    each("message_echoes", value.message_echoes, message::echoed);
    each("calls", value.calls, call::event);
    each("groups", value.groups, group::events);
    each("history", value.history, history::events);
    each("state_sync", value.state_sync, people::synced);
    each("user_id_update", value.user_id_update, people::renamed);
    each("user_preferences", value.user_preferences, people::preference);
    each("errors", value.errors, account::fault);
    if events.is_empty() {
        events = contacts::events(&place);
    }
    if events.is_empty() {
        let error = Malformed { reason: "no_content", detail: "expected a list of what happened".into() };
        events.push(item.malformed(Some(field), &error, ".value"));
    }
    events
}
