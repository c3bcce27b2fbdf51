//! How far sources that are read, such as mailboxes, have been read.

use async_trait::async_trait;
use bytes::Bytes;

use crate::StoreError;

/// How far a source has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Grows with each advance.
    pub version: u64,
    /// The reader's business.
    pub position: Bytes,
}

/// Positions of sources, by a name each.
#[async_trait]
pub trait Positions: Send + Sync + 'static {
    /// Where a source stands; `None` before its first advance.
    async fn position(&self, name: &str) -> Result<Option<Position>, StoreError>;

    /// Moves a source on. Only while its version is the one given (0 before its first advance): of two readers one moves it,
    /// the other is told `false` and reads where it stands. On disk before the answer.
    async fn advance(&self, name: &str, version: u64, position: &Bytes) -> Result<bool, StoreError>;
}
