//! Conversations, and how they may be answered.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// A conversation as far as answering it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Channel slug.
    pub channel: String,
    /// The account it is with, as `<endpoint>/<external id>`.
    pub account: String,
    /// When its last event that says something of it was received, in microseconds since 1970. An older one changes nothing.
    pub at: i64,
    /// All that is known of it.
    pub record: Bytes,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("id", &self.id).field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Conversations and how they may be answered.
#[async_trait]
pub trait Conversations: Send + Sync + 'static {
    /// Notes what events say of conversations; what is older than what is known changes nothing. Of one that is there
    /// several times the newest counts, of those the last.
    async fn meet(&self, conversations: &[Known]) -> Result<(), StoreError>;

    /// One of them.
    async fn known(&self, id: Uuid) -> Result<Option<Known>, StoreError>;

    /// Drops those that nothing was heard of for longer than `age`, a bounded number at once. How many.
    async fn forget_conversations(&self, age: Duration) -> Result<u64, StoreError>;
}
