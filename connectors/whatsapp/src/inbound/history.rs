//! The messages of half a year, which come once when a number of the business's own app is connected.

use connector_sdk::{
    Event,
    json::{self, Parsed, Word},
};
use kenh_proto::v1::Direction;

use super::{element::Element, message, person::Person};
use crate::wire::{Head, HistoryChunk, Thread};

/// An item of `history`: threads, each with its messages. They are old, and open no window that is not over.
pub(super) fn events(element: &Element<'_>) -> Vec<Event> {
    let chunk = match element.read::<HistoryChunk>() {
        Ok(Parsed { value, .. }) => value,
        Err(events) => return events,
    };
    // Without threads it says why there are none: the owner of the number refused.
    let Some(threads) = chunk.threads else { return vec![element.unsupported(None, "not_typed", None)] };
    let mut events = Vec::new();
    for (index, raw) in threads.iter().enumerate() {
        let path = || format!("{}.threads[{index}]", element.path());
        let thread = match json::object::<Thread>(raw.get().as_bytes()) {
            Ok(thread) => thread.value,
            Err(error) => {
                let within = Element { raw: raw.get().as_bytes(), ..*element };
                events.push(within.malformed(&error).placed(path));
                continue;
            }
        };
        for (message, raw) in thread.messages.iter().enumerate() {
            let within = Element { raw: raw.get().as_bytes(), ..*element };
            let path = || format!("{}.messages[{message}]", path());
            events.extend(written(&within, &thread.id).into_iter().map(|event| event.placed(path)));
        }
    }
    events
}

/// Whoever is not the person of the thread is the business.
fn written(element: &Element<'_>, person: &Word) -> Vec<Event> {
    let head = json::object::<Head>(element.raw).map(|head| head.value).unwrap_or_default();
    let is_theirs = |id: &Word| id.get().is_some() && id.get() == person.get();
    let direction =
        if is_theirs(&head.from) || is_theirs(&head.from_user_id) { Direction::Inbound } else { Direction::Echo };
    message::written(element, direction, |_| {
        Person::of(element.place, person.clone(), Word::default(), Word::default())
    })
}
