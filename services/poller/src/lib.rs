//! Reads channels that do not call: mailboxes, over IMAP, and channels that keep updates until they are asked for, over HTTP;
//! message centres, over SMPP, once it is bound to them.
//!
//! One process at a time reads an endpoint: it holds the endpoint's lease in the state store. What was read is stored in the
//! log before the channel, or the place in a folder, moves on; a process that dies in between leaves messages that are read
//! again, and known again by their ids.

mod account;
mod config;
mod imap;
mod keeper;
mod lease;
mod smpp;
mod updates;

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
use lease::Lease;
use updates::Updates;

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Certificates of a mailbox cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no client for HTTP.
    #[error("no HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

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

/// Reads every mailbox, asks every channel that is asked, and is bound to every message centre, until told to stop. What is
/// being stored then is stored to its end.
pub async fn run(config: Config, parts: Parts, stop: CancellationToken) -> Result<(), NotReady> {
    let Parts { endpoints, store, intake, binds, ready } = parts;
    let process = Uuid::new_v4();
    let client = updates::client(&config)?;
    let mut running = JoinSet::new();
    for endpoint in endpoints.iter() {
        let lease = |more: &str| {
            let name = format!("poll/{}/{}{more}", endpoint.channel, endpoint.name);
            Lease { store: store.clone(), name, process }
        };
        if let Some(mailbox) = endpoint.connector.mailbox() {
            let keeper = Arc::new(Keeper {
                endpoint: endpoint.clone(),
                door: imap::Door::new(mailbox.clone(), config.timeout)?,
                config: config.clone(),
                store: store.clone(),
                intake: intake.clone(),
            });
            running.spawn(lease("").hold(stop.clone(), move |ours| keeper.clone().keep(ours)));
        } else if endpoint.connector.polled().is_some() {
            let updates = Arc::new(Updates {
                endpoint: endpoint.clone(),
                client: client.clone(),
                config: config.clone(),
                store: store.clone(),
                intake: intake.clone(),
            });
            running.spawn(lease("").hold(stop.clone(), move |ours| updates.clone().keep(ours)));
        } else if let Some(smsc) = endpoint.connector.smsc() {
            for number in 0..smsc.binds {
                let keeper = Arc::new(smpp::Keeper {
                    endpoint: endpoint.clone(),
                    smsc: smsc.clone(),
                    number,
                    config: config.clone(),
                    store: store.clone(),
                    intake: intake.clone(),
                    binds: binds.clone(),
                });
                let lease = lease(&format!("/{number}"));
                running.spawn(lease.hold(stop.clone(), move |ours| keeper.clone().keep(ours)));
            }
        }
    }
    ready.release();
    // Where there is nothing to read there is nothing to do, which is no reason to end.
    stop.cancelled().await;
    while running.join_next().await.is_some() {}
    Ok(())
}
