//! An attachment. Its payload differs by type, and by the age of the payload.

use connector_sdk::{
    json::{Number, Raw, Word},
    time::Epoch,
};
use serde::Deserialize;

use crate::fields::Text;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Attachment {
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    /// Title and address stand here in older fallbacks, in the payload elsewhere.
    pub(crate) title: Text,
    pub(crate) url: Text,
    pub(crate) payload: Option<Raw>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payload {
    pub(crate) url: Text,
    pub(crate) title: Text,
    pub(crate) sticker_id: Word,
    pub(crate) coordinates: Option<Coordinates>,
    pub(crate) product: Option<Products>,
    /// Templates only, as the page sent them.
    pub(crate) text: Text,
    pub(crate) buttons: Option<Vec<Button>>,
    pub(crate) elements: Option<Vec<Element>>,
    /// Appointments only.
    pub(crate) booking_id: Word,
    pub(crate) status: Text,
    pub(crate) start_time: Option<Epoch>,
    pub(crate) end_time: Option<Epoch>,
    pub(crate) timezone: Text,
}

#[derive(Deserialize)]
pub(crate) struct Coordinates {
    pub(crate) lat: Number,
    pub(crate) long: Number,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Products {
    pub(crate) elements: Option<Vec<Element>>,
}

/// A card of a template, or a product of the shop.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Element {
    pub(crate) id: Word,
    pub(crate) retailer_id: Word,
    pub(crate) title: Text,
    pub(crate) subtitle: Text,
    pub(crate) image_url: Text,
    pub(crate) item_url: Text,
    pub(crate) buttons: Option<Vec<Button>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Button {
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    pub(crate) title: Text,
    pub(crate) payload: Text,
    pub(crate) url: Text,
}
