//! The embedded engine: one SQLite file, written by one thread.
//!
//! Appends that arrive while the disk is busy share the next transaction (group commit); each is answered only when
//! its transaction is on disk (WAL with `synchronous=FULL`).

mod reader;
mod retention;
mod schema;
mod spool;
mod writer;

use std::{
    fs::{self, File},
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::{AppendError, Entry, EventLog, Filter, Limit, Page, ReadError, Record, Tail};
use reader::Readers;
use writer::{Job, Limits, Writer};

pub use spool::Pending;

/// How the log is kept.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the file; made when it is missing.
    pub folder: PathBuf,
    /// Partitions; may not change once the log exists.
    pub partitions: u32,
    /// Entries older than this are removed.
    pub max_age: Duration,
    /// Above so many bytes of envelopes the oldest entries are removed.
    pub max_bytes: u64,
    /// The clock that ages entries.
    pub now: fn() -> SystemTime,
}

/// Why the log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("cannot write to {}: {reason}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Another process has it open.
    #[error("{} is in use by another process", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// It was made with another number of partitions.
    #[error("the log in {} has {found} partitions, the configuration says {wanted}: set log.partitions to {found}, or start in an empty folder", folder.display())]
    Partitions {
        /// The folder.
        folder: PathBuf,
        /// What it has.
        found: u32,
        /// What was asked for.
        wanted: u32,
    },
    /// SQLite cannot use the file.
    #[error("cannot open the log in {}: {reason}", folder.display())]
    Database {
        /// The folder.
        folder: PathBuf,
        /// What SQLite said.
        reason: String,
    },
}

/// The log in a folder. The file is closed soon after the last clone is gone.
#[derive(Debug, Clone)]
pub struct EmbeddedLog {
    jobs: mpsc::Sender<Job>,
    heads: Arc<Vec<watch::Receiver<u64>>>,
    readers: Arc<Readers>,
    size: Arc<AtomicU64>,
}

/// Appends that may wait for the disk.
const WAITING_JOBS: usize = 4096;

impl EmbeddedLog {
    /// Opens the log, and makes it first when there is none.
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        let limits = Limits::DropOldest(retention::Retention::of(config));
        Self::open_with(&config.folder, config.partitions, schema::INDEXES, limits)
    }

    fn open_with(folder: &Path, partitions: u32, indexes: &str, limits: Limits) -> Result<Self, OpenError> {
        let lock = lock(folder)?;
        let path = folder.join("log.db");
        let database =
            |error: rusqlite::Error| OpenError::Database { folder: folder.into(), reason: error.to_string() };
        let connection = schema::open(&path).map_err(database)?;
        connection.execute_batch(indexes).map_err(database)?;
        let found = schema::partitions(&connection, partitions).map_err(database)?;
        if found != partitions {
            return Err(OpenError::Partitions { folder: folder.into(), found, wanted: partitions });
        }
        let readers = Readers::open(&path).map_err(database)?;
        let heads = schema::heads(&connection, found).map_err(database)?;
        let (senders, receivers) = heads.iter().map(|head| watch::channel(*head)).unzip();
        let size = Arc::new(AtomicU64::new(retention::size(&connection).map_err(database)?));
        let (jobs, waiting) = mpsc::channel(WAITING_JOBS);
        let writer = Writer { connection, heads, watchers: senders, size: size.clone(), limits, _lock: lock };
        std::thread::Builder::new()
            .name("kenh-log".into())
            .spawn(move || writer.run(waiting))
            .map_err(|reason| OpenError::Folder { folder: folder.into(), reason })?;
        Ok(Self { jobs, heads: Arc::new(receivers), readers: Arc::new(readers), size })
    }

    /// Bytes in use in the file.
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    fn watch(&self, partition: u32) -> Result<watch::Receiver<u64>, ReadError> {
        let found = usize::try_from(partition).ok().and_then(|index| self.heads.get(index)).cloned();
        found.ok_or_else(|| ReadError::Unavailable(format!("there is no partition {partition}")))
    }
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let unwritable = |reason| OpenError::Folder { folder: folder.into(), reason };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let file = File::create(folder.join("lock")).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::Locked { folder: folder.into() }),
        Err(fs::TryLockError::Error(reason)) => Err(unwritable(reason)),
    }
}

#[async_trait]
impl EventLog for EmbeddedLog {
    fn partitions(&self) -> u32 {
        u32::try_from(self.heads.len()).unwrap_or(u32::MAX)
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), AppendError> {
        self.submit(records)?.stored().await
    }

    async fn oldest(&self, partition: u32) -> Result<u64, ReadError> {
        let head = *self.watch(partition)?.borrow();
        self.readers.run(move |reader| reader.oldest(partition, head)).await
    }

    async fn head(&self, partition: u32) -> Result<u64, ReadError> {
        Ok(*self.watch(partition)?.borrow())
    }

    fn known_head(&self, partition: u32) -> Option<u64> {
        self.watch(partition).ok().map(|head| *head.borrow())
    }

    async fn offset_at(&self, partition: u32, received_at: i64) -> Result<u64, ReadError> {
        let head = *self.watch(partition)?.borrow();
        self.readers.run(move |reader| reader.offset_at(partition, head, received_at)).await
    }

    async fn read(&self, partition: u32, range: Range<u64>, filter: &Filter, limit: Limit) -> Result<Page, ReadError> {
        let (head, filter) = (*self.watch(partition)?.borrow(), filter.clone());
        let range = range.start..range.end.min(head);
        self.readers
            .run(move |reader| {
                let oldest = reader.oldest(partition, head)?;
                if range.start < oldest {
                    return Ok(Err(ReadError::Expired { oldest }));
                }
                reader.read(partition, range, &filter, limit).map(Ok)
            })
            .await?
    }

    async fn find(&self, id: Uuid, partition: Option<u32>) -> Result<Option<Entry>, ReadError> {
        let found = self.readers.run(move |reader| reader.find(id)).await?;
        Ok(found.filter(|entry| partition.is_none_or(|partition| entry.partition == partition)))
    }

    async fn follow(&self, partition: u32, from: u64) -> Result<Tail, ReadError> {
        const AHEAD: usize = 512;
        const LIMIT: Limit = Limit { entries: AHEAD, bytes: 1 << 20, scanned: AHEAD };
        let mut head = self.watch(partition)?;
        let (entries, tail) = mpsc::channel(AHEAD);
        let log = self.clone();
        tokio::spawn(async move {
            let mut from = from;
            loop {
                let until = *head.borrow_and_update();
                while from < until {
                    let Ok(page) = log.read(partition, from..until, &Filter::default(), LIMIT).await else { return };
                    from = page.next;
                    for entry in page.entries {
                        if entries.send(entry).await.is_err() {
                            return;
                        }
                    }
                }
                tokio::select! {
                    changed = head.changed() => if changed.is_err() { return },
                    () = entries.closed() => return,
                }
            }
        });
        Ok(tail)
    }
}
