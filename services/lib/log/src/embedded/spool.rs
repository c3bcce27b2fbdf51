//! What a spool needs beyond the seam: it keeps all it was given until it is told that an entry may go.

use std::path::Path;

use tokio::sync::{mpsc::error::TrySendError, oneshot};

use super::{
    EmbeddedLog, OpenError,
    writer::{Job, Limits, Outcome, Work},
};
use crate::{AppendError, Record};

/// Records on their way to the disk.
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Outcome>);

impl Pending {
    /// Returns when they are on disk, or it is clear that they are not.
    pub async fn stored(self) -> Result<(), AppendError> {
        self.0.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl EmbeddedLog {
    /// Opens a log that drops nothing by itself, and makes it first when there is none. Entries leave it by
    /// [`trim`](Self::trim) only; at `max_bytes` of the file in use, further records are refused ([`AppendError::Full`]).
    pub fn open_spool(folder: &Path, partitions: u32, max_bytes: u64) -> Result<Self, OpenError> {
        Self::open_with(folder, partitions, "", Limits::Refuse { max_bytes })
    }

    /// Takes records to be stored behind all that were submitted before, without waiting. They are stored also when
    /// nobody waits for it.
    pub fn submit(&self, records: Vec<Record>) -> Result<Pending, AppendError> {
        let (done, stored) = oneshot::channel();
        self.jobs.try_send(Job { work: Work::Append(records), done }).map_err(|error| match error {
            TrySendError::Full(_) => AppendError::Overloaded,
            TrySendError::Closed(_) => stopped(),
        })?;
        Ok(Pending(stored))
    }

    /// Removes a partition's entries before an offset, a few thousand at most. Writes also when there are none, which
    /// makes it a test of the disk; and when it returns, whatever its outcome, all that was submitted before it is
    /// stored or refused.
    pub async fn trim(&self, partition: u32, before: u64) -> Result<(), AppendError> {
        let (done, trimmed) = oneshot::channel();
        let job = Job { work: Work::Trim { partition, before }, done };
        self.jobs.send(job).await.map_err(|_| stopped())?;
        trimmed.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> AppendError {
    AppendError::Storage("the writer has stopped".into())
}
