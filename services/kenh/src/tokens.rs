//! The dispatcher's tokens for files.

use std::sync::Arc;

use async_trait::async_trait;
use connector_sdk::{Secret, media::Unobtainable};
use kenh_dispatch::{Keys, NoToken, StandingTokens};
use kenh_intake::Endpoint;
use kenh_store::Store;

/// What the dispatcher keeps, read by whoever serves files.
#[derive(Debug)]
pub(crate) struct ForFiles(StandingTokens);

impl ForFiles {
    pub(crate) fn of(store: &Arc<dyn Store>, keys: &Arc<Keys>) -> Self {
        Self(StandingTokens { store: store.clone(), keys: keys.clone() })
    }
}

#[async_trait]
impl kenh_media::Tokens for ForFiles {
    async fn token(&self, endpoint: &Endpoint, account: &str) -> Result<Option<Secret>, Unobtainable> {
        self.0.token(endpoint, account).await.map_err(|none| match none {
            NoToken::Now => Unobtainable::Later(None),
            NoToken::AtAll => Unobtainable::Credentials,
        })
    }
}
