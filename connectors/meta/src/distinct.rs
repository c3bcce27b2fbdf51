//! No two events of a batch share an identity.

use std::collections::{HashMap, hash_map::Entry};

use connector_sdk::{Batch, Event, Skipped};

use super::key::{fingerprint, key};

/// Meta repeats items, also within one batch. A repeat to the byte is skipped; what has the identity of another event
/// and differs from it gets one of its own, since nothing that differs may be taken for a repeat.
pub(crate) fn distinct(batch: Batch) -> Batch {
    if batch.events.len() < 2 {
        return batch;
    }
    let Batch { events, mut skipped } = batch;
    let mut kept: Vec<Event> = Vec::with_capacity(events.len());
    let mut seen: HashMap<(Option<String>, String), usize> = HashMap::with_capacity(events.len());
    for mut event in events {
        if let Some(first) = seen.get(&identity(&event)).and_then(|&index| kept.get(index))
            && first.raw != event.raw
        {
            event.envelope.dedupe_key = key(&event.envelope.dedupe_key, &[&fingerprint(&event.raw)]);
        }
        if let Entry::Vacant(free) = seen.entry(identity(&event)) {
            free.insert(kept.len());
            kept.push(event);
        } else {
            skipped.push(Skipped { reason: "duplicate_in_batch" });
        }
    }
    Batch { events: kept, skipped }
}

fn identity(event: &Event) -> (Option<String>, String) {
    let account = event.envelope.account.as_ref().and_then(|account| account.external_id.clone());
    (account, event.envelope.dedupe_key.clone())
}
