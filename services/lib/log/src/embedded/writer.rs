//! The one thread that writes.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kenh_runtime::seldom::Seldom;
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{error, info, warn};

use super::{
    retention::{self, Retention},
    schema::position,
};
use crate::{AppendError, Record};

/// Records that may share one transaction.
const RECORDS_PER_COMMIT: usize = 2048;
/// How often it is said at most that nothing can be stored.
const MINUTE: Duration = Duration::from_secs(60);
/// Entries one trim removes at most.
const ENTRIES_PER_TRIM: usize = 4096;

/// What an entry takes in the file beside its envelope, generously.
const BESIDE_BYTES: u64 = 384;

/// What became of a job.
pub(super) type Outcome = Result<(), AppendError>;

/// Something to be done, and whom to tell.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) done: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
pub(super) enum Work {
    /// Store records.
    Append(Vec<Record>),
    /// Remove a partition's entries before an offset.
    Trim { partition: u32, before: u64 },
}

impl Work {
    fn records(&self) -> usize {
        match self {
            Self::Append(records) => records.len(),
            Self::Trim { .. } => 1,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Append(records) => {
                records.iter().map(|record| u64::try_from(record.bytes.len()).unwrap_or_default()).sum()
            }
            Self::Trim { .. } => 0,
        }
    }
}

/// What happens when the log has grown enough.
pub(super) enum Limits {
    /// The oldest entries go.
    DropOldest(Retention),
    /// New ones are refused.
    Refuse { max_bytes: u64 },
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) heads: Vec<u64>,
    pub(super) watchers: Vec<watch::Sender<u64>>,
    pub(super) size: Arc<AtomicU64>,
    pub(super) limits: Limits,
    // Held so that no other process opens the folder before the file is closed.
    pub(super) _lock: File,
}

impl Writer {
    /// Works until every sender is gone, then closes the file.
    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        let (mut failing, mut told, said) = (false, false, Seldom::every(MINUTE));
        while let Some(first) = waiting.blocking_recv() {
            let mut records = first.work.records();
            let mut group = vec![first];
            while records < RECORDS_PER_COMMIT
                && let Ok(job) = waiting.try_recv()
            {
                records += job.work.records();
                group.push(job);
            }
            let trimmed = group.iter().any(|job| matches!(job.work, Work::Trim { .. }));
            let added = group.iter().map(|job| job.work.bytes()).sum();
            let committed = self.commit(&group);
            // Readers see it before its sender is answered.
            self.announce();
            match committed {
                Ok(outcomes) => {
                    if std::mem::take(&mut failing) && std::mem::take(&mut told) {
                        info!("events can be stored again");
                    }
                    for (job, outcome) in group.into_iter().zip(outcomes) {
                        // A sender that no longer waits was told by its own deadline.
                        drop(job.done.send(outcome));
                    }
                    self.tidy(trimmed, added);
                }
                Err(reason) => {
                    // A full disk fails every commit, one that is nearly full fails the large ones.
                    if !std::mem::replace(&mut failing, true)
                        && let Some(unsaid) = said.say()
                    {
                        error!(%reason, unsaid, "events cannot be stored, senders are told to try again");
                        told = true;
                    }
                    for job in group {
                        drop(job.done.send(Err(AppendError::Storage(reason.to_string()))));
                    }
                }
            }
        }
        drop(self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }

    /// All jobs in one transaction; without it, none is done.
    fn commit(&mut self, group: &[Job]) -> rusqlite::Result<Vec<Outcome>> {
        let mut heads = self.heads.clone();
        let transaction = self.connection.unchecked_transaction()?;
        let mut outcomes = Vec::with_capacity(group.len());
        for job in group {
            outcomes.push(match &job.work {
                Work::Append(records) if self.has_room(records)? => {
                    append(&transaction, records, &mut heads)?;
                    Ok(())
                }
                Work::Append(_) => Err(AppendError::Full),
                Work::Trim { partition, before } => {
                    trim(&transaction, *partition, *before)?;
                    Ok(())
                }
            });
        }
        for (partition, (new, old)) in heads.iter().zip(&self.heads).enumerate() {
            if new != old {
                transaction
                    .prepare_cached("UPDATE head SET next = ?2 WHERE partition = ?1")?
                    .execute(params![as_i64(partition), as_i64(*new)])?;
            }
        }
        transaction.commit()?;
        self.heads = heads;
        Ok(outcomes)
    }

    /// Counts what this transaction has stored so far.
    fn has_room(&self, records: &[Record]) -> rusqlite::Result<bool> {
        let Limits::Refuse { max_bytes } = self.limits else { return Ok(true) };
        let bytes =
            |record: &Record| u64::try_from(record.bytes.len()).unwrap_or(u64::MAX).saturating_add(BESIDE_BYTES);
        let bytes: u64 = records.iter().map(bytes).sum();
        Ok(retention::size(&self.connection)?.saturating_add(bytes) <= max_bytes)
    }

    fn tidy(&mut self, trimmed: bool, added: u64) {
        let tidied = match &mut self.limits {
            Limits::DropOldest(retention) => retention.run_when_due(&self.connection, added),
            Limits::Refuse { .. } if trimmed => retention::give_back(&self.connection),
            Limits::Refuse { .. } => Ok(()),
        };
        if let Err(reason) = tidied {
            warn!(%reason, "room cannot be given back");
        }
        if let Ok(size) = retention::size(&self.connection) {
            self.size.store(size, Ordering::Relaxed);
        }
    }

    fn announce(&self) {
        for (head, watcher) in self.heads.iter().zip(&self.watchers) {
            watcher.send_if_modified(|seen| std::mem::replace(seen, *head) != *head);
        }
    }
}

fn append(connection: &Connection, records: &[Record], heads: &mut [u64]) -> rusqlite::Result<()> {
    for record in records {
        let head = usize::try_from(record.partition).ok().and_then(|index| heads.get_mut(index));
        let head = head.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        insert(connection, record, *head)?;
        *head += 1;
    }
    Ok(())
}

fn trim(connection: &Connection, partition: u32, before: u64) -> rusqlite::Result<()> {
    // Touches a page in any case: see `EmbeddedLog::trim`.
    connection
        .prepare_cached("UPDATE head SET next = next WHERE partition = ?1")?
        .execute(params![as_i64(partition)])?;
    retention::remove_front(connection, partition, position(partition, before) - 1, ENTRIES_PER_TRIM)?;
    Ok(())
}

fn insert(connection: &Connection, record: &Record, offset: u64) -> rusqlite::Result<()> {
    let meta = &record.meta;
    connection
        .prepare_cached(
            "INSERT INTO entry (position, id, channel, account, kind, conversation, contact, received_at, traceparent, \
             envelope) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            position(record.partition, offset),
            meta.id.as_bytes(),
            meta.channel,
            meta.account,
            i32::from(meta.kind),
            meta.conversation.as_ref().map(uuid::Uuid::as_bytes),
            meta.contact.as_ref().map(uuid::Uuid::as_bytes),
            meta.received_at,
            meta.traceparent,
            &record.bytes[..],
        ])?;
    Ok(())
}

fn as_i64(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
