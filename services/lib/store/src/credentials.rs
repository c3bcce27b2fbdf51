//! Tokens that are renewed, and accounts that are paused.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// What is kept of an account that sends. What it holds is sealed by its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Counts its changes.
    pub version: u64,
    /// The token and all that belongs to it, sealed.
    pub sealed: Bytes,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential(version {})", self.version)
    }
}

/// Tokens that are renewed, and the right to renew them.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// What is kept for an account (`<channel>/<endpoint>/<external id>`).
    async fn credential(&self, account: &str) -> Result<Option<Credential>, StoreError>;

    /// Keeps it, if its version is still `version` (0: there is none yet). On disk before the answer. Whether it was.
    async fn put_credential(&self, account: &str, version: u64, sealed: &Bytes) -> Result<bool, StoreError>;

    /// Drops what is kept for an account, whatever it is. Whether there was something.
    async fn drop_credential(&self, account: &str) -> Result<bool, StoreError>;

    /// Takes the right to a name for a time, if nobody else has it. Whoever has it may prolong it. Whether it is the
    /// owner's now.
    async fn lease(&self, name: &str, owner: Uuid, time: Duration) -> Result<bool, StoreError>;

    /// Gives it back, if the owner has it.
    async fn release(&self, name: &str, owner: Uuid) -> Result<(), StoreError>;

    /// All accounts that have one, in their order.
    async fn credentials(&self) -> Result<Vec<(String, Credential)>, StoreError>;

    /// Pauses an account, as it is named in [`crate::Outbound::account`] below its channel, or resumes it. Messages of a paused
    /// account get no turn before they expire; a turn that is under way goes on.
    async fn pause(&self, channel: &str, account: &str, paused: bool) -> Result<(), StoreError>;

    /// The paused accounts as (channel, account), in their order.
    async fn paused(&self) -> Result<Vec<(String, String)>, StoreError>;
}
