//! An item of `changes`: its field says what its value is.

use connector_meta::item::Item;
use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed, Raw},
};
use serde::de::DeserializeOwned;

use super::{account, feed, review};
use crate::wire;

/// The event of an item.
pub(super) fn event(item: &Item<'_>) -> Event {
    let change = match item.read::<wire::Change>() {
        Ok(change) => change.value,
        Err(error) => return item.malformed(None, &error, ""),
    };
    let field = change.field.0.as_deref().unwrap_or_default();
    let Some(value) = &change.value else { return without_value(item, field) };
    match field {
        "feed" => read(item, field, value, feed::event),
        "mention" => read(item, field, value, feed::mention),
        "ratings" => read(item, field, value, review::event),
        "leadgen" => read(item, field, value, account::lead),
        other => item.unsupported(json::name(other), "unknown_event", None),
    }
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
