//! The body in which one item of a list would have come alone.

use std::borrow::Cow;

use connector_meta::whole::{body, entry, whole as whole_of_change};
use connector_sdk::place;
use kenh_proto::v1::Envelope;
use serde_json::json;

use crate::inbound::{NUMBER, OBJECT, PARENT_USER_ID, USER_ID};

/// Lists, and the field whose values have them.
const LISTS: &[(&str, &str)] = &[
    ("messages", "messages"),
    ("statuses", "messages"),
    ("errors", "messages"),
    ("calls", "calls"),
    ("groups", "group_participants_update"),
    ("history", "history"),
    ("message_echoes", "smb_message_echoes"),
    ("state_sync", "smb_app_state_sync"),
    ("user_id_update", "user_id_update"),
    ("user_preferences", "user_preferences"),
];

/// Puts an item back into a body; its bytes stay as they were. What the value said of number and person stands in the
/// envelope.
pub(crate) fn whole<'a>(item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
    let within = place(envelope).and_then(|place| Some(place.split_once(".value.")?.1)).unwrap_or_default();
    let list = LISTS.iter().find(|(list, _)| within.split('[').next() == Some(list));
    let Some((list, field)) = list else { return whole_of_change(item, envelope, OBJECT) };
    let item: Cow<'_, [u8]> = if within.contains("].messages[") {
        let thread = envelope.conversation.as_ref().map(|conversation| &conversation.external_id);
        wrapped(&format!("{{\"threads\":[{{\"id\":{},\"messages\":[", json!(thread)), item, "]}]}")
    } else if within.contains("].threads[") {
        wrapped("{\"threads\":[", item, "]}")
    } else {
        item.into()
    };
    let head = format!("{{\"field\":\"{field}\",\"value\":{{{}\"{list}\":[", surroundings(envelope));
    let change = [head.as_bytes(), &item, b"]}}"].concat();
    body(OBJECT, &entry(business(envelope), envelope, "changes", &change)).into()
}

fn wrapped<'a>(before: &str, item: &[u8], after: &str) -> Cow<'a, [u8]> {
    [before.as_bytes(), item, after.as_bytes()].concat().into()
}

/// The members beside the list, each with a comma behind it.
fn surroundings(envelope: &Envelope) -> String {
    let account = envelope.account.as_ref();
    let number = json!({
        "phone_number_id": account.and_then(|account| account.external_id.as_deref()),
        "display_phone_number": account.and_then(|account| account.name.as_deref()),
    });
    let contact = json!({
        "wa_id": id(envelope, NUMBER),
        "user_id": id(envelope, USER_ID),
        "parent_user_id": id(envelope, PARENT_USER_ID),
        "profile": {"name": envelope.contact.as_ref().and_then(|contact| contact.display_name.as_deref())},
    });
    let contacts = if envelope.contact.is_some() { format!("\"contacts\":[{contact}],") } else { String::new() };
    format!("\"metadata\":{number},{contacts}")
}

fn id<'a>(envelope: &'a Envelope, scheme: &str) -> Option<&'a str> {
    let identities = envelope.contact.iter().flat_map(|contact| &contact.identities);
    identities.into_iter().find(|identity| identity.scheme == scheme).map(|identity| identity.value.as_str())
}

/// The business account, which people's ids name.
fn business(envelope: &Envelope) -> Option<&str> {
    let identities = envelope.contact.iter().flat_map(|contact| &contact.identities);
    let scope = identities.into_iter().find_map(|identity| identity.scope.as_deref());
    scope.or_else(|| envelope.account.as_ref()?.external_id.as_deref())
}
