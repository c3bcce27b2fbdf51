//! The body in which one item would have come alone.

use std::borrow::Cow;

use connector_sdk::{json, place};
use kenh_proto::v1::{Envelope, envelope::Payload};
use serde_json::json;

use crate::item::List;

/// Puts an item or an entry back into a body about `about`, its bytes as they were; a body stays as it is.
pub fn whole<'a>(item: &'a [u8], envelope: &Envelope, about: &str) -> Cow<'a, [u8]> {
    let Some(place) = place(envelope) else { return item.into() };
    let account = envelope.account.as_ref().and_then(|account| account.external_id.as_deref());
    match list(place) {
        Some(list) => body(about, &entry(account, envelope, list.name(), item)).into(),
        None => body(object(envelope, about), item).into(),
    }
}

/// The list of an entry that an item stood in.
fn list(place: &str) -> Option<List> {
    let (_, within) = place.split_once("].")?;
    [List::Messaging, List::Standby, List::Changes].into_iter().find(|list| within.starts_with(list.name()))
}

/// What the body was about that an entry stood in. Only of one about something else the type of its event says so.
fn object<'e>(envelope: &'e Envelope, about: &'e str) -> &'e str {
    let Some(Payload::Unsupported(unsupported)) = &envelope.payload else { return about };
    if unsupported.detail.as_deref() != Some(&another(about)) {
        return about;
    }
    // A name that could not be kept is not what it would be read as otherwise.
    unsupported.provider_type.as_deref().and_then(json::name).unwrap_or("unknown")
}

/// The detail of an entry that stood in a body about something else.
pub(crate) fn another(about: &str) -> String {
    format!("object: expected {about}")
}

/// An entry with one item, of the account and at the time of the envelope.
pub fn entry(account: Option<&str>, envelope: &Envelope, list: &str, item: &[u8]) -> Vec<u8> {
    let millis =
        |at: prost_types::Timestamp| at.seconds.saturating_mul(1000).saturating_add(i64::from(at.nanos) / 1_000_000);
    let (id, time) = (json!(account), json!(envelope.occurred_at.map(millis)));
    [format!("{{\"id\":{id},\"time\":{time},\"{list}\":[").as_bytes(), item, b"]}"].concat()
}

/// A body with one entry.
pub fn body(about: &str, entry: &[u8]) -> Vec<u8> {
    [format!("{{\"object\":\"{about}\",\"entry\":[").as_bytes(), entry, b"]}"].concat()
}
