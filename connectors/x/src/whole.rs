//! One item of a batch as it would have come alone.

use std::borrow::Cow;

use connector_sdk::place;
use kenh_proto::v1::Envelope;
use serde_json::Value;

use crate::inbound::LISTS;

/// Items of the Account Activity API stand in a list that says what they are, beside the account. All else comes alone.
pub(crate) fn whole<'a>(item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
    let list = place(envelope).and_then(|place| Some(place.split_once('[')?.0));
    let Some(list) = list.filter(|name| LISTS.contains(name)) else { return item.into() };
    let account = envelope.account.as_ref().and_then(|account| account.external_id.clone());
    let account = account.map_or(Value::Null, Value::String).to_string();
    let list = Value::from(list).to_string();
    // The item's own bytes: its identity may be their digest.
    [b"{\"for_user_id\":", account.as_bytes(), b",", list.as_bytes(), b":[", item, b"]}"].concat().into()
}
