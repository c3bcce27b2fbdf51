//! How somebody came to the thread.

use serde::Deserialize;

use super::fields::{Ident, Text};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Referral {
    #[serde(rename = "ref")]
    pub(crate) reference: Text,
    pub(crate) source: Text,
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    pub(crate) ad_id: Ident,
    pub(crate) referer_uri: Text,
    pub(crate) ads_context_data: Option<Advertisement>,
    /// The page of a product in the page's shop.
    pub(crate) product: Option<Product>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Advertisement {
    pub(crate) ad_title: Text,
    pub(crate) photo_url: Text,
    pub(crate) video_url: Text,
    pub(crate) post_id: Ident,
    pub(crate) product_id: Ident,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Product {
    pub(crate) id: Ident,
}
