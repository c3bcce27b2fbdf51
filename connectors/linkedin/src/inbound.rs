//! `normalize`: each notification of a call, by itself, or the one lead.

mod lead;
mod social;

use std::borrow::Cow;

use connector_sdk::{
    Batch, Event, Malformed,
    json::{self, name},
    place,
};
use kenh_proto::v1::Envelope;

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
            let notified = |(index, raw): (usize, &json::Raw)| {
                let event = notification(index, raw.get().as_bytes());
                event.placed(|| format!("notifications[{index}]"))
            };
            items.iter().enumerate().map(notified).collect()
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

/// A notification as it would have come alone; a call stays as it is.
pub(crate) fn whole<'a>(item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
    if place(envelope).is_none() {
        return item.into();
    }
    [b"{\"type\":\"", SOCIAL.as_bytes(), b"\",\"notifications\":[", item, b"]}"].concat().into()
}
