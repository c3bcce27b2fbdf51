//! Where the accounts' tokens come from.

use std::sync::Arc;

use async_trait::async_trait;
use connector_sdk::{Secret, outbound::Outbound};
use kenh_intake::Endpoint;

/// Why there is no token to send with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// A person has to give one, or renew the consent.
    Broken {
        /// The channel's code, where it gave one.
        code: Option<String>,
    },
    /// It may work later.
    Passing,
}

/// Gives tokens.
#[async_trait]
pub(crate) trait Tokens: Send + Sync + 'static {
    /// The token of an account.
    async fn token(&self, endpoint: &Arc<Endpoint>, account: &str) -> Result<Secret, TokenError>;

    /// A new one: the channel did not take the one given.
    async fn renewed(&self, endpoint: &Arc<Endpoint>, account: &str, refused: &Secret) -> Result<Secret, TokenError>;

    /// The channel took something with it.
    fn worked(&self, _endpoint: &Arc<Endpoint>, _account: &str, _token: &Secret) {}
}

/// The tokens of the configuration, for channels where they are not renewed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StaticTokens;

#[async_trait]
impl Tokens for StaticTokens {
    async fn token(&self, endpoint: &Arc<Endpoint>, account: &str) -> Result<Secret, TokenError> {
        let accounts = endpoint.connector.outbound().map(Outbound::accounts);
        let found = accounts.and_then(|accounts| accounts.get(account)).and_then(|account| account.token.clone());
        found.ok_or(TokenError::Broken { code: None })
    }

    async fn renewed(&self, _: &Arc<Endpoint>, _: &str, _: &Secret) -> Result<Secret, TokenError> {
        Err(TokenError::Broken { code: None })
    }
}
