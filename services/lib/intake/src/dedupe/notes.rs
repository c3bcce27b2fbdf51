//! Noting what was published, behind the answer to the channel.

use std::{sync::Arc, time::Duration};

use kenh_runtime::metrics;
use kenh_store::Store;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

/// Ids of one round trip.
const MOST: usize = 512;
/// Ids that wait for the one call of the store that is under way, and ids that are kept while it fails.
const KEPT: usize = 100_000;
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a claim.
#[derive(Debug)]
pub(super) enum Note {
    Published(Uuid),
    GivenUp(Uuid),
}

/// A way to the task that notes.
#[derive(Debug, Clone)]
pub(super) struct Notes(mpsc::Sender<Note>);

impl Notes {
    /// Starts the task; told to stop, it notes what there is and ends.
    pub(super) fn start(store: Arc<dyn Store>, process: Uuid, stop: CancellationToken) -> Self {
        let (notes, incoming) = mpsc::channel(KEPT);
        tokio::spawn(work(store, process, incoming, stop));
        Self(notes)
    }

    /// Notes them soon. Never waits: no channel is kept waiting for its answer because the store is slow.
    pub(super) fn note(&self, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            // Where the task has ended, with the process, the claim lapses.
            if let Err(mpsc::error::TrySendError::Full(Note::Published(_))) = self.0.try_send(note) {
                metrics::DEDUPE_FORGOTTEN.add(1, []);
            }
        }
    }
}

async fn work(store: Arc<dyn Store>, process: Uuid, mut incoming: mpsc::Receiver<Note>, stop: CancellationToken) {
    let (mut published, mut given_up) = (Vec::new(), Vec::new());
    let mut notes = Vec::new();
    loop {
        let behind = !published.is_empty() || !given_up.is_empty();
        let open = tokio::select! {
            some = incoming.recv_many(&mut notes, KEPT) => some > 0,
            () = tokio::time::sleep(PAUSE), if behind => true,
            () = stop.cancelled(), if !incoming.is_closed() => {
                incoming.close();
                true
            }
        };
        for note in notes.drain(..) {
            match note {
                Note::Published(id) => published.push(id),
                Note::GivenUp(id) => given_up.push(id),
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
