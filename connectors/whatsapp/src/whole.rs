//! The body in which one item of a list would have come alone.

use std::{borrow::Cow, collections::BTreeMap};

use connector_meta::whole::{body, entry, whole as whole_of_change};
use connector_sdk::json::{self, Raw};
use kenh_proto::v1::{Envelope, envelope::Payload};
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
    let Ok(read) = json::object::<BTreeMap<String, Raw>>(item) else { return item.into() };
    let has = |member| read.value.contains_key(member);
    let list = LISTS.iter().find(|(list, _)| Some(*list) == list_of(envelope));
    // An item may look like a change.
    let is_change = has("field") && is_about_a_value(envelope);
    let Some((list, field)) = list.filter(|_| !is_change && !["entry", "changes"].into_iter().any(has)) else {
        return whole_of_change(item, envelope, OBJECT);
    };
    let item: Cow<'_, [u8]> = match *list {
        "history" if has("messages") => wrapped("{\"threads\":[", item, "]}"),
        "history" if has("id") => {
            let thread = envelope.conversation.as_ref().map(|conversation| &conversation.external_id);
            wrapped(&format!("{{\"threads\":[{{\"id\":{},\"messages\":[", json!(thread)), item, "]}]}")
        }
        _ => item.into(),
    };
    let head = format!("{{\"field\":\"{field}\",\"value\":{{{}\"{list}\":[", surroundings(envelope));
    let change = [head.as_bytes(), &item, b"]}}"].concat();
    body(OBJECT, &entry(business(envelope), envelope, "changes", &change)).into()
}

fn wrapped<'a>(before: &str, item: &[u8], after: &str) -> Cow<'a, [u8]> {
    [before.as_bytes(), item, after.as_bytes()].concat().into()
}

/// Whether what was wrong was a change's value, not an item of its lists: the detail says where it stood.
fn is_about_a_value(envelope: &Envelope) -> bool {
    let Some(Payload::Unsupported(unsupported)) = &envelope.payload else { return false };
    let place = unsupported.detail.as_deref().and_then(|detail| detail.split_once(": "));
    place.is_some_and(|(place, _)| place.rsplit('.').next() == Some("value"))
}

/// The list is the first part of the type of what could not be typed.
fn list_of(envelope: &Envelope) -> Option<&str> {
    let Some(Payload::Unsupported(unsupported)) = &envelope.payload else { return None };
    unsupported.provider_type.as_deref()?.split('.').next()
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
