//! What every message has, whatever its type, and the history in which old ones come.

use connector_sdk::{
    json::{Flag, Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::Fault;

/// An item of `messages`, `message_echoes` or a thread of the history.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Head {
    pub(crate) id: Word,
    pub(crate) timestamp: Option<Epoch>,
    /// The writer; of an echo the business.
    pub(crate) from: Word,
    pub(crate) from_user_id: Word,
    pub(crate) from_parent_user_id: Word,
    /// Echoes only: the person.
    pub(crate) to: Word,
    pub(crate) to_user_id: Word,
    pub(crate) group_id: Word,
    pub(crate) context: Soft<Context>,
    pub(crate) referral: Soft<Option<Referral>>,
    pub(crate) errors: Soft<Vec<Soft<Fault>>>,
}

/// What a message refers to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Context {
    /// The message that is answered, and who wrote it.
    pub(crate) id: Word,
    pub(crate) from: Word,
    pub(crate) forwarded: Flag,
    pub(crate) frequently_forwarded: Flag,
    pub(crate) referred_product: Soft<Product>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Product {
    pub(crate) product_retailer_id: Word,
}

/// The advertisement or post through which somebody came.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Referral {
    pub(crate) source_url: Word,
    pub(crate) source_id: Word,
    pub(crate) source_type: Word,
    pub(crate) headline: Word,
    pub(crate) ctwa_clid: Word,
}

/// An item of `history`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct HistoryChunk {
    pub(crate) threads: Option<Vec<Raw>>,
}

/// One person's messages.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Thread {
    /// The person.
    pub(crate) id: Word,
    pub(crate) messages: Vec<Raw>,
}
