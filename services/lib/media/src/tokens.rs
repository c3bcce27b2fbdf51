//! Where the accounts' tokens come from.

use std::fmt;

use async_trait::async_trait;
use connector_sdk::{Secret, media::Unobtainable};
use kenh_intake::Endpoint;

/// The tokens of accounts, as they stand. Nobody renews one for a file.
#[async_trait]
pub trait Tokens: fmt::Debug + Send + Sync + 'static {
    /// That of an account, where it has one.
    async fn token(&self, endpoint: &Endpoint, account: &str) -> Result<Option<Secret>, Unobtainable>;
}
