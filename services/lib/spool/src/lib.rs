//! Confirm or spool: what the broker does not confirm goes into a local file, and from there to the broker later.
//!
//! [`Spooled`] stands before another log. Appending tries that log first; when it does not confirm, the records go
//! into the spool (the embedded engine's file, on disk before the answer), and the caller is told that they are safe.
//! From then on everything of that partition goes into the spool, without waiting for the broker, until the drainer
//! has published all of it and hands the partition back.
//!
//! **Order.** An event is accepted when its append is answered. Of two events of a partition, the one that was
//! accepted before the other's append began comes first in the log, whatever happened to the broker meanwhile. Appends
//! that overlap are accepted in no order of their own; they keep the order in which they began wherever both go the
//! same way. Only a broker that refuses one and takes the next, both under way at once, turns such a pair around.
//!
//! A spool is its process's own. Where several processes take events of one conversation, [`Shared`] stands between this and
//! the broker, and keeps one order for all of them; this one is for when that has neither broker nor store.
//!
//! **Twice.** A broker that did not confirm may hold the records all the same, and they are published again. The
//! second one has the same id, and its first occurrence keeps its place. The same holds for what was published and
//! not yet trimmed when the process died.
//!
//! **Bounds.** Bytes of the file, entries and bytes of a batch, time: nothing here grows with what is in the spool.
//! When the file is full or cannot be written, an append fails and readiness is lost until there is room.

mod batch;
mod drain;
mod gate;
mod mark;
mod shared;
mod watch;

pub use shared::{Shared, SharedConfig};

#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub use mark::from_spool;

use std::{
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use kenh_log::{
    AppendError, Entry, EventLog, Filter, Limit, Page, ReadError, Record, Tail, by_partition,
    embedded::{EmbeddedLog, OpenError},
};
use kenh_runtime::{health::Latch, metrics};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use drain::Drainer;
use gate::{Gate, Turn};
use watch::{Held, Watch};

/// How the spool is kept.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of its file; made when it is missing. One process only.
    pub folder: PathBuf,
    /// Bytes of the file at which it takes no more.
    pub max_bytes: u64,
    /// Age of the oldest event in it at which an error is logged.
    pub max_age_alarm: Duration,
    /// The clock that ages events.
    pub now: fn() -> SystemTime,
}

/// This spool, as a metric label.
const OWN: &str = "own";

/// Why the spool could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its file cannot be used.
    #[error("the spool: {0}")]
    Open(#[from] OpenError),
    /// What is in it cannot be read.
    #[error("the spool: {0}")]
    Read(#[from] ReadError),
}

/// A log whose appends do not need the broker.
pub struct Spooled {
    inner: Arc<dyn EventLog>,
    spool: EmbeddedLog,
    lanes: Arc<Vec<Lane>>,
    watch: Watch,
}

/// One partition.
#[derive(Debug)]
struct Lane {
    gate: Gate,
    held: Held,
}

impl std::fmt::Debug for Spooled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spooled({} partitions)", self.lanes.len())
    }
}

impl Spooled {
    /// Opens the spool and starts to drain what it holds; `stop` ends that. The latch is lost while the spool cannot
    /// take anything.
    pub async fn start(
        config: Config,
        inner: Arc<dyn EventLog>,
        latch: Latch,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let partitions = inner.partitions();
        let spool = EmbeddedLog::open_spool(&config.folder, partitions, config.max_bytes)?;
        let mut lanes = Vec::new();
        for partition in 0..partitions {
            let (oldest, head) = (spool.oldest(partition).await?, spool.head(partition).await?);
            if oldest < head {
                warn!(partition, events = head - oldest, "the spool holds events of an earlier run");
            }
            lanes.push(Lane { gate: Gate::new(oldest < head), held: Held::from(oldest) });
        }
        let lanes = Arc::new(lanes);
        let watch = Watch::start(config, spool.clone(), lanes.clone(), latch, stop.clone());
        for partition in 0..partitions {
            let drainer = Drainer::new(partition, inner.clone(), spool.clone(), lanes.clone());
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = drainer.run() => {}
                }
            });
        }
        Ok(Self { inner, spool, lanes, watch })
    }

    async fn direct(&self, records: Vec<Record>, spooled: Option<&[u32]>) -> Result<(), AppendError> {
        match spooled {
            Some(spooled) => self.inner.append_behind(records, spooled).await,
            None => self.inner.append(records).await,
        }
    }

    async fn append_all(&self, records: Vec<Record>, spooled: Option<&[u32]>) -> Result<(), AppendError> {
        by_partition(records, |partition, records| self.append_to(partition, records, spooled)).await
    }

    /// Stores records of one partition.
    async fn append_to(
        &self,
        partition: u32,
        records: Vec<Record>,
        spooled: Option<&[u32]>,
    ) -> Result<(), AppendError> {
        let lane = lane(&self.lanes, partition);
        let lane = lane.ok_or_else(|| AppendError::Storage(format!("there is no partition {partition}")))?;
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let ticket = lane.gate.enter();
        let reason = match ticket.turn().await {
            Turn::Direct => match self.direct(records.clone(), spooled).await {
                Ok(()) => return Ok(()),
                // There is a place for it and no room, and nothing may come before it: not here either.
                Err(AppendError::Full) => {
                    self.watch.refused(count, &AppendError::Full);
                    return Err(AppendError::Full);
                }
                Err(error) => {
                    if ticket.failed().await {
                        warn!(partition, %error, "events go into the spool");
                    }
                    if error.may_be_stored() {
                        metrics::SPOOL_REPEATED.add(count, []);
                    }
                    error.reason()
                }
            },
            Turn::Spool => "queued",
        };
        let pending = self.spool.submit(records.into_iter().map(mark::from_spool).collect());
        // Its place in the spool is taken: the next one's turn.
        drop(ticket);
        let outcome = match pending {
            Ok(pending) => pending.stored().await,
            Err(error) => Err(error),
        };
        match &outcome {
            Ok(()) => metrics::SPOOLED.add(count, [("spool", OWN), ("reason", reason)]),
            Err(error) => self.watch.refused(count, error),
        }
        outcome
    }
}

fn lane(lanes: &[Lane], partition: u32) -> Option<&Lane> {
    usize::try_from(partition).ok().and_then(|index| lanes.get(index))
}

#[async_trait]
impl EventLog for Spooled {
    fn partitions(&self) -> u32 {
        self.inner.partitions()
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), AppendError> {
        self.append_all(records, None).await
    }

    async fn append_behind(&self, records: Vec<Record>, spooled: &[u32]) -> Result<(), AppendError> {
        self.append_all(records, Some(spooled)).await
    }

    async fn oldest(&self, partition: u32) -> Result<u64, ReadError> {
        self.inner.oldest(partition).await
    }

    async fn head(&self, partition: u32) -> Result<u64, ReadError> {
        self.inner.head(partition).await
    }

    fn events_between(&self, from: u64, to: u64) -> u64 {
        self.inner.events_between(from, to)
    }

    async fn offset_at(&self, partition: u32, received_at: i64) -> Result<u64, ReadError> {
        self.inner.offset_at(partition, received_at).await
    }

    async fn read(&self, partition: u32, range: Range<u64>, filter: &Filter, limit: Limit) -> Result<Page, ReadError> {
        self.inner.read(partition, range, filter, limit).await
    }

    async fn find(&self, id: Uuid, partition: Option<u32>) -> Result<Option<Entry>, ReadError> {
        self.inner.find(id, partition).await
    }

    async fn holds(&self, id: Uuid, partition: u32, since: i64) -> Result<bool, ReadError> {
        // The spool first: what leaves it meanwhile is in the log then.
        Ok(self.spool.find(id, Some(partition)).await?.is_some() || self.inner.holds(id, partition, since).await?)
    }

    async fn follow(&self, partition: u32, from: u64) -> Result<Tail, ReadError> {
        self.inner.follow(partition, from).await
    }
}
