//! Opening a store.

use std::{path::PathBuf, sync::Arc};

use kenh_runtime::health::Health;
use tokio_util::sync::CancellationToken;

use crate::{Config, Store, config::Engine, postgres::Postgres, sqlite::Sqlite, stored::Stored};

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("cannot write to {}: {reason}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Another process has it open.
    #[error("the state in {} is in use by another process: several processes share one with `store.engine: postgres`", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// The database cannot be used.
    #[error("cannot use the state store {place}: {reason}")]
    Database {
        /// Where it is, without a password.
        place: String,
        /// Why.
        reason: String,
    },
}

/// Name of the store among what makes a process ready.
pub const READY: &str = "state store";

/// Opens the store that a configuration describes. A database that cannot be reached is no reason to fail: calls do, until
/// it can be. `stop` ends the looking after it.
pub async fn open(config: &Config, health: &Health, stop: &CancellationToken) -> Result<Arc<dyn Store>, OpenError> {
    let latch = health.latch(READY);
    match &config.engine {
        Engine::Sqlite { folder } => {
            let engine = Sqlite::open(folder.clone(), config.timeout)?;
            latch.release();
            kenh_runtime::metrics::STORE_CONNECTED.set(1.0, []);
            Ok(Arc::new(Stored(engine)))
        }
        Engine::Postgres(database) => {
            Ok(Arc::new(Stored(Postgres::open(database, config.timeout, latch, stop).await?)))
        }
    }
}
