//! Walking a batch: `{object, entry: [{id, time, messaging | standby | changes: […]}]}`, any mix of them.
//!
//! Body, entries and items are read one level at a time, so that what is broken costs itself and nothing beside it.

use connector_sdk::{
    Batch, Event, Malformed,
    json::{self, Id, Parsed, Raw},
    time::Epoch,
};
use kenh_proto::v1::Quality;
use serde::Deserialize;

use super::{
    distinct,
    item::{Item, List},
    names,
    whole::another,
};

/// The account in what the dashboard's test button sends.
const TEST_BUTTON: &str = "0";

#[derive(Deserialize)]
struct Body {
    object: String,
    entry: Vec<Raw>,
}

#[derive(Deserialize)]
struct Entry {
    id: Option<Id>,
    time: Option<Epoch>,
    messaging: Option<Vec<Raw>>,
    standby: Option<Vec<Raw>>,
    changes: Option<Vec<Raw>>,
    /// A change that stands in the entry itself, as Instagram's documentation prints it.
    field: Option<Raw>,
}

/// What can still be read of an entry whose lists are none.
#[derive(Deserialize)]
struct Named {
    id: Option<Id>,
}

impl Entry {
    fn account(&self) -> Option<&str> {
        self.id.as_ref().map(Id::as_str).filter(|id| !id.is_empty())
    }
}

/// Hands every item of a batch about `expected` to `read`. Entries about anything else, or that hold no items, become
/// `unsupported` as a whole.
pub fn walk(body: &[u8], expected: &str, read: fn(&Item<'_>) -> Vec<Event>) -> Result<Batch, Malformed> {
    let Parsed { value: body, degraded } = json::object::<Body>(body)?;
    if body.entry.is_empty() {
        return Ok(Batch::skipped("empty_batch"));
    }
    let mut batch = Batch::default();
    for (index, raw) in body.entry.iter().enumerate() {
        let from = batch.events.len();
        let raw = raw.get().as_bytes();
        let place = || format!("entry[{index}]");
        match json::object::<Entry>(raw) {
            Ok(entry) if body.object == expected => {
                let from = batch.events.len();
                walk_entry(&entry.value, (index, raw), read, &mut batch);
                note(batch.events.get_mut(from..).unwrap_or_default(), entry.degraded);
            }
            Ok(entry) => {
                let kind = json::name(&body.object);
                let detail = Some(another(expected));
                batch
                    .events
                    .push(Event::unsupported(entry.value.account(), raw, kind, "unknown_event", detail).placed(place));
            }
            Err(error) => {
                let detail = format!("entry[{index}]: {}", error.detail);
                let named = json::object::<Named>(raw).ok().and_then(|entry| entry.value.id);
                let account = named.as_ref().map(Id::as_str).filter(|id| !id.is_empty());
                let event = Event::unsupported(account, raw, None, error.reason, Some(detail));
                batch.events.push(event.placed(place));
            }
        }
        note(batch.events.get_mut(from..).unwrap_or_default(), degraded);
    }
    Ok(distinct::distinct(batch))
}

fn walk_entry(entry: &Entry, (index, raw): (usize, &[u8]), read: fn(&Item<'_>) -> Vec<Event>, batch: &mut Batch) {
    let account = entry.account();
    let lists = [(List::Messaging, &entry.messaging), (List::Standby, &entry.standby), (List::Changes, &entry.changes)];
    if lists.iter().all(|(_, items)| items.is_none()) && entry.field.is_none() {
        let kind = names::members(raw, &["id", "time"]);
        let event = Event::unsupported(account, raw, kind.as_deref(), "unknown_event", None);
        batch.events.push(event.placed(|| format!("entry[{index}]")));
        return;
    }
    let from = batch.events.len();
    for (list, items) in lists {
        for (place, item) in items.iter().flatten().enumerate() {
            let raw = item.get().as_bytes();
            let item = Item { account, time: entry.time, list, raw, place: (index, place) };
            batch.events.extend(read(&item).into_iter().map(|event| event.placed(|| item.path())));
        }
    }
    if entry.field.is_some() {
        let item = Item { account, time: entry.time, list: List::Changes, raw, place: (index, 0) };
        batch.events.extend(read(&item).into_iter().map(|event| event.placed(|| item.path())));
    }
    let added = batch.events.get_mut(from..).unwrap_or_default();
    if added.is_empty() {
        batch.skipped.push(connector_sdk::Skipped { reason: "empty_entry" });
    }
    if account == Some(TEST_BUTTON) {
        for event in added {
            quality(event).synthetic = true;
        }
    }
}

/// Notes what was mended in the whole body on the events it can have touched.
fn note(events: &mut [Event], degraded: Option<&'static str>) {
    let Some(code) = degraded else { return };
    for event in events {
        let replaced = |raw: &str| raw.contains('\u{fffd}') || raw.contains("\\ufffd");
        if code == "duplicate_key" || std::str::from_utf8(&event.raw).is_ok_and(replaced) {
            quality(event).degraded.push(code.into());
        }
    }
}

fn quality(event: &mut Event) -> &mut Quality {
    event.envelope.quality.get_or_insert_default()
}
