//! What WhatsApp's webhooks say, as events.

mod account;
mod call;
mod change;
mod contacts;
mod content;
mod element;
mod group;
mod history;
mod media;
mod message;
mod people;
mod person;
mod status;
mod subject;
mod system;
mod tap;

pub(crate) use self::person::{NUMBER, PARENT_USER_ID, USER_ID};
use connector_meta::{
    batch,
    item::{Item, List},
};
use connector_sdk::{Batch, Event, Malformed, json};

/// The `object` of this product's batches.
pub(crate) const OBJECT: &str = "whatsapp_business_account";

/// Reads a batch.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    batch::walk(body, OBJECT, read)
}

fn read(item: &Item<'_>) -> Vec<Event> {
    match item.list {
        List::Changes => change::events(item),
        // Other products' lists; WhatsApp has none.
        List::Messaging | List::Standby => vec![item.unsupported(None, "unknown_event", None)],
    }
}

/// A name of WhatsApp's below the name of what holds it: `messages.poll`.
fn path(list: &str, kind: Option<&str>) -> String {
    match kind.and_then(json::name) {
        Some(kind) => format!("{list}.{kind}"),
        None => list.into(),
    }
}
