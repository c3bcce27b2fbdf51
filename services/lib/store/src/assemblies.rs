//! Messages that come in parts.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::StoreError;

/// One part of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPart {
    /// Where it came from.
    pub source: String,
    /// What all parts of the message have in common.
    pub message: String,
    /// Its number, from 1.
    pub number: u32,
    /// How many there are.
    pub total: u32,
    /// What it holds. Two parts that hold the same are one that came twice.
    pub body: Bytes,
}

/// What there is of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Assembly {
    /// What all its parts have in common.
    pub message: String,
    /// How many parts it has.
    pub total: u32,
    /// When its first part came, in microseconds since 1970 by the store's clock. The same whoever asks.
    pub began_at: i64,
    /// What has come, by number.
    pub parts: Vec<(u32, Bytes)>,
}

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is kept, and others are missing.
    Waiting,
    /// All parts are there; somebody has to tell of it.
    Complete(Assembly),
    /// It came before, and its message has been told.
    Told,
    /// It is not kept: another message of the same name, of which it is no part, is to be told first as it is.
    Another(Assembly),
    /// It is not kept: too many messages wait for parts.
    Full,
}

/// Messages that come in parts, by source.
#[async_trait]
pub trait Assemblies: Send + Sync + 'static {
    /// Keeps a part, as long as no more than `most` messages of its source wait for parts. On disk before the answer.
    async fn add_part(&self, part: &NewPart, most: u64) -> Result<Added, StoreError>;

    /// A message has been told, and its parts are only kept to know them again. `began_at` says which: one that began anew under
    /// the same name is left alone.
    async fn assembly_told(&self, source: &str, message: &str, began_at: i64) -> Result<(), StoreError>;

    /// Messages of a source that are to be told: those that miss parts and began that long ago (`age`), and those that are
    /// complete, and whoever completed them did not tell, after `settle`. Oldest first, not more than a hundred.
    async fn overdue(&self, source: &str, age: Duration, settle: Duration) -> Result<Vec<Assembly>, StoreError>;

    /// Forgets messages of a source that were told that long ago: those of one part, and those of several (`joined`). A bounded
    /// number. How many.
    async fn forget_told(&self, source: &str, one: Duration, joined: Duration) -> Result<u64, StoreError>;
}

// By hand, both: what people wrote, and their numbers.
impl fmt::Debug for NewPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewPart({} of {}, {} bytes)", self.number, self.total, self.body.len())
    }
}

impl fmt::Debug for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assembly({} of {})", self.parts.len(), self.total)
    }
}
