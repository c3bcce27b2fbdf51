//! One mailbox: all its folders, and again after a failure.

use std::sync::Arc;

use kenh_intake::{Endpoint, Intake};
use kenh_runtime::metrics;
use kenh_store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    Config,
    imap::{Door, Folder, Problem, Stuck},
};

/// Reads one mailbox while it is this process's.
pub(crate) struct Keeper {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) door: Door,
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) intake: Intake,
}

impl Keeper {
    /// Reads all folders until told to stop.
    pub(crate) async fn keep(self: Arc<Self>, stop: CancellationToken) {
        info!(channel = self.endpoint.channel, endpoint = self.endpoint.name, "reading the mailbox");
        let mut folders = JoinSet::new();
        for folder in self.door.folders() {
            folders.spawn(self.clone().read(folder.clone(), stop.clone()));
        }
        while folders.join_next().await.is_some() {}
    }

    /// Reads one folder, again and again.
    async fn read(self: Arc<Self>, folder: String, stop: CancellationToken) {
        let (mut failures, mut stuck) = (0_u32, Stuck::default());
        while !stop.is_cancelled() {
            let mut reader = Folder {
                endpoint: &self.endpoint,
                door: &self.door,
                name: &folder,
                store: &*self.store,
                intake: &self.intake,
                stop: &stop,
                progress: false,
                stuck: &mut stuck,
            };
            let Err(problem) = reader.read().await else { return };
            failures = if reader.progress { 1 } else { failures.saturating_add(1) };
            metrics::MAILBOX_FAILURES.add(1, [("channel", self.endpoint.channel), ("reason", problem.reason())]);
            let pause = match problem {
                // Trying a wrong password again and again locks the account.
                Problem::Refused => self.config.longest_pause,
                Problem::Unreachable(_)
                | Problem::Token
                | Problem::NoFolder
                | Problem::Denied
                | Problem::Broken(_)
                | Problem::Store => self.config.pause(failures),
            };
            let (channel, endpoint) = (self.endpoint.channel, self.endpoint.name.as_str());
            warn!(channel, endpoint, %problem, pause_s = pause.as_secs(), "a mailbox cannot be read");
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
