//! What a Page's webhooks say, as events.

mod account;
mod attachment;
mod change;
mod control;
mod feed;
mod feedback;
mod interaction;
mod item;
mod message;
mod optin;
mod public;
mod receipt;
mod referral;
mod review;
mod subject;
mod template;

use connector_sdk::{Batch, Event, Malformed};

use crate::meta::{
    batch,
    item::{Item, List},
};

/// The `object` of this product's batches.
const OBJECT: &str = "page";

/// Reads a batch.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    batch::walk(body, OBJECT, read)
}

fn read(item: &Item<'_>) -> Vec<Event> {
    match item.list {
        List::Messaging | List::Standby => item::events(item),
        List::Changes => vec![change::event(item)],
    }
}
