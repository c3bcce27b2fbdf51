//! The channel log: what was exchanged with channels, for all processes.
//!
//! What is asked for by stands in columns; all else is its writer's business (`record`).

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// An exchange as it is written down. Numbers are the writer's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExchange {
    /// Its id: written again, it is there once.
    pub id: Uuid,
    /// How long ago it began.
    pub ago: Duration,
    /// Channel slug.
    pub channel: String,
    /// Name of the endpoint.
    pub endpoint: String,
    /// The channel's id of the account; empty where none is known.
    pub account: String,
    /// Which way it went.
    pub direction: i32,
    /// How it ended.
    pub outcome: i32,
    /// Why, where it failed; 0 where that is not said.
    pub reason: i32,
    /// Whether it failed.
    pub failed: bool,
    /// The outbound message it is about.
    pub message: Option<Uuid>,
    /// All that its writer knows of it.
    pub record: Bytes,
}

/// An exchange as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its place: who reads on from the last one sees all that are written down afterwards.
    pub seq: u64,
    /// See [`NewExchange`].
    pub id: Uuid,
    /// When it began, in microseconds since 1970 by the store's clock.
    pub began_at: i64,
    /// See [`NewExchange`].
    pub channel: String,
    /// See [`NewExchange`].
    pub endpoint: String,
    /// See [`NewExchange`].
    pub account: String,
    /// See [`NewExchange`].
    pub record: Bytes,
}

/// Which exchanges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExchangeFilter {
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this endpoint.
    pub endpoint: Option<String>,
    /// Only of this account.
    pub account: Option<String>,
    /// Only this way.
    pub direction: Option<i32>,
    /// Only with one of these outcomes; empty: with any.
    pub outcomes: Vec<i32>,
    /// Only for one of these reasons; empty: for any and none.
    pub reasons: Vec<i32>,
    /// Only what failed.
    pub failed: bool,
    /// Only about this outbound message.
    pub message: Option<Uuid>,
    /// Only what began then or later, in microseconds since 1970.
    pub from: Option<i64>,
    /// Only what began before then.
    pub until: Option<i64>,
}

/// Where to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The newest first.
    Newest,
    /// What was written down before one, the newest of it first.
    Before(u64),
    /// What was written down after one, the oldest of it first.
    After(u64),
}

/// The channel log.
#[async_trait]
pub trait Exchanges: Send + Sync + 'static {
    /// Writes exchanges down. They may be lost with the machine's power; one that is there already stays as it is.
    async fn note_exchanges(&self, new: &[NewExchange]) -> Result<(), StoreError>;

    /// Reads some, at most `limit`. Their places are those of the order in which they became visible, so that who reads
    /// on from the last one misses none.
    async fn exchanges(&self, filter: &ExchangeFilter, place: Place, limit: u32) -> Result<Vec<Exchange>, StoreError>;

    /// Drops those that began longer ago than `age`, and of each account all but the newest `most`; a bounded number at
    /// once. How many; nothing is left to drop when it is 0.
    async fn expire_exchanges(&self, age: Duration, most: u64) -> Result<u64, StoreError>;
}
