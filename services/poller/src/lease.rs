//! What one process at a time does, of all that could.

use std::{sync::Arc, time::Duration};

use kenh_store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a process keeps what it does without renewing.
const LEASE: Duration = Duration::from_secs(15);
const RENEW: Duration = Duration::from_secs(4);

/// A place in the state store where one process says that something is its to do.
pub(crate) struct Lease {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) name: String,
    pub(crate) process: Uuid,
}

impl Lease {
    /// Does the work whenever it is this process's, until told to stop. The work ends when its token says so: told to stop, or
    /// it may be another's soon. Two may be at it for a moment.
    pub(crate) async fn hold<W>(self, stop: CancellationToken, work: impl Fn(CancellationToken) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        while !stop.is_cancelled() {
            if self.is_held().await {
                self.keep(&stop, &work).await;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(RENEW) => {}
            }
        }
        // Another process need not wait for the lease to end.
        drop(self.store.release(&self.name, self.process).await);
    }

    async fn keep<W>(&self, stop: &CancellationToken, work: &impl Fn(CancellationToken) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let ours = stop.child_token();
        // Apart, so that renewing waits for no work.
        let mut working = JoinSet::new();
        working.spawn(work(ours.clone()));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(RENEW) => {
                    if !self.is_held().await {
                        break;
                    }
                }
            }
        }
        ours.cancel();
        while working.join_next().await.is_some() {}
    }

    /// Without an answer it may be another's.
    async fn is_held(&self) -> bool {
        matches!(self.store.lease(&self.name, self.process, LEASE).await, Ok(true))
    }
}
