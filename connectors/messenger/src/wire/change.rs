//! An item of `changes`: what happens in public, and lead forms.

use connector_meta::fields::Text;
use connector_sdk::{
    json::{Number, Raw, Word},
    time::Epoch,
};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    pub(crate) field: Text,
    pub(crate) value: Option<Raw>,
}

/// The value of `feed` and of `mention`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Feed {
    pub(crate) item: Text,
    pub(crate) verb: Text,
    pub(crate) post_id: Word,
    pub(crate) comment_id: Word,
    /// The post for a comment at the top level, a comment for an answer to one.
    pub(crate) parent_id: Word,
    pub(crate) from: Option<From>,
    /// Who, in older subscriptions.
    pub(crate) sender_id: Word,
    pub(crate) sender_name: Text,
    pub(crate) message: Text,
    pub(crate) photo: Text,
    pub(crate) photos: Option<Vec<String>>,
    pub(crate) video: Text,
    pub(crate) link: Text,
    pub(crate) reaction_type: Text,
    pub(crate) created_time: Option<Epoch>,
    pub(crate) edited_time: Option<Epoch>,
    pub(crate) post: Option<Post>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct From {
    pub(crate) id: Word,
    pub(crate) name: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Post {
    pub(crate) id: Word,
    pub(crate) permalink_url: Text,
}

/// The value of `ratings`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rating {
    pub(crate) item: Text,
    pub(crate) verb: Text,
    pub(crate) open_graph_story_id: Word,
    pub(crate) reviewer_id: Word,
    pub(crate) reviewer_name: Text,
    #[serde(rename = "rating")]
    pub(crate) stars: Option<Number>,
    pub(crate) recommendation_type: Text,
    pub(crate) review_text: Text,
    pub(crate) created_time: Option<Epoch>,
}

/// The value of `leadgen`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lead {
    pub(crate) leadgen_id: Word,
    pub(crate) form_id: Word,
    pub(crate) page_id: Word,
    pub(crate) ad_id: Word,
    pub(crate) adgroup_id: Word,
    pub(crate) created_time: Option<Epoch>,
}
