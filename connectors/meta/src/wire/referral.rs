//! How somebody came to the thread.

use connector_sdk::json::Word;
use serde::Deserialize;

use crate::fields::Text;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Referral {
    #[serde(rename = "ref")]
    pub(crate) reference: Text,
    pub(crate) source: Text,
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    pub(crate) ad_id: Word,
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
    pub(crate) post_id: Word,
    pub(crate) product_id: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Product {
    pub(crate) id: Word,
}
