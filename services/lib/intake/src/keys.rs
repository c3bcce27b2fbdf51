//! Having an issuer asked for its keys. The pipeline fetches nothing: it says what it needs.

use async_trait::async_trait;
use connector_sdk::keys::PublishedKeys;

/// Who fetches published keys.
#[async_trait]
pub trait KeyRenewal: Send + Sync {
    /// Has the issuer asked anew and replaces the keys with what it answers. Within a bounded time, and however often it is
    /// called, the issuer is asked at most so often.
    async fn renew(&self, keys: &PublishedKeys) -> Renewal;
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The issuer answered: the keys are those of now.
    Done,
    /// It had answered a moment ago, and was not asked again.
    Recent,
    /// It did not answer.
    Failed,
}
