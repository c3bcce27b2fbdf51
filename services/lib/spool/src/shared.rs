//! The spool that processes share, in the state store.
//!
//! [`Shared`] stands before the broker's log. What the broker does not confirm goes into the store, behind what is
//! there; from then on every process learns, with the claims of its events, that the partition is spooled, and puts
//! them there without trying the broker. One process at a time drains a partition; it hands it back when nothing is
//! left.
//!
//! **Order.** An event is accepted when its append is answered. Of two events of a partition, on whichever processes, the
//! one that was accepted before the other was claimed comes first in the log: by then the store says that the
//! partition is spooled, and goes on to say so until the first of them is confirmed.
//!
//! **Without the store** events go to the broker alone, and an append that fails there fails: the process's own spool
//! takes them, where it has one. If the store held events when it went, what belongs behind them fails too.

mod drain;
mod queue;
mod watch;

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use kenh_log::{AppendError, Entry, EventLog, Filter, Limit, Page, ReadError, Record, Tail, by_partition};
use kenh_runtime::metrics;
use kenh_store::{Put, Putting, Store, Unpublished};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::{gate::Gate, mark};
use drain::Drainer;
use queue::Queue;
use watch::Watcher;

/// How the shared spool is kept.
#[derive(Debug, Clone)]
pub struct SharedConfig {
    /// Bytes of events at which it takes no more.
    pub max_bytes: u64,
    /// How long an event waits for the store.
    pub store_timeout: Duration,
    /// Age of the oldest event in it at which an error is logged.
    pub max_age_alarm: Duration,
    /// The clock that ages events.
    pub now: fn() -> SystemTime,
}

/// A log whose appends need the broker or the state store.
pub struct Shared {
    inner: Arc<dyn EventLog>,
    store: Arc<dyn Store>,
    lanes: Vec<Lane>,
}

/// One partition.
struct Lane {
    /// Keeps the order of appends that the broker failed at once.
    gate: Gate,
    queue: Queue,
    /// The partition was spooled when that was heard last; for when nobody can be asked.
    known: Arc<AtomicBool>,
    /// There may be something to drain.
    wake: Arc<Notify>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({} partitions)", self.lanes.len())
    }
}

impl Shared {
    /// Starts to drain what the store holds; `stop` ends that.
    pub fn start(
        config: SharedConfig,
        inner: Arc<dyn EventLog>,
        store: Arc<dyn Store>,
        stop: &CancellationToken,
    ) -> Self {
        let owner = Uuid::new_v4();
        let lanes: Vec<_> = (0..inner.partitions())
            .map(|partition| {
                let wake = Arc::new(Notify::new());
                let drainer = Drainer::new(partition, owner, inner.clone(), store.clone(), wake.clone());
                tokio::spawn(stop.clone().run_until_cancelled_owned(drainer.run()));
                let queue = Queue::start(partition, store.clone(), &config);
                Lane { gate: Gate::new(false), queue, known: Arc::default(), wake }
            })
            .collect();
        let seen = lanes.iter().map(|lane| (lane.known.clone(), lane.wake.clone())).collect();
        let watcher = Watcher::new(config, store.clone(), seen);
        tokio::spawn(stop.clone().run_until_cancelled_owned(watcher.run()));
        Self { inner, store, lanes }
    }

    /// Stores records of one partition. `spooled`: the partition was, when somebody asked.
    async fn append_to(&self, partition: u32, records: Vec<Record>, spooled: bool) -> Result<(), AppendError> {
        let lane = usize::try_from(partition).ok().and_then(|index| self.lanes.get(index));
        let lane = lane.ok_or_else(|| AppendError::Storage(format!("there is no partition {partition}")))?;
        if spooled || lane.known.load(Ordering::Acquire) {
            match lane.put(&records, Putting::Behind, "queued").await {
                Ok(Put::Kept) => return Ok(()),
                Ok(Put::Full) => return Err(AppendError::Full),
                // What is in there comes first, and nobody can publish it now.
                Err(_) if lane.known.load(Ordering::Acquire) => return Err(AppendError::Unavailable),
                // It was opened meanwhile, or nobody can be asked.
                Ok(Put::Direct | Put::Closing) | Err(_) => {}
            }
        }
        let ticket = lane.gate.enter();
        ticket.turn().await;
        let Err(error) = self.inner.append(records.clone()).await else { return Ok(()) };
        if error.may_be_stored() {
            metrics::SPOOL_REPEATED.add(u64::try_from(records.len()).unwrap_or(u64::MAX), []);
        }
        ticket.first().await;
        match lane.put(&records, Putting::Failed, error.reason()).await {
            Ok(Put::Kept) => Ok(()),
            Ok(Put::Full) => Err(AppendError::Full),
            Ok(Put::Direct | Put::Closing) => Err(error),
            Err(reason) => {
                warn!(partition, %reason, "the shared spool takes no events now");
                Err(error)
            }
        }
    }

    async fn append_all(&self, records: Vec<Record>, spooled: impl Fn(u32) -> bool + Send) -> Result<(), AppendError> {
        by_partition(records, |partition, records| self.append_to(partition, records, spooled(partition))).await
    }
}

impl Lane {
    async fn put(
        &self,
        records: &[Record],
        putting: Putting,
        reason: &'static str,
    ) -> Result<Put, kenh_store::StoreError> {
        let events = records.iter().map(|record| Unpublished {
            id: record.meta.id,
            received_at: record.meta.received_at,
            event: mark::from_spool(record.clone()).bytes,
        });
        let put = self.queue.put(events.collect(), putting).await?;
        self.known.store(put != Put::Direct, Ordering::Release);
        if put == Put::Kept {
            metrics::SPOOLED
                .add(u64::try_from(records.len()).unwrap_or(u64::MAX), [("spool", SHARED), ("reason", reason)]);
            self.wake.notify_one();
        }
        Ok(put)
    }
}

/// This spool, as a metric label.
const SHARED: &str = "shared";

#[async_trait]
impl EventLog for Shared {
    fn partitions(&self) -> u32 {
        self.inner.partitions()
    }

    /// Who did not ask has to be told.
    async fn append(&self, records: Vec<Record>) -> Result<(), AppendError> {
        self.append_all(records, |_| true).await
    }

    async fn append_behind(&self, records: Vec<Record>, spooled: &[u32]) -> Result<(), AppendError> {
        for (partition, lane) in (0..).zip(&self.lanes) {
            if spooled.contains(&partition) {
                lane.known.store(true, Ordering::Release);
            }
        }
        self.append_all(records, |partition| spooled.contains(&partition)).await
    }

    async fn oldest(&self, partition: u32) -> Result<u64, ReadError> {
        self.inner.oldest(partition).await
    }

    async fn head(&self, partition: u32) -> Result<u64, ReadError> {
        self.inner.head(partition).await
    }

    fn known_head(&self, partition: u32) -> Option<u64> {
        self.inner.known_head(partition)
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
        let spooled = self.store.in_spool(id).await.map_err(|error| ReadError::Unavailable(error.to_string()))?;
        Ok(spooled || self.inner.holds(id, partition, since).await?)
    }

    async fn follow(&self, partition: u32, from: u64) -> Result<Tail, ReadError> {
        self.inner.follow(partition, from).await
    }
}
