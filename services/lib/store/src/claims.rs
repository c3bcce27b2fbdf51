//! Which events are published, so that a redelivery is not published again.
//!
//! An event is claimed before it is published and settled once the log has confirmed it. Of several processes that
//! claim it at the same moment one gets it. A claim that was never settled, because its process died between the two,
//! lapses and goes to the next who asks.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::StoreError;

/// The right to publish events.
#[async_trait]
pub trait Claims: Send + Sync + 'static {
    /// Claims events for a process, all in one round trip; the answers are in the order of the ids. A claim lapses
    /// when it is not settled within `lapse`.
    async fn claim(&self, ids: &[Uuid], process: Uuid, lapse: Duration) -> Result<Claimed, StoreError>;

    /// The log has confirmed them. Also for events that were published without a claim.
    async fn settle(&self, ids: &[Uuid]) -> Result<(), StoreError>;

    /// They were not published: the next one who asks may. Only unsettled claims of that process go.
    async fn give_up(&self, ids: &[Uuid], process: Uuid) -> Result<(), StoreError>;

    /// Forgets claims older than the window, a bounded number of them at once. How many; none are left when it is 0.
    async fn forget(&self, window: Duration) -> Result<u64, StoreError>;
}

/// What became of an attempt to claim events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Of each event, in their order.
    pub claims: Vec<Claim>,
    /// Partitions that were in the [shared spool](crate::SharedSpool) by then: what is published there goes behind what it
    /// holds. Empty where nothing became the caller's.
    pub spooled: Vec<u32>,
}

/// What became of an attempt to claim an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nobody had it: publish it.
    Mine,
    /// Somebody claimed it and never settled it. It is the caller's now; it may have been published, at most so long
    /// ago.
    TakenOver {
        /// How long ago it was first claimed.
        first: Duration,
    },
    /// It is published.
    Published,
    /// Somebody is publishing it right now, or this process is.
    Pending,
}
