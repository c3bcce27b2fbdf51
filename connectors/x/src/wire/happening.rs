//! What is no message and no post, as both products write it.

use connector_sdk::{
    json::{Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::{Post, Profile};

/// What somebody does towards somebody: reading, writing, following, liking, deleting, revoking.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Happening {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) id: Soft<Word>,
    pub(crate) created_timestamp: Option<Epoch>,
    pub(crate) timestamp_ms: Option<Epoch>,
    pub(crate) created_at_msec: Option<Epoch>,
    pub(crate) date_time: Soft<Word>,
    /// Reading and writing.
    pub(crate) sender_id: Soft<Word>,
    pub(crate) last_read_event_id: Soft<Word>,
    /// Encrypted chats: `2220001:1110001`.
    pub(crate) conversation_id: Soft<Word>,
    /// Following: who whom. Revoking: whose leave to which app.
    pub(crate) source: Soft<Profile>,
    pub(crate) target: Soft<Target>,
    /// Liking, before and after.
    pub(crate) user: Soft<Profile>,
    pub(crate) favorited_status: Soft<Option<Post>>,
    pub(crate) liked_tweet_id: Soft<Word>,
    pub(crate) liked_tweet_author_id: Soft<Word>,
    /// Deleting, before and after.
    pub(crate) status: Soft<Option<Gone>>,
    pub(crate) author_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Target {
    pub(crate) app_id: Soft<Word>,
    pub(crate) recipient_id: Soft<Word>,
    pub(crate) data: Soft<Option<Box<Profile>>>,
    pub(crate) id: Soft<Word>,
}

/// A post that was deleted.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Gone {
    pub(crate) id: Soft<Word>,
    pub(crate) user_id: Soft<Word>,
}

impl Target {
    /// Whom a direct message is for.
    pub(crate) fn recipient(&self) -> Option<&str> {
        self.recipient_id.0.get()
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.data.0.as_deref().and_then(Profile::id).or_else(|| self.id.0.get())
    }
}
