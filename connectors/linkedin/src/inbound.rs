//! `normalize`: each notification of a call, by itself, or the one lead.

mod lead;
mod social;

use std::borrow::Cow;

use connector_sdk::{
    Batch, Event, Malformed,
    json::{self, name},
};

use serde::de::IgnoredAny;

use crate::wire::{Call, Notification};

/// The scheme of people's names. They hold for one app; the organization is the safe scope.
const PERSON: &str = "linkedin_urn";

const SOCIAL: &str = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS";

/// Turns a call into its events.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    let call = json::object::<Call>(body)?;
    let kind = call.value.kind.0.get().unwrap_or_default();
    let mut events: Vec<Event> = match (kind, &call.value.notifications) {
        (SOCIAL, Some(items)) => {
            if items.is_empty() {
                return Ok(Batch::skipped("no_notifications"));
            }
            items.iter().enumerate().map(|(index, raw)| notification(index, raw.get().as_bytes())).collect()
        }
        (SOCIAL, None) => return Err(json::missing("notifications")),
        ("LEAD_ACTION", _) => vec![lead::told(body)],
        ("", _) => return Err(json::missing("type")),
        _ => vec![Event::unsupported(None, body, name(kind), "unknown_event", None)],
    };
    events = events.into_iter().map(|event| event.degraded(call.degraded)).collect();
    Ok(Batch { events, skipped: Vec::new() })
}

fn notification(index: usize, raw: &[u8]) -> Event {
    match json::object::<Notification>(raw) {
        Ok(read) => social::told(index, raw, &read.value).degraded(read.degraded),
        Err(fault) => {
            let detail = format!("notifications[{index}]: {}", fault.detail);
            Event::unsupported(None, raw, None, fault.reason, Some(detail))
        }
    }
}

/// A notification as it would have come alone. What has a `type` is a call, unless it names an organization as notifications do;
/// and what is no JSON was never one of several.
pub(crate) fn whole(item: &[u8]) -> Cow<'_, [u8]> {
    let is_call = |call: Call| call.kind.0.get().is_some() || call.notifications.is_some();
    let names = |it: Notification| it.organizational_entity.0.get().is_some();
    let is_notification = json::object::<Notification>(item).is_ok_and(|it| names(it.value));
    let came_alone = !is_notification && json::object::<Call>(item).is_ok_and(|call| is_call(call.value));
    if came_alone || json::parse::<IgnoredAny>(item).is_err() {
        return item.into();
    }
    [b"{\"type\":\"", SOCIAL.as_bytes(), b"\",\"notifications\":[", item, b"]}"].concat().into()
}
