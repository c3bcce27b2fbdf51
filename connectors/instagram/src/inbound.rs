//! What an account's webhooks say, as events.

mod change;
mod comment;

use connector_meta::{
    batch,
    item::{Item, List},
    messaging::{self, Dialect},
};
use connector_sdk::{Batch, Event, Malformed};

/// The `object` of this product's batches.
pub(crate) const OBJECT: &str = "instagram";

/// The scheme of people's ids, in private messages and below posts alike. They hold for one account.
pub(crate) const IGSID: &str = "igsid";
const DIALECT: Dialect = Dialect { scheme: IGSID };

/// Reads a batch.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    batch::walk(body, OBJECT, read)
}

fn read(item: &Item<'_>) -> Vec<Event> {
    match item.list {
        List::Messaging | List::Standby => messaging::events(item, DIALECT),
        List::Changes => change::events(item),
    }
}
