//! The body in which one item would have come alone.

use std::{borrow::Cow, collections::BTreeMap};

use connector_sdk::json::{self, Id, Raw};
use kenh_proto::v1::{Envelope, envelope::Payload};
use serde_json::json;

use crate::item::List;

/// Puts an item or an entry back into a body about `about`, its bytes as they were; a body stays as it is.
pub fn whole<'a>(item: &'a [u8], envelope: &Envelope, about: &str) -> Cow<'a, [u8]> {
    let Ok(read) = json::object::<BTreeMap<String, Raw>>(item) else { return item.into() };
    let has = |name| read.value.contains_key(name);
    let account = envelope.account.as_ref().and_then(|account| account.external_id.as_deref());
    // An item may look like an entry or a body; but not like an entry of its account, and what is no item of a body has none.
    let id = read.value.get("id").and_then(|id| json::parse::<Id>(id.get().as_bytes()).ok());
    let is_of_account = id.as_ref().map(|id| id.value.as_str()).filter(|id| !id.is_empty()) == account;
    if let Some(list) = list(envelope) {
        body(about, &entry(account, envelope, list, item)).into()
    } else if account.is_none() && has("entry") {
        item.into()
    } else if is_of_account && (has("messaging") || has("standby") || has("changes")) {
        body(object(envelope).unwrap_or(about), item).into()
    } else {
        let observes = envelope.reply_policy.as_ref().is_some_and(|policy| policy.observer_only);
        let list = match (has("field"), observes) {
            (true, _) => "changes",
            (false, true) => "standby",
            (false, false) => "messaging",
        };
        body(about, &entry(account, envelope, list, item)).into()
    }
}

/// The list of an entry that an item stood in which could not be read: its detail says which.
fn list(envelope: &Envelope) -> Option<&'static str> {
    let Some(Payload::Unsupported(unsupported)) = &envelope.payload else { return None };
    let (_, place) = unsupported.detail.as_deref()?.split_once(": ")?.0.strip_prefix("entry[")?.split_once("].")?;
    let lists = [List::Messaging, List::Standby, List::Changes].map(List::name);
    lists.into_iter().find(|list| place.strip_prefix(list).is_some_and(|index| index.starts_with('[')))
}

/// The object of an entry that is about something else: its type says which.
fn object(envelope: &Envelope) -> Option<&str> {
    let Some(Payload::Unsupported(unsupported)) = &envelope.payload else { return None };
    match unsupported.provider_type.as_deref() {
        Some(kind) => json::name(kind),
        // What it was about has no name that could be kept; it is not about what it would be read as otherwise.
        None => (unsupported.reason == "unknown_event").then_some("unknown"),
    }
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
