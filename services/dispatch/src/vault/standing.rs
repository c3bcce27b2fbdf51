//! Tokens as they stand, for whoever uses them beside the dispatcher. Nothing is renewed here, and nothing written: a refresh
//! token that works once is spent in one place.

use std::sync::Arc;

use connector_sdk::{Secret, outbound::Outbound};
use kenh_intake::Endpoint;
use kenh_runtime::clock;
use kenh_store::Store;
use tracing::warn;

use super::{Keys, kept::Kept};

/// Reads what stands.
pub struct StandingTokens {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// What it is sealed with.
    pub keys: Arc<Keys>,
}

/// Why there is no token now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoToken {
    /// It has ended and is about to be renewed, or the state store is away.
    Now,
    /// A person has to give the consent again, or the key is not configured.
    AtAll,
}

impl std::fmt::Debug for StandingTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StandingTokens")
    }
}

impl StandingTokens {
    /// The token of an account: the newest where it is renewed, else that of the configuration, if there is one.
    pub async fn token(&self, endpoint: &Endpoint, account: &str) -> Result<Option<Secret>, NoToken> {
        let outbound = endpoint.connector.outbound();
        let Some(configured) = outbound.and_then(|outbound| outbound.accounts().get(account)) else { return Ok(None) };
        if configured.refresh_token.is_none() || outbound.and_then(Outbound::refresh).is_none() {
            return Ok(configured.token.clone());
        }
        let name = format!("{}/{}/{account}", endpoint.channel, endpoint.name);
        let Some(credential) = self.store.credential(&name).await.map_err(|_| NoToken::Now)? else {
            // The dispatcher has not taken it over yet.
            return configured.token.clone().map(Some).ok_or(NoToken::Now);
        };
        let plain = self.keys.open(&name, &credential.sealed).map_err(|unopened| {
            let channel = endpoint.channel;
            warn!(channel, error = %unopened, "a file is not asked for: the account's token cannot be opened here");
            NoToken::AtAll
        })?;
        let kept = Kept::read(&plain).ok_or(NoToken::AtAll)?;
        if kept.refused.is_some() {
            return Err(NoToken::AtAll);
        }
        kept.usable(None, clock::micros(clock::now())).cloned().map(Some).ok_or(NoToken::Now)
    }
}
