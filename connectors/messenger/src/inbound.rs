//! What a Page's webhooks say, as events.

mod account;
mod change;
mod feed;
mod review;

use connector_meta::{
    batch,
    item::{Item, List},
    messaging::{self, Dialect},
};
use connector_sdk::{Batch, Event, Malformed};

/// The `object` of this product's batches.
pub(crate) const OBJECT: &str = "page";

/// People's ids in a Page's private messages, and below its posts. The latter are no psids, although the number is often
/// the same: pages write there too, and no message can be sent to a page.
const DIALECT: Dialect = Dialect { scheme: "psid" };
const AUTHOR_SCHEME: &str = "facebook_user_id";

/// Reads a batch.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    batch::walk(body, OBJECT, read)
}

fn read(item: &Item<'_>) -> Vec<Event> {
    match item.list {
        List::Messaging | List::Standby => messaging::events(item, DIALECT),
        List::Changes => vec![change::event(item)],
    }
}
