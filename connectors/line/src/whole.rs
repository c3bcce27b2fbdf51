//! The call in which one event would have come alone.

use std::borrow::Cow;

use connector_sdk::place;
use kenh_proto::v1::Envelope;
use serde_json::Value;

/// Puts an event back into a call to its account; a call stays as it is.
pub(crate) fn whole<'a>(item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
    if place(envelope).is_none() {
        return item.into();
    }
    let account = envelope.account.as_ref().and_then(|account| account.external_id.clone());
    let destination = account.map_or(Value::Null, Value::String).to_string();
    // The event's own bytes: its identity may be their digest.
    [b"{\"destination\":", destination.as_bytes(), b",\"events\":[", item, b"]}"].concat().into()
}
