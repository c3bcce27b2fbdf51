//! Saving windows: what all streams of the process have to save goes into one transaction.

use std::sync::Arc;

use kenh_store::{Save, Saved, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

/// Jobs of one transaction; a stream has one at a time.
const MOST: usize = 128;

/// A way to the one task that saves. Cheap to copy.
#[derive(Debug, Clone)]
pub(crate) struct Saver(mpsc::Sender<Job>);

#[derive(Debug)]
struct Job {
    saves: Vec<Save>,
    done: oneshot::Sender<Outcome>,
}

/// What became of each save, in order.
pub(crate) type Outcome = Result<Vec<Saved>, StoreError>;

impl Saver {
    /// Starts the task. It ends when nobody can reach it any more.
    pub(crate) fn start(store: Arc<dyn Store>) -> Self {
        let (jobs, waiting) = mpsc::channel(MOST);
        tokio::spawn(work(store, waiting));
        Self(jobs)
    }

    /// Saves, and says what became of it.
    pub(crate) async fn save(self, saves: Vec<Save>) -> Outcome {
        let (done, outcome) = oneshot::channel();
        let gone = || StoreError("the process is ending".into());
        self.0.send(Job { saves, done }).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

async fn work(store: Arc<dyn Store>, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::new();
    while waiting.recv_many(&mut jobs, MOST).await > 0 {
        let mut saves = Vec::new();
        let mut askers = Vec::new();
        for job in jobs.drain(..) {
            askers.push((job.saves.len(), job.done));
            saves.extend(job.saves);
        }
        let mut outcome = store.save(&saves).await.map(Vec::into_iter);
        for (count, done) in askers {
            let own = outcome.as_mut().map(|saved| saved.by_ref().take(count).collect()).map_err(|error| error.clone());
            // Who asked may have gone.
            drop(done.send(own));
        }
    }
}
