//! Messages, receipts and reactions.

use connector_sdk::json::{Number, Raw};
use connector_sdk::time::Epoch;
use serde::Deserialize;

use super::{Soft, Word, Words};

/// `user_send_*`, `oa_send_*`, `anonymous_send_*`, receipts, reactions.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct MessageBody {
    pub(crate) message: Message,
    /// `user_asking_product` only.
    pub(crate) product: Option<Product>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Message {
    pub(crate) msg_id: Word,
    pub(crate) text: Word,
    pub(crate) quote_msg_id: Soft<Word>,
    /// Anonymous conversations only.
    pub(crate) conversation_id: Word,
    pub(crate) attachments: Option<Vec<Raw>>,
    /// Reactions only.
    pub(crate) react_icon: Word,
    /// Template receipts only.
    pub(crate) tracking_id: Word,
    pub(crate) delivery_time: Option<Epoch>,
    pub(crate) receiver_device: Soft<Word>,
}

/// `user_seen_message`. Documented as `msg_ids`; a single `msg_id` has been read by others.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SeenIds {
    pub(crate) msg_ids: Words,
    pub(crate) msg_id: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Attachment {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) payload: Payload,
}

/// Payloads of all attachment types in one: no member means two things.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Payload {
    pub(crate) url: Word,
    pub(crate) thumbnail: Word,
    pub(crate) title: Word,
    pub(crate) description: Word,
    /// Stickers.
    pub(crate) id: Word,
    /// Places.
    pub(crate) coordinates: Coordinates,
    /// Files. `type` is a file name extension.
    pub(crate) size: Soft<Option<Number>>,
    pub(crate) name: Word,
    pub(crate) checksum: Word,
    /// Templates.
    pub(crate) zinstant_id: Word,
    pub(crate) text: Word,
    pub(crate) link_url: Word,
}

/// Degrees, normally as text.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Coordinates {
    #[serde(alias = "lat")]
    pub(crate) latitude: Soft<Option<Number>>,
    #[serde(alias = "long")]
    pub(crate) longitude: Soft<Option<Number>>,
}

/// The JSON document that a contact card hides in its description.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct BusinessCard {
    pub(crate) phone: Word,
    #[serde(rename = "qrCodeUrl")]
    pub(crate) qr_code_url: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Product {
    pub(crate) title: Word,
    pub(crate) description: Word,
    pub(crate) thumbnail: Word,
    pub(crate) url: Word,
}
