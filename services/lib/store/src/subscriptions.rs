//! Named subscriptions: what they are, who reads them, where each stands in each partition.
//!
//! A subscription has one *window* a partition: the offset before which everything is done with, and what is known of
//! the events behind it. A *member* is one open stream of a consumer. A member holds a window by an epoch that rises
//! with every new holder; what is saved under an older epoch is refused, so that two can never both decide. A member is
//! there as long as its process renews it; a window whose holder is gone is free.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::{Parked, StoreError};

/// A named subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Unique, chosen by who creates it.
    pub name: String,
    /// What it asks for; opaque here.
    pub spec: Bytes,
    /// When it was created, in microseconds since 1970. Set by the store.
    pub created_at: i64,
}

/// One open stream of a consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its subscription.
    pub subscription: String,
    /// Who reads; one member a consumer.
    pub consumer: String,
    /// The stream.
    pub session: Uuid,
    /// The process the stream is open in.
    pub process: Uuid,
}

/// Where a subscription stands in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The partition.
    pub partition: u32,
    /// Everything before this offset is done with.
    pub position: u64,
    /// What is known of the events behind it; opaque here, empty at first and after a seek.
    pub state: Bytes,
    /// Number of its holder. Rises with every change of hands and with every seek.
    pub epoch: u64,
    /// The member that holds it, when that is there.
    pub holder: Option<Member>,
}

/// A window that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Under which it may be saved.
    pub epoch: u64,
    /// As in [`Window`].
    pub position: u64,
    /// As in [`Window`].
    pub state: Bytes,
}

/// A window's new state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// The subscription.
    pub subscription: String,
    /// The partition.
    pub partition: u32,
    /// Who says so.
    pub session: Uuid,
    /// The epoch under which the window is held.
    pub epoch: u64,
    /// As in [`Window`].
    pub position: u64,
    /// As in [`Window`].
    pub state: Bytes,
    /// Events parked with it.
    pub park: Vec<Parked>,
    /// Parked events that are done with after a redelivery. Removed before `park` is looked at: one that is in both
    /// is parked anew.
    pub unpark: Vec<Uuid>,
    /// The window is given back.
    pub release: bool,
}

/// What became of a [`Save`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is durable, with everything parked.
    Yes,
    /// The window has another holder, was sought or is gone: nothing of it was taken.
    Fenced,
}

/// Why a subscription was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// There is one of that name.
    #[error("there is a subscription of that name")]
    Exists(Subscription),
    /// There are as many as there may be.
    #[error("there are {0} subscriptions, which is the most there may be")]
    TooMany(u64),
    /// See there.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The named subscriptions.
#[async_trait]
pub trait Subscriptions: Send + Sync + 'static {
    /// Creates one that stands at an offset in each partition, unless there are `most` already.
    async fn create(&self, name: &str, spec: Bytes, start: &[u64], most: u64) -> Result<Subscription, CreateError>;

    /// One of them.
    async fn get(&self, name: &str) -> Result<Option<Subscription>, StoreError>;

    /// In the order of their names, from behind one.
    async fn list(&self, after: &str, limit: u32) -> Result<Vec<Subscription>, StoreError>;

    /// Deletes one with its windows, members and parked events. Whether there was one.
    async fn delete(&self, name: &str) -> Result<bool, StoreError>;

    /// Its windows in the order of the partitions; empty when there is no such subscription.
    async fn windows(&self, name: &str) -> Result<Vec<Window>, StoreError>;

    /// Puts it elsewhere: every window stands at the new offset, knows nothing more and has no holder. Whether there
    /// is such a subscription.
    async fn seek(&self, name: &str, positions: &[u64]) -> Result<bool, StoreError>;

    /// Adds a member for so long, or until it is renewed. An earlier member of the same consumer is gone from this
    /// moment on and its windows are free. Whether there is such a subscription.
    async fn join(&self, member: &Member, lease: Duration) -> Result<bool, StoreError>;

    /// Removes a member and frees its windows.
    async fn leave(&self, session: Uuid) -> Result<(), StoreError>;

    /// Lengthens the lease of every member of a process that is still there, in one round trip. Their sessions.
    async fn renew(&self, process: Uuid, lease: Duration) -> Result<Vec<Uuid>, StoreError>;

    /// Members that are there, of all subscriptions in which a process has one; in the order of subscription and
    /// consumer.
    async fn members(&self, process: Uuid) -> Result<Vec<Member>, StoreError>;

    /// A number for each subscription in which a process has a member; it rises with every seek.
    async fn generations(&self, process: Uuid) -> Result<Vec<(String, u64)>, StoreError>;

    /// Claims a window for a member that is there. `None` when somebody holds it, or there is no such member.
    async fn hold(&self, member: &Member, partition: u32) -> Result<Option<Held>, StoreError>;

    /// Saves windows, each for itself, all in one transaction; the answers are in the order of the saves.
    async fn save(&self, saves: &[Save]) -> Result<Vec<Saved>, StoreError>;

    /// Parked events that wait for redelivery, of all windows that members of a process hold; oldest first.
    async fn redriven(&self, process: Uuid, limit: u32) -> Result<Vec<Parked>, StoreError>;
}
