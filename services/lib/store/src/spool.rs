//! Events that the broker has not confirmed, of all processes that share the store, in one order.
//!
//! A partition goes to the broker until a process that could not publish an event puts it here. From then on every
//! process is told so when it claims its events, and puts them behind that one, until whoever drains the partition
//! has published all of them and opens it again. Each step is one transaction on the partition's row, so that of two
//! processes one sees what the other did.

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// An event to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// The envelope's id.
    pub id: Uuid,
    /// When the gateway took it, in microseconds since 1970.
    pub received_at: i64,
    /// The encoded envelope.
    pub event: Bytes,
}

// By hand: the event holds a customer's words.
impl std::fmt::Debug for Unpublished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unpublished({}, {} bytes)", self.id, self.event.len())
    }
}

/// Who puts events into the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Putting {
    /// Somebody the broker failed: they are kept whichever way the partition goes, and it is spooled from then on.
    Failed,
    /// Somebody who was told that the partition is spooled: they are kept if it is.
    Behind,
}

/// What became of events that were to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// They are kept, on disk.
    Kept,
    /// The partition goes to the broker: publish them.
    Direct,
    /// The last of the partition is being published: ask again in a moment.
    Closing,
    /// There is no room.
    Full,
}

/// What of a partition is in the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolState {
    /// The partition.
    pub partition: u32,
    /// Its events do not go to the broker.
    pub spooled: bool,
    /// Events in it.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the oldest was received, in microseconds since 1970; `None`: there is none.
    pub oldest: Option<i64>,
}

/// The spool that processes share.
#[async_trait]
pub trait SharedSpool: Send + Sync + 'static {
    /// Keeps events of a partition behind those that are there, all or none, on disk before the answer. `most` bytes are
    /// kept of all partitions together.
    async fn spool(
        &self,
        partition: u32,
        events: &[Unpublished],
        putting: Putting,
        most: u64,
    ) -> Result<Put, StoreError>;

    /// The first events of a partition with their numbers: `events` of them at most, and of `bytes` at most but for the first.
    async fn spooled(&self, partition: u32, events: u32, bytes: u64) -> Result<Vec<(u64, Bytes)>, StoreError>;

    /// Drops events that are published, up to a number. How many there were.
    async fn unspool(&self, partition: u32, up_to: u64) -> Result<u64, StoreError>;

    /// Holds back whoever asks to put events behind others, so that the spool can come to its end; or no longer.
    async fn close_spool(&self, partition: u32, closed: bool) -> Result<(), StoreError>;

    /// Sends a partition to the broker again if it is closed and nothing of it is left. Whether it was.
    async fn open_spool(&self, partition: u32) -> Result<bool, StoreError>;

    /// All partitions that were ever spooled, in their order.
    async fn spools(&self) -> Result<Vec<SpoolState>, StoreError>;

    /// Whether an event is in the spool.
    async fn in_spool(&self, id: Uuid) -> Result<bool, StoreError>;
}
