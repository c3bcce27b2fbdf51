//! What a message says. Its type names the member that holds it.

use std::collections::BTreeMap;

use connector_sdk::json::{Number, Raw, Soft, Word};
use serde::Deserialize;

use super::Interactive;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) text: Option<Text>,
    pub(crate) image: Option<Media>,
    pub(crate) video: Option<Media>,
    pub(crate) audio: Option<Media>,
    /// Audio, in older payloads.
    pub(crate) voice: Option<Media>,
    pub(crate) document: Option<Media>,
    pub(crate) sticker: Option<Media>,
    pub(crate) location: Option<Location>,
    /// Each is read by itself.
    pub(crate) contacts: Option<Vec<Raw>>,
    pub(crate) interactive: Option<Interactive>,
    pub(crate) button: Option<Button>,
    pub(crate) reaction: Option<Reaction>,
    pub(crate) order: Option<Order>,
    pub(crate) system: Option<System>,
    pub(crate) edit: Option<Edit>,
    pub(crate) revoke: Option<Edit>,
    /// What WhatsApp does not pass on.
    pub(crate) unsupported: Soft<Unsupported>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Text {
    pub(crate) body: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Media {
    pub(crate) id: Word,
    pub(crate) url: Word,
    pub(crate) mime_type: Word,
    /// In base64; in hexadecimal where it is asked for by the id.
    pub(crate) sha256: Word,
    pub(crate) caption: Word,
    pub(crate) filename: Word,
}

#[derive(Deserialize)]
pub(crate) struct Location {
    pub(crate) latitude: Number,
    pub(crate) longitude: Number,
    #[serde(default)]
    pub(crate) name: Word,
    #[serde(default)]
    pub(crate) address: Word,
    #[serde(default)]
    pub(crate) url: Word,
}

/// A contact that was sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Card {
    pub(crate) name: Soft<BTreeMap<String, Word>>,
    pub(crate) phones: Soft<Vec<Soft<BTreeMap<String, Word>>>>,
    pub(crate) emails: Soft<Vec<Soft<BTreeMap<String, Word>>>>,
    pub(crate) urls: Soft<Vec<Soft<BTreeMap<String, Word>>>>,
    pub(crate) vcard: Word,
}

/// A button of a template.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Button {
    pub(crate) payload: Word,
    pub(crate) text: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reaction {
    pub(crate) message_id: Word,
    /// Absent or empty when it is taken back.
    pub(crate) emoji: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    pub(crate) text: Word,
    pub(crate) product_items: Vec<Ordered>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ordered {
    pub(crate) product_retailer_id: Word,
    pub(crate) quantity: Option<Number>,
    pub(crate) item_price: Word,
    pub(crate) currency: Word,
}

/// Something about the person themselves.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct System {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    /// The new number, by its names in newer and older payloads.
    pub(crate) wa_id: Word,
    pub(crate) new_wa_id: Word,
    pub(crate) user_id: Word,
    pub(crate) parent_user_id: Word,
    /// A digest of the keys, or an object with it.
    pub(crate) identity: Option<Raw>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Edit {
    pub(crate) original_message_id: Word,
    /// The message as it is now.
    pub(crate) message: Option<Raw>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Unsupported {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
}
