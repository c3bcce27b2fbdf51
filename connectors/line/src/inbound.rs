//! `normalize`: each event of a call, by itself.

mod content;
mod happening;
mod item;

use std::cell::Cell;

use connector_sdk::{Batch, Event, Malformed, json};
use kenh_proto::v1::ConversationAction as Change;
use serde::de::DeserializeOwned;

use self::item::Item;
pub(crate) use self::item::USER;
use crate::wire::{Body, Head};

/// Turns a call into its events.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    let body = json::object::<Body>(body)?;
    let account = body.value.destination.0.get();
    if body.value.events.is_empty() {
        // The console's button, and LINE's own checks of the address.
        return Ok(Batch::skipped("no_events"));
    }
    let events = body.value.events.iter().enumerate();
    let event = |(index, raw): (usize, &json::Raw)| {
        event(account, index, raw.get().as_bytes()).placed(|| format!("events[{index}]"))
    };
    let events = events.map(event).collect();
    Ok(Batch { events, skipped: Vec::new() })
}

fn event(account: Option<&str>, index: usize, raw: &[u8]) -> Event {
    let head = match json::object::<Head>(raw) {
        Ok(head) => head,
        Err(fault) => {
            let detail = format!("events[{index}]: {}", fault.detail);
            return Event::unsupported(account, raw, None, fault.reason, Some(detail));
        }
    };
    let item = Item { account, raw, head: &head.value, mended: Cell::new(head.degraded) };
    let event = match typed(&item) {
        Ok(Some(event)) => event,
        Ok(None) => item.unsupported("unknown_event", None),
        Err(fault) => item.unsupported(fault.reason, Some(format!("events[{index}]: {}", fault.detail))),
    };
    event.degraded(item.mended.get())
}

fn typed(item: &Item<'_>) -> Result<Option<Event>, Malformed> {
    let event = match item.head.kind.0.get().unwrap_or_default() {
        "message" => content::written(item, read(item)?)?,
        "messageEdited" => content::edited(item, &read(item)?)?,
        "unsend" => content::unsent(item, read(item)?)?,
        "follow" => happening::followed(item, &read(item)?),
        "unfollow" => happening::unfollowed(item),
        "join" => happening::group(item, Change::Started),
        "leave" => happening::group(item, Change::Ended),
        "memberJoined" => happening::members(item, Change::MembersAdded, read(item)?),
        "memberLeft" => happening::members(item, Change::MembersRemoved, read(item)?),
        "postback" => happening::postback(item, read(item)?),
        "videoPlayComplete" => happening::watched(item, read(item)?),
        "beacon" => happening::beacon(item, read(item)?),
        "accountLink" => happening::linked(item, read(item)?),
        "membership" => happening::membership(item, read(item)?),
        "module" => happening::module(item, read(item)?),
        "activated" => happening::control(item, true),
        "deactivated" => happening::control(item, false),
        "botSuspended" => happening::state(item, "suspended"),
        "botResumed" => happening::state(item, "resumed"),
        "delivery" => happening::delivered(item, read(item)?),
        _ => return Ok(None),
    };
    Ok(Some(event))
}

/// Reads the part that events of a kind have of their own, and notes what had to be mended.
fn read<T: DeserializeOwned>(item: &Item<'_>) -> Result<T, Malformed> {
    let read = json::object::<T>(item.raw)?;
    item.mended.set(item.mended.get().or(read.degraded));
    Ok(read.value)
}
