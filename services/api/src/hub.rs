//! One reader of the log for all subscribers.
//!
//! Each partition's newest entries lie in a ring that is bounded in bytes. Subscribers share its entries; one that is
//! behind the ring reads the log itself, a bounded number of them at a time.

mod partition;
mod ring;

use std::{sync::Arc, time::Duration};

use kenh_log::{Entry, EventLog, Filter, Limit, Page, ReadError};
use kenh_runtime::metrics;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use partition::Partition;

/// Reads of the log on behalf of subscribers that are behind, at the same time.
const CATCH_UP_READS: usize = 16;
/// How long a call waits for a log that has never been read yet.
const PATIENCE: Duration = Duration::from_secs(5);
/// Entries taken from a ring, or read from the log, in one go.
const PAGE: Limit = Limit { entries: 256, bytes: 512 << 10, scanned: 4096 };

/// The reader.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    log: Arc<dyn EventLog>,
    partitions: Vec<Partition>,
    changes: watch::Sender<u64>,
    catch_up: Semaphore,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hub({} partitions)", self.0.partitions.len())
    }
}

/// What a subscriber gets of a partition.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    /// Entries that match, in order.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Where to go on.
    pub(crate) next: u64,
}

impl Hub {
    /// Starts reading at the log's end.
    pub fn start(log: Arc<dyn EventLog>, ring_bytes: usize, stop: &CancellationToken) -> Self {
        let count = log.partitions();
        let each = ring_bytes / usize::try_from(count.max(1)).unwrap_or(1);
        let partitions = (0..count).map(|_| Partition::new(each)).collect();
        let (changes, _) = watch::channel(0);
        let hub = Self(Arc::new(Inner { log, partitions, changes, catch_up: Semaphore::new(CATCH_UP_READS) }));
        for number in 0..count {
            let (hub, stop) = (hub.clone(), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = hub.read_partition(number) => {}
                }
            });
        }
        hub
    }

    async fn read_partition(&self, number: u32) {
        let Some(partition) = self.partition(number) else { return };
        let changed = || self.0.changes.send_modify(|version| *version = version.wrapping_add(1));
        partition.keep_reading(number, &*self.0.log, changed).await;
    }

    fn partition(&self, number: u32) -> Option<&Partition> {
        usize::try_from(number).ok().and_then(|index| self.0.partitions.get(index))
    }

    /// Returns once every partition's end is known.
    pub async fn opened(&self) {
        for partition in &self.0.partitions {
            partition.opened().await;
        }
    }

    /// The log's partitions.
    pub(crate) fn partitions(&self) -> u32 {
        self.0.log.partitions()
    }

    /// The end of each partition. Right after the start they may not be known for a moment.
    pub(crate) async fn heads(&self) -> Result<Vec<u64>, ReadError> {
        let opened = tokio::time::timeout(PATIENCE, self.opened()).await;
        opened.map_err(|_| ReadError::Unavailable("its end is not known yet".into()))?;
        Ok(self.0.partitions.iter().map(Partition::head).collect())
    }

    /// The end of each partition, newer than what was read so far where the log knows it: whoever was told that an event
    /// is stored finds it.
    pub(crate) async fn newest_heads(&self) -> Result<Vec<u64>, ReadError> {
        let read = self.heads().await?;
        let known = |(number, head): (u32, u64)| self.0.log.known_head(number).map_or(head, |known| known.max(head));
        Ok((0..).zip(read).map(known).collect())
    }

    /// About how many events lie from one offset up to another.
    pub(crate) fn events_between(&self, from: u64, to: u64) -> u64 {
        self.0.log.events_between(from, to)
    }

    /// Tells of new entries in any partition.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// What a subscriber that stands at an offset gets next. Nothing when it is at the end.
    pub(crate) async fn next(&self, number: u32, from: u64, filter: &Filter) -> Result<Portion, ReadError> {
        let Some(partition) = self.partition(number) else { return Ok(Portion::default()) };
        match partition.take(from, filter, PAGE) {
            Ok(portion) => Ok(portion),
            Err(floor) => {
                let _permit = self.0.catch_up.acquire().await.map_err(|e| ReadError::Unavailable(e.to_string()))?;
                metrics::CATCH_UP_READS.add(1, []);
                let Page { entries, next } = self.0.log.read(number, from..floor, filter, PAGE).await?;
                Ok(Portion { entries: entries.into_iter().map(Arc::new).collect(), next })
            }
        }
    }
}
