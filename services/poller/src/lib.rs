//! Reads channels that do not call: mailboxes, over IMAP, which are asked for what is new, and message centres, over SMPP.
//!
//! One process at a time reads a mailbox: it holds the mailbox's lease in the state store. How far a folder has been read
//! stands there too, and moves on only once what was read is stored in the log; a process that dies in between leaves
//! messages that are read again, and known again by their ids.

mod config;
mod imap;
mod keeper;
mod smpp;

use std::sync::Arc;

use kenh_intake::{Endpoints, Intake};
use kenh_runtime::health::Latch;
use kenh_smpp::Binds;
use kenh_store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use config::Config;
pub use kenh_tls::TlsError;

use keeper::Keeper;

/// What the poller works with.
pub struct Parts {
    /// What there is to read.
    pub endpoints: Arc<Endpoints>,
    /// Where positions and leases are kept.
    pub store: Arc<dyn Store>,
    /// Where events go.
    pub intake: Intake,
    /// Where the binds that also send are found.
    pub binds: Binds,
    /// Released once it runs.
    pub ready: Latch,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts")
    }
}

/// Reads every mailbox, and is bound to every message centre, until told to stop. What is being stored then is stored to its end.
pub async fn run(config: Config, parts: Parts, stop: CancellationToken) -> Result<(), TlsError> {
    let Parts { endpoints, store, intake, binds, ready } = parts;
    let process = Uuid::new_v4();
    let mut running = JoinSet::new();
    for endpoint in endpoints.iter() {
        for number in 0..endpoint.connector.smsc().map_or(0, |smsc| smsc.binds) {
            let Some(smsc) = endpoint.connector.smsc().cloned() else { break };
            let keeper = smpp::Keeper {
                endpoint: endpoint.clone(),
                smsc,
                number,
                process,
                config: config.clone(),
                store: store.clone(),
                intake: intake.clone(),
                binds: binds.clone(),
            };
            running.spawn(keeper.run(stop.clone()));
        }
        let Some(mailbox) = endpoint.connector.mailbox() else { continue };
        let keeper = Keeper {
            endpoint: endpoint.clone(),
            door: imap::Door::new(mailbox.clone(), config.timeout)?,
            process,
            config: config.clone(),
            store: store.clone(),
            intake: intake.clone(),
        };
        running.spawn(keeper.run(stop.clone()));
    }
    ready.release();
    // Where there is nothing to read there is nothing to do, which is no reason to end.
    stop.cancelled().await;
    while running.join_next().await.is_some() {}
    Ok(())
}
