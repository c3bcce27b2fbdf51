//! The engine for one process: one SQLite file, used by one thread.
//!
//! The file is a write-ahead log away from the disk: what must last is synced before the answer, claims are synced with
//! whatever comes next. Leases count by the process's own monotonic clock, what outlives the process by the time of day.
//! Nobody but this process has members, publishes or sends anything, so when the file is opened every member from before
//! is gone, every open claim has lapsed and every message that was being sent may be taken over.

mod file;
mod session;

use std::{path::PathBuf, time::Duration};

use tokio::sync::{mpsc, oneshot};

use crate::{
    OpenError, StoreError,
    call::{Call, Needs},
    engine::Engine,
};
use session::SqliteSession;

/// Calls that may wait for the thread.
const WAITING: usize = 1024;

/// Something for the thread to do.
type Job = Box<dyn FnOnce(&mut SqliteSession) + Send>;

/// The engine. The file is closed soon after the last handle is gone.
#[derive(Debug)]
pub(crate) struct Sqlite {
    jobs: mpsc::Sender<Job>,
    timeout: Duration,
}

impl Sqlite {
    /// Opens the file in a folder, and makes it first when there is none.
    pub(crate) fn open(folder: PathBuf, timeout: Duration) -> Result<Self, OpenError> {
        let (mut session, lock) = file::open(&folder)?;
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING);
        let work = move || {
            while let Some(job) = waiting.blocking_recv() {
                job(&mut session);
            }
            session.close();
            // Held so that no other process opens the file before it is closed.
            drop(lock);
        };
        std::thread::Builder::new()
            .name("kenh-store".into())
            .spawn(work)
            .map_err(|reason| OpenError::Folder { folder, reason })?;
        Ok(Self { jobs, timeout })
    }
}

impl Engine for Sqlite {
    async fn call<C: Call>(&self, call: C) -> Result<C::Answer, StoreError> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |session| {
            // A caller that waits no more has been told that it may have happened.
            drop(done.send(session.transaction(C::NEEDS == Needs::Transaction, call)));
        });
        let answered = async {
            self.jobs.send(job).await.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?
        };
        let late =
            || StoreError(format!("no answer within {:?}; the disk is slow or there is too much to do", self.timeout));
        tokio::time::timeout(self.timeout, answered).await.unwrap_or_else(|_| Err(late()))
    }
}

fn gone() -> StoreError {
    StoreError("its thread has ended".into())
}
