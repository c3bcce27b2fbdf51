//! One channel's dispatching: who does it, and what is looked at when.

use std::{collections::HashSet, sync::Arc, time::Duration};

use kenh_log::{Hint, WorkQueue};
use kenh_store::Store;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    Config,
    sender::{After, Sender},
};

/// How long a process keeps a channel without renewing.
const LEASE: Duration = Duration::from_secs(10);
const RENEW: Duration = Duration::from_secs(3);
/// Messages looked up at once.
const PAGE: u32 = 256;

/// Dispatches one channel while it is this process's.
pub(crate) struct Dispatcher {
    pub(crate) channel: &'static str,
    pub(crate) process: Uuid,
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) queue: Arc<dyn WorkQueue>,
    pub(crate) sender: Arc<Sender>,
}

impl Dispatcher {
    pub(crate) async fn run(self, stop: CancellationToken) {
        let name = format!("dispatch/{}", self.channel);
        let mut complained = false;
        while !stop.is_cancelled() {
            match self.store.lease(&name, self.process, LEASE).await {
                Ok(true) => {
                    complained = false;
                    info!(channel = self.channel, "dispatching");
                    self.dispatch(&name, &stop).await;
                }
                Ok(false) => complained = false,
                Err(error) if !std::mem::replace(&mut complained, true) => {
                    warn!(channel = self.channel, %error, "nothing is dispatched while the state store is away");
                }
                Err(_) => {}
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(RENEW) => {}
            }
        }
        // Another process need not wait for the lease to end.
        drop(self.store.release(&name, self.process).await);
    }

    /// Dispatches until told to stop or the lease is lost.
    async fn dispatch(&self, lease: &str, stop: &CancellationToken) {
        let mut busy = Busy::default();
        let mut hints: Option<mpsc::Receiver<Hint>> = None;
        let mut renew = tokio::time::interval(RENEW);
        let mut sweep = tokio::time::interval(self.config.sweep);
        renew.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let room = busy.tasks.len() < self.config.concurrency;
            tokio::select! {
                () = stop.cancelled() => break,
                _ = renew.tick() => {
                    // Without an answer the lease may be another's soon; turns are fenced, so nothing is sent twice.
                    if !matches!(self.store.lease(lease, self.process, LEASE).await, Ok(true)) {
                        break;
                    }
                }
                Some(done) = busy.tasks.join_next(), if !busy.tasks.is_empty() => {
                    if let Ok((id, next)) = done {
                        busy.remove(id);
                        if let Some(next) = next {
                            busy.start(&self.sender, next, None);
                        }
                    }
                }
                hint = next(&mut hints, self.channel, &*self.queue), if room => match hint {
                    Some(hint) => busy.start(&self.sender, hint.id, Some(hint)),
                    None => hints = None,
                },
                _ = sweep.tick(), if room => {
                    let due = self.store.due(&[self.channel.to_owned()], PAGE).await.unwrap_or_default();
                    let free = self.config.concurrency.saturating_sub(busy.tasks.len());
                    for (_, id) in due.into_iter().take(free) {
                        busy.start(&self.sender, id, None);
                    }
                }
            }
        }
        // What is being sent is sent to its end: its turn is ours.
        while busy.tasks.join_next().await.is_some() {}
    }
}

/// The next hint; `None` after the queue could not be read for a moment.
async fn next(hints: &mut Option<mpsc::Receiver<Hint>>, channel: &str, queue: &dyn WorkQueue) -> Option<Hint> {
    if hints.is_none() {
        match queue.take(channel).await {
            Ok(receiver) => *hints = Some(receiver),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
    match hints {
        Some(receiver) => receiver.recv().await,
        None => None,
    }
}

/// What is being sent.
#[derive(Default)]
struct Busy {
    tasks: JoinSet<(Uuid, Option<Uuid>)>,
    ids: HashSet<Uuid>,
}

impl Busy {
    fn start(&mut self, sender: &Arc<Sender>, id: Uuid, hint: Option<Hint>) {
        if !self.ids.insert(id) {
            return;
        }
        let sender = sender.clone();
        self.tasks.spawn(async move {
            let after = sender.handle(id).await;
            drop(hint);
            match after {
                After::Nothing => (id, None),
                After::Next(next) => (id, Some(next)),
            }
        });
    }

    fn remove(&mut self, id: Uuid) {
        self.ids.remove(&id);
    }
}
