//! `normalize`: which kind of update it is.

mod action;
mod change;
mod item;
mod media;
mod message;
mod person;
mod reaction;
mod text;

use connector_sdk::{
    Batch, Event, Malformed,
    json::{self, Word, missing},
};
use serde::de::DeserializeOwned;

use self::item::Item;
pub(crate) use self::person::{CHAT, USER};
use crate::wire::Update;

/// Turns an update into its events. `bot` is the bot's id.
pub(crate) fn normalize(body: &[u8], bot: Option<&str>) -> Result<Batch, Malformed> {
    let update = json::object::<Update>(body)?;
    let mut members = update.value;
    let id = members.remove("update_id").and_then(|id| json::parse::<Word>(id.get().as_bytes()).ok());
    let id = id.and_then(|id| id.value.into_option());
    let first = members.pop_first();
    let kind = first.as_ref().map_or("", |(kind, _)| kind.as_str());
    let item = Item::of(bot, body, id.as_deref(), kind);
    let events = match &first {
        None => Err(missing("a member that names the kind")),
        // Documented never to happen, and nothing says what it would mean.
        Some(_) if !members.is_empty() => {
            Err(Malformed { reason: "unexpected_shape", detail: "expected one kind in an update".into() })
        }
        Some((_, inner)) => typed(&item, inner.get().as_bytes()),
    };
    let events = match events {
        Ok(Some(events)) => events,
        Ok(None) => vec![item.unsupported("unknown_event", None)],
        Err(fault) => vec![item.unsupported(fault.reason, Some(fault.detail))],
    };
    let degraded = update.degraded.or(item.mended.get());
    Ok(Batch { events: events.into_iter().map(|event| event.degraded(degraded)).collect(), skipped: Vec::new() })
}

fn typed(item: &Item<'_>, inner: &[u8]) -> Result<Option<Vec<Event>>, Malformed> {
    let event = match item.kind {
        "message" | "business_message" | "channel_post" => message::written(item, inner, &read(item, inner)?)?,
        "edited_message" | "edited_business_message" | "edited_channel_post" => {
            message::edited(item, &read(item, inner)?)?
        }
        "deleted_business_messages" => return message::deleted(item, &read(item, inner)?).map(Some),
        "message_reaction" => return reaction::changed(item, &read(item, inner)?).map(Some),
        "callback_query" => action::tapped(item, read(item, inner)?)?,
        "chosen_inline_result" => action::chosen(item, read(item, inner)?),
        "shipping_query" => action::shipping(item, read(item, inner)?),
        "pre_checkout_query" => action::checkout(item, read(item, inner)?),
        "purchased_paid_media" => action::purchased(item, read(item, inner)?),
        "poll_answer" => action::voted(item, read(item, inner)?),
        "my_chat_member" | "chat_member" => change::member(item, &read(item, inner)?)?,
        "chat_join_request" => change::wants_in(item, &read(item, inner)?)?,
        "business_connection" => change::connected(item, &read(item, inner)?)?,
        "inline_query"
        | "poll"
        | "message_reaction_count"
        | "chat_boost"
        | "removed_chat_boost"
        | "guest_message"
        | "managed_bot" => item.unsupported("not_typed", None),
        _ => return Ok(None),
    };
    Ok(Some(vec![event]))
}

/// Reads what an update holds, and notes what had to be mended.
fn read<T: DeserializeOwned>(item: &Item<'_>, inner: &[u8]) -> Result<T, Malformed> {
    let located = |fault: Malformed| Malformed { detail: format!("{}: {}", item.kind, fault.detail), ..fault };
    let read = json::object::<T>(inner).map_err(located)?;
    item.mended.set(read.degraded);
    Ok(read.value)
}
