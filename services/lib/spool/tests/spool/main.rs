//! The spool before a broker that fails on demand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod bounds;
mod broker;
mod order;
mod shared;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use kenh_log::embedded::OpenError;
use kenh_runtime::health::Health;
use kenh_spool::{Config, Spooled, StartError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use broker::Broker;

const PATIENCE: Duration = Duration::from_secs(30);

fn config(folder: &Path) -> Config {
    Config {
        folder: folder.into(),
        max_bytes: 64 << 20,
        max_age_alarm: Duration::from_secs(1_000_000_000_000),
        now: || SystemTime::UNIX_EPOCH + Duration::from_secs(100_000),
    }
}

/// A gateway's spool. Ends with [`Self::stop`], as a process does: what is in the file stays there.
struct Running {
    log: Arc<Spooled>,
    health: Health,
    stop: CancellationToken,
}

impl Running {
    /// Opens the spool, as soon as whoever had it before is gone.
    async fn start(config: &Config, broker: &Arc<Broker>) -> Self {
        let opening = async {
            loop {
                match Self::try_start(config, broker).await {
                    Err(StartError::Open(OpenError::Locked { .. })) => tokio::task::yield_now().await,
                    started => return started.unwrap(),
                }
            }
        };
        tokio::time::timeout(PATIENCE, opening).await.expect("the folder is free in time")
    }

    async fn try_start(config: &Config, broker: &Arc<Broker>) -> Result<Self, StartError> {
        let (health, stop) = (Health::default(), CancellationToken::new());
        let log = Spooled::start(config.clone(), broker.clone(), health.latch("spool"), &stop).await?;
        Ok(Self { log: Arc::new(log), health, stop })
    }

    fn stop(self) {
        self.stop.cancel();
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let met = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, met).await.is_ok(), "not in time: {what}");
}

/// Waits until the conversations, numbered from 0, have reached the broker: whole, and in the order they were accepted in.
async fn arrived(broker: &Broker, accepted: &[Vec<Uuid>], seed: u64) {
    for (conversation, wanted) in (0u128..).zip(accepted) {
        let id = Uuid::from_u128(conversation);
        until("everything has arrived", || broker.first_occurrences(id).len() >= wanted.len()).await;
        assert_eq!(&broker.first_occurrences(id), wanted, "seed {seed}, conversation {conversation}");
    }
}
