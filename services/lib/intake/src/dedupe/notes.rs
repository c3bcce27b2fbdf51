//! Noting what was published, behind the answer to the channel.

use std::{sync::Arc, time::Duration};

use kenh_runtime::metrics;
use kenh_store::Store;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

/// Notes that may wait for the one call of the store that is under way. Half a minute at two thousand a second.
const WAITING: usize = 65_536;
/// Ids of one round trip.
const MOST: usize = 512;
/// Ids that are kept for a store that does not answer.
const KEPT: usize = 100_000;
const PAUSE: Duration = Duration::from_millis(500);

/// What became of claims.
#[derive(Debug)]
pub(super) enum Note {
    Published(Vec<Uuid>),
    GivenUp(Vec<Uuid>),
}

/// A way to the task that notes.
#[derive(Debug, Clone)]
pub(super) struct Notes(mpsc::Sender<Note>);

impl Notes {
    /// Starts the task; told to stop, it notes what there is and ends.
    pub(super) fn start(store: Arc<dyn Store>, process: Uuid, stop: CancellationToken) -> Self {
        let (notes, incoming) = mpsc::channel(WAITING);
        tokio::spawn(work(store, process, incoming, stop));
        Self(notes)
    }

    /// Notes it soon. Never waits: no channel is kept waiting for its answer because the store is slow.
    pub(super) fn note(&self, note: Note) {
        // Where the task has ended, with the process, the claim lapses.
        if let Err(mpsc::error::TrySendError::Full(Note::Published(ids))) = self.0.try_send(note) {
            metrics::DEDUPE_FORGOTTEN.add(u64::try_from(ids.len()).unwrap_or_default(), []);
        }
    }
}

async fn work(store: Arc<dyn Store>, process: Uuid, mut incoming: mpsc::Receiver<Note>, stop: CancellationToken) {
    let (mut published, mut given_up) = (Vec::new(), Vec::new());
    let mut notes = Vec::new();
    loop {
        let behind = !published.is_empty() || !given_up.is_empty();
        let open = tokio::select! {
            some = incoming.recv_many(&mut notes, WAITING) => some > 0,
            () = tokio::time::sleep(PAUSE), if behind => true,
            () = stop.cancelled(), if !incoming.is_closed() => {
                incoming.close();
                true
            }
        };
        for note in notes.drain(..) {
            match note {
                Note::Published(ids) => published.extend(ids),
                Note::GivenUp(ids) => given_up.extend(ids),
            }
        }
        let all = note(&*store, process, &mut published, &mut given_up).await;
        if !open {
            return;
        }
        if !all {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Writes down what there is. Whether the store took it; else it is kept, within bounds.
async fn note(store: &dyn Store, process: Uuid, published: &mut Vec<Uuid>, given_up: &mut Vec<Uuid>) -> bool {
    let outcome = async {
        while let Some(some) = published.chunks(MOST).next() {
            store.settle(some).await?;
            published.drain(..some.len());
        }
        while let Some(some) = given_up.chunks(MOST).next() {
            store.give_up(some, process).await?;
            given_up.drain(..some.len());
        }
        Ok::<_, kenh_store::StoreError>(())
    };
    let Err(error) = outcome.await else { return true };
    debug!(%error, "what was published cannot be noted, trying again");
    for ids in [published, given_up] {
        let forgotten = ids.len().saturating_sub(KEPT);
        metrics::DEDUPE_FORGOTTEN.add(u64::try_from(forgotten).unwrap_or_default(), []);
        ids.drain(..forgotten);
    }
    false
}
