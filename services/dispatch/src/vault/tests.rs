//! The vault against a channel that gives refresh tokens which work once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod channel;
mod keeping;
mod renewing;
mod sealing;

use std::{path::Path, sync::Arc, time::Duration};

use channel::{Channel, endpoints};
use connector_sdk::{ExposeSecret as _, Secret, Section, settings::Faults};
use kenh_runtime::health::Health;
use kenh_store::Store;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Keys, Vault, VaultParts, kept::Kept};
use crate::tokens::{TokenError, Tokens as _};

const ACCOUNT: &str = "oa-1";
const NAME: &str = "test/main/oa-1";
pub(super) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(super) const OTHER_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

async fn store(folder: &Path) -> Arc<dyn Store> {
    let engine = kenh_store::config::Engine::Sqlite { folder: folder.into() };
    let config = kenh_store::Config { engine, timeout: Duration::from_secs(20) };
    kenh_store::open(&config, &Health::default(), &CancellationToken::new()).await.unwrap()
}

fn keys(keys: &[&str]) -> Keys {
    let mut faults = Faults::default();
    let node = connector_sdk::settings::parse(&format!("keys: {keys:?}"), &mut faults);
    let read = Keys::read(&mut Section::new(&node, "credentials", &mut faults), None);
    assert!(faults.sorted().is_empty());
    read
}

/// These tests are about tokens.
fn nothing_written(store: &Arc<dyn Store>) -> kenh_channel_log::ChannelLog {
    let kept = kenh_channel_log::Kept::Off;
    let retention = kenh_store::house::Exchanged { age: Duration::from_secs(60), most: 1 };
    let config = kenh_channel_log::Config { inbound: kept, outbound: kept, per_second: 1, retention };
    kenh_channel_log::ChannelLog::start(config, store.clone(), CancellationToken::new()).0
}

/// A process: a vault of its own.
struct Process {
    vault: Vault,
    endpoint: Arc<kenh_intake::Endpoint>,
}

impl Process {
    fn start(store: &Arc<dyn Store>, channel: &Channel) -> Self {
        Self::with(store, channel, "token: at-0, refresh_token: rt-0", &[KEY])
    }

    fn with(store: &Arc<dyn Store>, channel: &Channel, account: &str, of: &[&str]) -> Self {
        let endpoints = endpoints(account);
        let parts = VaultParts {
            store: store.clone(),
            keys: Arc::new(keys(of)),
            caller: Arc::new(channel.clone()),
            log: nothing_written(store),
            process: Uuid::new_v4(),
            timeout: Duration::from_secs(1),
            stop: CancellationToken::new(),
        };
        let endpoint = endpoints.find("test", "main").unwrap();
        Self { vault: Vault::new(&endpoints, parts), endpoint }
    }

    async fn token(&self) -> Result<String, TokenError> {
        self.vault.token(&self.endpoint, ACCOUNT).await.map(|token| token.expose_secret().to_owned())
    }

    async fn renewed(&self, refused: &str) -> Result<String, TokenError> {
        let refused = Secret::from(refused);
        self.vault.renewed(&self.endpoint, ACCOUNT, &refused).await.map(|token| token.expose_secret().to_owned())
    }

    /// Waits until nothing is under way.
    async fn settled(&self) {
        for slot in self.vault.0.slots.values() {
            let mut done = slot.done();
            while slot.is_busy() {
                done.changed().await.unwrap();
            }
        }
    }

    /// What is kept, opened with this process's keys.
    async fn kept(&self) -> Kept {
        let sealed = self.vault.0.store.credential(NAME).await.unwrap().unwrap().sealed;
        Kept::read(&self.vault.0.keys.open(NAME, &sealed).unwrap()).unwrap()
    }
}
