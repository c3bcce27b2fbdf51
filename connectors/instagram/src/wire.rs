//! An item of `changes`, field for field. Every member is optional: any of them has been seen missing.

use connector_meta::fields::Text;
use connector_sdk::json::{Raw, Word};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    pub(crate) field: Text,
    pub(crate) value: Option<Raw>,
}

/// The value of `comments` and `live_comments`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Comment {
    pub(crate) id: Word,
    /// The comment it answers.
    pub(crate) parent_id: Word,
    pub(crate) text: Text,
    pub(crate) from: Option<From>,
    pub(crate) media: Option<Media>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct From {
    pub(crate) id: Word,
    pub(crate) username: Text,
}

/// What was commented on; of an advertisement, also the post behind it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Media {
    pub(crate) id: Word,
    pub(crate) ad_id: Word,
    pub(crate) ad_title: Text,
    pub(crate) original_media_id: Word,
}

/// The value of `mentions`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Mention {
    pub(crate) media_id: Word,
    pub(crate) comment_id: Word,
}
