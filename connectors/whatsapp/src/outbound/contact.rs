//! A person's details. WhatsApp wants the name twice: as it is shown, and in one part at least.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/messages/contacts-messages>.

use kenh_proto::v1::ContactCard;
use serde_json::{Value, json};

/// As the API takes it; nothing without a name.
pub(super) fn object(card: &ContactCard) -> Option<Value> {
    let name = card.name.as_deref().filter(|name| !name.trim().is_empty())?;
    let mut contact = json!({"name": {"formatted_name": name, "first_name": name}});
    let entries = contact.as_object_mut()?;
    let lists = [("phones", "phone", &card.phones), ("emails", "email", &card.emails)];
    for (list, member, values) in lists.into_iter().filter(|(.., values)| !values.is_empty()) {
        entries.insert(list.into(), values.iter().map(|value| json!({member: value})).collect());
    }
    if let Some(url) = &card.url {
        entries.insert("urls".into(), json!([{"url": url}]));
    }
    Some(contact)
}
