//! `normalize`: the lists of the Account Activity API, and the one event of the X Activity API.

mod activity;
mod direct;
mod happening;
mod item;
mod media;
mod post;

use std::cell::Cell;

use connector_sdk::{
    Batch, Event, Malformed,
    json::{self, Raw, Soft, Word},
};
use serde::de::DeserializeOwned;

pub(crate) use self::item::USER;
use self::item::{Item, Users};
use crate::wire::Members;

/// What stands beside the lists of events.
const CONTEXT: &[&str] = &["for_user_id", "user_has_blocked", "is_blocked_by", "users", "apps"];

/// The lists of events of the older product.
pub(crate) const LISTS: &[&str] = &[
    "block_events",
    "direct_message_events",
    "direct_message_indicate_typing_events",
    "direct_message_mark_read_events",
    "favorite_events",
    "follow_events",
    "mute_events",
    "tweet_create_events",
    "tweet_delete_events",
    "unblock_events",
    "unfollow_events",
    "unmute_events",
];

/// Turns a call into its events.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    let members = json::object::<Members>(body)?;
    let mut batch = match members.value.get("data") {
        Some(data) => activity::normalize(body, data),
        None => account_activity(body, &members.value),
    };
    if batch.events.is_empty() {
        return Err(json::missing("data or a list of events"));
    }
    batch.events = batch.events.into_iter().map(|event| event.degraded(members.degraded)).collect();
    Ok(batch)
}

fn account_activity(body: &[u8], members: &Members) -> Batch {
    let account: Soft<Word> = members.get("for_user_id").map(soft).unwrap_or_default();
    let users = Users::of_map(members.get("users"));
    let mut batch = Batch::default();
    let untyped = |kind, reason, detail| Event::unsupported(account.0.get(), body, kind, reason, detail);
    let mut unknown = None;
    for (name, raw) in members.iter().filter(|(name, _)| !CONTEXT.contains(&name.as_str())) {
        if name == "user_event" {
            batch.events.push(happening::user_event(body, raw));
            continue;
        }
        let Some(list) = LISTS.iter().find(|list| *list == name) else {
            unknown = unknown.or(Some(name));
            continue;
        };
        let items: Result<Vec<Raw>, _> = serde_json::from_str(raw.get());
        let Ok(items) = items else {
            batch.events.push(untyped(None, "unexpected_shape", Some(format!("{list}: expected a list"))));
            continue;
        };
        for (place, raw) in items.iter().enumerate() {
            let (account, raw) = (account.0.get(), raw.get().as_bytes());
            let mended = Cell::default();
            let item = Item { account, raw, kind: list, list, place, id: None, users: &users, mended };
            batch.events.push(event(&item, raw).placed(|| format!("{list}[{place}]")));
        }
    }
    // Of a list nobody knows, nobody knows the items: one event has all of the call.
    batch.events.extend(unknown.map(|name| untyped(json::name(name), "unknown_event", None)));
    batch
}

/// An item of a list. `content` are its own bytes, which are not all there is of it where it came in another product's event.
fn event(item: &Item<'_>, content: &[u8]) -> Event {
    let event = match item.list {
        "direct_message_events" => read(item, content).and_then(|message| direct::written(item, message)),
        "direct_message_indicate_typing_events" => read(item, content).and_then(|it| happening::typing(item, &it)),
        "direct_message_mark_read_events" => read(item, content).and_then(|it| happening::seen(item, &it)),
        "tweet_create_events" => read(item, content).and_then(|post| post::created(item, post, None)),
        "tweet_delete_events" => read(item, content).and_then(|it| happening::deleted(item, &it)),
        "favorite_events" => read(item, content).and_then(|it| happening::liked(item, &it)),
        "follow_events" | "unfollow_events" => {
            read(item, content).and_then(|it| happening::followed(item, &it, item.list))
        }
        // What the account itself does to others: nothing a contact did.
        "block_events" | "unblock_events" | "mute_events" | "unmute_events" => {
            Ok(item.unsupported(item.kind, "not_typed", None))
        }
        _ => Ok(item.unsupported(item.kind, "unknown_event", None)),
    };
    let event = event.unwrap_or_else(|fault| {
        let detail = format!("{}[{}]: {}", json::name(item.list).unwrap_or("list"), item.place, fault.detail);
        item.unsupported(item.kind, fault.reason, Some(detail))
    });
    event.degraded(item.mended.get())
}

/// Reads the part that items of a kind have of their own, and notes what had to be mended.
fn read<T: DeserializeOwned>(item: &Item<'_>, bytes: &[u8]) -> Result<T, Malformed> {
    let read = json::object::<T>(bytes)?;
    item.mended.set(item.mended.get().or(read.degraded));
    Ok(read.value)
}

/// A member without which the rest is still worth having.
fn soft<T: DeserializeOwned + Default>(raw: &Raw) -> Soft<T> {
    Soft(json::parse(raw.get().as_bytes()).map(|read| read.value).unwrap_or_default())
}
