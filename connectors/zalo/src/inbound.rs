//! `normalize`: which event it is, and what becomes of it.

mod account;
mod call;
mod contact;
mod events;
mod group;
mod item;
mod message;
mod parts;
mod reaction;
mod receipt;
mod tags;
mod template;
mod text;

use connector_sdk::{Batch, Delivery, Event, Malformed, json};
use serde::{de::DeserializeOwned, de::IgnoredAny};

use self::{
    events::Family,
    item::{Item, Parties},
};
use crate::wire::Head;

/// Turns one body into its events. `oa_ids` are the Official Accounts the settings name, if any.
pub(crate) fn normalize(delivery: Delivery<'_>, oa_ids: &[String]) -> Result<Batch, Malformed> {
    let body = delivery.body;
    if body.trim_ascii_start().first() != Some(&b'{') {
        json::parse::<IgnoredAny>(body)?;
        return Err(Malformed { reason: "unexpected_shape", detail: "expected an object".into() });
    }
    let head = json::parse::<Head>(body)?;
    let Some(name) = &head.value.event_name else { return Ok(Batch::skipped("console_probe")) };
    let item = |name, parties| Item { name, raw: body, head: &head.value, parties, zns_header: is_zns(delivery) };
    let (item, outcome) = match json::parse::<String>(name.get().as_bytes()) {
        Err(fault) => {
            let item = item("", Parties::default());
            let event = item.unsupported(None, "unexpected_shape", Some(format!("event_name: {}", fault.detail)));
            (item.occurred_at(), event.into())
        }
        Ok(name) => {
            let family = Family::of(&name.value);
            let side = family.as_ref().and_then(Family::side);
            let item = item(&name.value, Parties::of(&head.value, side, oa_ids));
            (item.occurred_at(), typed(&item, family))
        }
    };
    Ok(finished(outcome, item, head.degraded))
}

/// Telling template receipts from others; a header, so it only ever refines.
fn is_zns(delivery: Delivery<'_>) -> bool {
    delivery.header("X-ZEvent-Server").is_some_and(|server| server.trim().eq_ignore_ascii_case("ZNS"))
}

fn typed(item: &Item<'_>, family: Option<Family<'_>>) -> Batch {
    let name = Some(item.name).filter(|name| !name.is_empty());
    let Some(family) = family else { return item.unsupported(name, "unknown_event", None).into() };
    match dispatch(item, &family) {
        Ok(batch) => batch,
        Err(_) if !family.is_documented() => item.unsupported(name, "unknown_event", None).into(),
        Err(fault) => item.unsupported(name, "unexpected_shape", Some(fault.detail)).into(),
    }
}

fn dispatch(item: &Item<'_>, family: &Family<'_>) -> Result<Batch, Malformed> {
    match *family {
        Family::Message { chat, suffix } => read(item, |body| message::written(item, chat, suffix, body)),
        Family::Received => read(item, |body| receipt::received(item, body)),
        Family::Seen => read(item, |body| receipt::seen(item, body)),
        Family::Reaction(side) => read(item, |body| reaction::reacted(item, side, &body)),
        Family::Follow(action) => read(item, |body| contact::follow(item, action, body)),
        Family::OpenChat => contact::open_chat(item),
        Family::SubmitInfo => read(item, |body| contact::submit_info(item, body)),
        Family::UpdateInfo => read(item, |body| contact::update_info(item, body)),
        Family::Withdraw => contact::withdraw(item),
        Family::Widget(side) => read(item, |body| contact::widget(item, side, body)),
        Family::Order => read(item, |body| contact::order(item, body)),
        Family::Tag(change) => read(item, |body| tags::tagged(item, change, body)),
        Family::Call(side) => read(item, |body| call::ended(item, side, &body)),
        Family::Consent(side) => read(item, |body| call::consent(item, side, &body)),
        Family::Group(row) => read(item, |body| group::changed(item, row, body)),
        Family::Feedback => read(item, |body| template::feedback(item, body)),
        Family::Button => read(item, |body| template::button(item, body)),
        Family::Account(row) => read(item, |members| Ok(account::changed(item, row, members))),
    }
}

/// Reads the part of the body that an event's family has of its own, and notes what had to be mended.
fn read<T: DeserializeOwned>(
    item: &Item<'_>,
    make: impl FnOnce(T) -> Result<Batch, Malformed>,
) -> Result<Batch, Malformed> {
    let body = json::parse::<T>(item.raw)?;
    let mut batch = make(body.value)?;
    batch.events = batch.events.into_iter().map(|event| event.degraded(body.degraded)).collect();
    Ok(batch)
}

/// Adds what all events of a body have in common.
fn finished(mut batch: Batch, occurred_at: item::When, degraded: Option<&'static str>) -> Batch {
    let stamp = |event: Event| {
        let noted =
            event.envelope.quality.iter().any(|quality| quality.degraded.iter().any(|code| Some(&**code) == degraded));
        event.occurred_at(occurred_at.at).degraded(occurred_at.degraded).degraded(degraded.filter(|_| !noted))
    };
    batch.events = batch.events.into_iter().map(stamp).collect();
    batch
}
