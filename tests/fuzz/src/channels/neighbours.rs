//! No item of a batch costs another its event.

use std::ops::Range;

use connector_sdk::{Delivery, Event, json};
use connector_testkit::{Chance, Container, containers};
use kenh_proto::v1::envelope::Payload;
use serde_json::Value;

use super::configured::endpoint;
use crate::call::Call;

/// Items that no channel should send.
const HOSTILE: &[&[u8]] = &[
    b"null",
    b"0",
    b"-1e999",
    b"99999999999999999999999999",
    b"\"\"",
    b"\"\\ud800\"",
    b"\"\xff\"",
    b"[]",
    b"{}",
    b"{\"id\":1,\"id\":2}",
    b"{\"type\":\"message\",\"type\":\"message\",\"message\":null,\"timestamp\":1e400}",
    b"{\"messaging\":[1e999],\"changes\":{},\"time\":-1,\"id\":{}}",
    b"{\"message\":{\"text\":\"\\udc00\"},\"sender\":[],\"timestamp\":\"x\"}",
];
/// Nested deeper than parsers go.
const DEPTH: usize = 160;

/// Where a body holds a list of items that each become an event, one more item leaves the events of the others there,
/// with the same identity and the same payload. Of the others are those that a sound item more leaves there.
pub fn neighbours(data: &[u8]) {
    let Some(call) = Call::parse(data) else { return };
    let connector = &*endpoint(call.registration).connector;
    let Ok(before) = connector.normalize(call.delivery()) else { return };
    let mut chance = Chance::of(call.body);
    for (list, sound) in batches(call.body, &before.events) {
        let place = chance.below(list.items.len() + 1);
        let read = |item: &[u8]| {
            let body = with(call.body, &list, place, item);
            let after = connector.normalize(Delivery { headers: &call.headers, body: &body });
            (body, after)
        };
        // What is made of more than an item is another event beside a sound item too.
        let Ok(beside) = read(&sound).1 else { continue };
        let alone: Vec<_> =
            before.events.iter().filter(|event| beside.events.iter().any(|other| same(event, other))).collect();
        for hostile in [hostile(&mut chance), hostile(&mut chance)] {
            let (body, after) = read(&hostile);
            let shown = || format!("beside {} in {}", hostile.escape_ascii(), body.escape_ascii());
            let after = after.unwrap_or_else(|error| panic!("the whole call is unreadable ({error}) {}", shown()));
            // One that is there already, be it with other broken characters, comes where the first of the two stands.
            let others = alone.iter().copied().filter(|event| !is_alike(&event.raw, &hostile));
            keeps(others, &after.events, shown);
        }
    }
}

fn hostile(chance: &mut Chance) -> Vec<u8> {
    let item = chance.below(HOSTILE.len() + 1);
    let deep = || [b"[".repeat(DEPTH), b"]".repeat(DEPTH)].concat();
    HOSTILE.get(item).map_or_else(deep, |item| item.to_vec())
}

/// Lists around the bytes of an event that are no part of an event themselves, each with an item that holds an event.
fn batches(body: &[u8], events: &[Event]) -> Vec<(Container, Vec<u8>)> {
    let lists: Vec<_> = containers(body).into_iter().filter(|container| container.is_array).collect();
    let is_event =
        |item: &&Range<usize>| events.iter().any(|event| body.get((*item).clone()) == Some(event.raw.as_slice()));
    let places: Vec<_> = lists.iter().flat_map(|list| &list.items).filter(is_event).cloned().collect();
    let sound = |list: &Container| {
        let item = list.items.iter().find(|item| places.iter().any(|place| contains(item, place)))?;
        body.get(item.clone()).map(<[u8]>::to_vec)
    };
    let is_within = |list: &Container| places.iter().any(|place| contains(place, &list.span));
    let outer = lists.iter().filter(|list| !is_within(list));
    outer.filter_map(|list| Some((list.clone(), sound(list)?))).collect()
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The body with one more item.
fn with(body: &[u8], list: &Container, place: usize, item: &[u8]) -> Vec<u8> {
    let (at, piece) = match list.items.get(place) {
        Some(next) => (next.start, [item, b","].concat()),
        None => (list.span.end - 1, [b",", item].concat()),
    };
    let mut body = body.to_vec();
    body.splice(at..at, piece);
    body
}

fn is_alike(one: &[u8], other: &[u8]) -> bool {
    let read = |bytes| json::parse::<Value>(bytes).ok().map(|read| read.value);
    one == other || read(one).is_some_and(|one| read(other) == Some(one))
}

/// What an event says, but for the place in the batch that a fault names.
fn payload(event: &Event) -> Option<Payload> {
    let mut payload = event.envelope.payload.clone();
    if let Some(Payload::Unsupported(unsupported)) = &mut payload {
        (unsupported.detail, unsupported.place) = (None, None);
    }
    payload
}

fn same(event: &Event, other: &Event) -> bool {
    other.envelope.dedupe_key == event.envelope.dedupe_key
        && other.envelope.account == event.envelope.account
        && payload(other) == payload(event)
}

fn keeps<'a>(before: impl Iterator<Item = &'a Event>, after: &[Event], shown: impl Fn() -> String) {
    let mut rest = after.iter();
    for event in before {
        // In their order.
        assert!(rest.any(|other| same(event, other)), "{} is lost {}", event.envelope.dedupe_key, shown());
    }
}
