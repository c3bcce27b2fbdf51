//! Events that nobody could deal with, kept for an operator.

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// An event set aside.
#[derive(Clone, PartialEq, Eq)]
pub struct Parked {
    /// Its id among parked events. Parking the same event for the same subscription again gives the same id.
    pub id: Uuid,
    /// The subscription that could not deal with it; `None` for a delivery the gateway itself could not read.
    pub subscription: Option<String>,
    /// Its place in the log.
    pub partition: u32,
    /// Its place in the partition; 0 for a delivery the gateway itself could not read, which is found by its id.
    pub offset: u64,
    /// Envelope id.
    pub event: Uuid,
    /// Channel slug.
    pub channel: String,
    /// Slug of its kind.
    pub kind: String,
    /// Why; a short text without anything a customer wrote.
    pub reason: String,
    /// How often it was delivered before.
    pub attempts: u32,
    /// When it was parked, in microseconds since 1970. Set by the store.
    pub parked_at: i64,
    /// An operator asked for it to be delivered again.
    pub redrive: bool,
    /// The encoded envelope: parked events outlive the log's retention.
    pub envelope: Bytes,
}

// By hand: the envelope holds a customer's words.
impl std::fmt::Debug for Parked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, subscription, partition, offset, event, reason, attempts, redrive, .. } = self;
        f.debug_struct("Parked")
            .field("id", id)
            .field("subscription", subscription)
            .field("partition", partition)
            .field("offset", offset)
            .field("event", event)
            .field("reason", reason)
            .field("attempts", attempts)
            .field("redrive", redrive)
            .finish_non_exhaustive()
    }
}

/// Which parked events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParkedFilter {
    /// `None`: all. `Some(None)`: deliveries the gateway could not read. `Some(Some(name))`: of one subscription.
    pub subscription: Option<Option<String>>,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only those that wait for redelivery.
    pub redrive: bool,
}

/// Some of them, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedPage {
    /// In the order in which they were parked.
    pub items: Vec<Parked>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// The parked events. They come in with [`Save`](crate::Save) or [`park`](Self::park).
#[async_trait]
pub trait ParkedStore: Send + Sync + 'static {
    /// Parks events that no subscription has, all or none. One that is parked already is left as it is.
    async fn park(&self, items: &[Parked]) -> Result<(), StoreError>;

    /// Lists them, at most `limit`. `after` is the last page's `next`; one that is none of this store's is an empty
    /// page.
    async fn parked(&self, filter: &ParkedFilter, after: Option<&str>, limit: u32) -> Result<ParkedPage, StoreError>;

    /// One of them.
    async fn get_parked(&self, id: Uuid) -> Result<Option<Parked>, StoreError>;

    /// Marks them for redelivery; those that exist. How many.
    async fn redrive(&self, ids: &[Uuid]) -> Result<u64, StoreError>;

    /// Drops them for good. How many.
    async fn discard(&self, ids: &[Uuid]) -> Result<u64, StoreError>;

    /// How many there are, by subscription; `None` is the gateway's own.
    async fn count_parked(&self) -> Result<Vec<(Option<String>, u64)>, StoreError>;

    /// Drops those parked longer ago than `age`, and the oldest beyond `most` in all; a bounded number at once. How
    /// many were dropped; nothing is left to drop when it is 0.
    async fn expire_parked(&self, age: std::time::Duration, most: u64) -> Result<u64, StoreError>;
}
