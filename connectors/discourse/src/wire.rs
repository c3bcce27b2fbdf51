//! Discourse's JSON, field for field. Nothing here has a `Debug`: it is what people wrote.

#![allow(clippy::struct_field_names, reason = "Discourse's names")]

use std::collections::BTreeMap;

use connector_sdk::json::{Flag, Number, Raw, Soft, Word};
use serde::Deserialize;

/// A body: one member, named like the type of event.
pub(crate) type Members = BTreeMap<String, Raw>;

/// `post`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Post {
    pub(crate) id: Soft<Word>,
    pub(crate) user_id: Soft<Word>,
    pub(crate) username: Soft<Word>,
    pub(crate) name: Soft<Word>,
    pub(crate) created_at: Soft<Word>,
    pub(crate) updated_at: Soft<Word>,
    pub(crate) deleted_at: Soft<Word>,
    /// Markdown as it was written.
    pub(crate) raw: Soft<Word>,
    pub(crate) post_number: Soft<Option<Number>>,
    /// 1 what people write, 2 an action of a moderator, 3 a note of the system's, 4 a whisper among the staff.
    pub(crate) post_type: Soft<Option<Number>>,
    pub(crate) version: Soft<Option<Number>>,
    pub(crate) topic_id: Soft<Word>,
    pub(crate) topic_title: Soft<Word>,
    /// `regular` or `private_message`.
    pub(crate) topic_archetype: Soft<Word>,
}

/// `topic`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Topic {
    pub(crate) id: Soft<Word>,
    pub(crate) title: Soft<Word>,
    pub(crate) created_at: Soft<Word>,
    pub(crate) archetype: Soft<Word>,
    pub(crate) closed: Soft<Option<Flag>>,
    pub(crate) created_by: Soft<User>,
}

/// `user`, and people within other events.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: Soft<Word>,
    pub(crate) username: Soft<Word>,
    pub(crate) name: Soft<Word>,
    pub(crate) email: Soft<Word>,
    pub(crate) location: Soft<Word>,
}

/// `like`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Like {
    pub(crate) post: Soft<Post>,
    pub(crate) user: Soft<User>,
}
