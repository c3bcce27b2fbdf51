//! Gives outbound messages to their channels.
//!
//! One process at a time dispatches a channel: it holds the channel's lease in the state store, so that limits and pauses
//! are counted in one place. Whose turn it is, and that nothing is sent by two, is decided by the store; the work queue only
//! says that there is something to look at.
//!
//! What happens to one message: its turn is asked for; each piece is stepped through by the connector; before a call that
//! somebody sees it is written down that the call is being made, so that whoever takes over from a process that died
//! knows that nobody can know; what came of it is written down, told to subscribers, and the turn given back.

mod accounts;
mod announce;
mod channel;
mod config;
mod exchange;
mod fares;
mod fetch;
mod http;
mod limits;
mod piece;
mod process;
mod sender;
mod smtp;
mod tokens;
mod turn;
mod vault;

use std::sync::Arc;

use kenh_channel_log::ChannelLog;
use kenh_intake::Endpoints;
use kenh_log::WorkQueue;
use kenh_outbound::Teller;
use kenh_process::Switchboard;
use kenh_runtime::health::Latch;
use kenh_smpp::Binds;
use kenh_store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use config::Config;
pub use http::ClientError;
pub use vault::{Keys, NoToken, StandingTokens, Unopened, check, renewing};

use accounts::Accounts;
use announce::Announcer;
use channel::Dispatcher;
use sender::Sender;
use tokens::StaticTokens;
use vault::{Vault, VaultParts};

/// What the dispatcher works with.
pub struct Parts {
    /// What can send.
    pub endpoints: Arc<Endpoints>,
    /// Where outbound messages are kept.
    pub store: Arc<dyn Store>,
    /// Says that there is something to do.
    pub queue: Arc<dyn WorkQueue>,
    /// Tells subscribers.
    pub teller: Teller,
    /// What renewed tokens are sealed with.
    pub keys: Arc<Keys>,
    /// Where calls are written down.
    pub log: ChannelLog,
    /// Where the binds that also receive are found.
    pub binds: Binds,
    /// Processes that send for channels of their own.
    pub processes: Switchboard,
    /// Released once it runs.
    pub ready: Latch,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts")
    }
}

/// Dispatches every channel that can send, until told to stop. Then what is being sent is sent to its end.
pub async fn run(config: Config, parts: Parts, stop: CancellationToken) -> Result<(), ClientError> {
    let Parts { endpoints, store, queue, teller, keys, log, binds, processes, ready } = parts;
    let (process, accounts) = (Uuid::new_v4(), Accounts::default());
    let client = http::Client::new(&config)?;
    // What looks after accounts ends behind the last message.
    let after = CancellationToken::new();
    let vault = Vault::new(
        &endpoints,
        VaultParts {
            store: store.clone(),
            keys,
            caller: Arc::new(client.clone()),
            log: log.clone(),
            process,
            timeout: config.timeout,
            stop: after.clone(),
        },
    );
    let announcer = Announcer { endpoints: endpoints.clone(), store: store.clone(), teller: teller.clone(), process };
    let mut caring = JoinSet::new();
    caring.spawn(vault.clone().run());
    caring.spawn(fares::write(accounts.clone(), store.clone(), after.clone()));
    caring.spawn(announcer.run(accounts.changes(), after.clone()));
    let mailer = smtp::Mailer::new(config.timeout);
    let fetcher = fetch::Fetcher::new(&config)?;
    let mut channels: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| endpoint.connector.outbound().is_some())
        .map(|endpoint| endpoint.channel)
        .collect();
    channels.dedup();
    let sender = Arc::new(Sender {
        config: config.clone(),
        limits: limits::Limits::of(&endpoints),
        endpoints,
        store: store.clone(),
        teller,
        tokens: Arc::new(vault),
        accounts,
        client,
        mailer,
        fetcher,
        log,
        binds: binds.clone(),
        processes,
    });
    ready.release();
    let mut running = JoinSet::new();
    for channel in channels {
        let (config, sender) = (config.clone(), sender.clone());
        let dispatcher = Dispatcher { channel, process, config, store: store.clone(), queue: queue.clone(), sender };
        running.spawn(dispatcher.run(stop.clone()));
    }
    // Where nothing can send there is nothing to do, which is no reason to end.
    stop.cancelled().await;
    while running.join_next().await.is_some() {}
    binds.close().await;
    after.cancel();
    while caring.join_next().await.is_some() {}
    Ok(())
}
