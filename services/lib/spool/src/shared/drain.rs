//! Publishing what a partition has in the shared spool, in order, and handing the partition back.
//!
//! The right to do so is leased. One who has lost it without knowing publishes what another one publishes too, from the same
//! place on and in the same order: readers know the repeats by their ids.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use kenh_log::{EventLog, Meta, Record};
use kenh_proto::v1::Envelope;
use kenh_runtime::metrics;
use kenh_store::{Store, StoreError};
use prost::Message as _;
use tokio::{sync::Notify, time::Instant};
use tracing::{debug, error, info};
use uuid::Uuid;

use super::SHARED;
use crate::batch::Batch;

/// How long the right to drain lasts, and when it is prolonged.
const LEASE: Duration = Duration::from_secs(10);
const PROLONG: Duration = Duration::from_secs(3);
/// How soon to try again.
const PAUSE: Duration = Duration::from_millis(300);
/// Appends wait while the partition is closed. After this long nothing more is begun.
const CLOSED: Duration = Duration::from_millis(400);

pub(super) struct Drainer {
    partition: u32,
    owner: Uuid,
    /// Name of the right.
    name: String,
    inner: Arc<dyn EventLog>,
    store: Arc<dyn Store>,
    wake: Arc<Notify>,
    batch: Batch,
    /// When the right was prolonged last.
    leased: Option<Instant>,
}

/// What a step came to.
enum Step {
    /// There may be more.
    On,
    /// Better after a pause.
    Later,
    /// Nothing is to be done, or another one does it.
    Done,
}

impl Drainer {
    pub(super) fn new(
        partition: u32,
        owner: Uuid,
        inner: Arc<dyn EventLog>,
        store: Arc<dyn Store>,
        wake: Arc<Notify>,
    ) -> Self {
        let name = format!("spool/{partition}");
        Self { partition, owner, name, inner, store, wake, batch: Batch::default(), leased: None }
    }

    /// Drains whenever it is woken, for ever.
    pub(super) async fn run(mut self) {
        loop {
            self.wake.notified().await;
            let step = loop {
                match self.advance().await {
                    Ok(Step::On) => {}
                    Ok(step) => break step,
                    Err(error) => {
                        debug!(partition = self.partition, %error, "the shared spool cannot be drained now");
                        break Step::Later;
                    }
                }
            };
            // Whoever reaches the broker may.
            if self.leased.take().is_some() {
                drop(self.store.release(&self.name, self.owner).await);
            }
            if matches!(step, Step::Later) {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn advance(&mut self) -> Result<Step, StoreError> {
        if !self.may().await? {
            return Ok(Step::Done);
        }
        let events = self.next().await?;
        if events.len() >= self.batch.entries() {
            return Ok(if self.publish(events).await? { Step::On } else { Step::Later });
        }
        if !events.is_empty() && !self.batch.confirmed() {
            // Whether the broker is there is not known yet.
            return Ok(if self.publish(events).await? { Step::On } else { Step::Later });
        }
        self.store.close_spool(self.partition, true).await?;
        let finished = self.finish().await;
        if matches!(finished, Ok(true)) {
            info!(partition = self.partition, "the shared spool is drained, events go to the broker again");
            return Ok(Step::Done);
        }
        self.store.close_spool(self.partition, false).await?;
        finished.map(|_| Step::Later)
    }

    /// Publishes all that is left, which grows by nothing but what the broker fails elsewhere. Whether the partition goes to the
    /// broker.
    async fn finish(&mut self) -> Result<bool, StoreError> {
        let until = Instant::now() + CLOSED;
        loop {
            let events = self.next().await?;
            if events.is_empty() {
                return self.store.open_spool(self.partition).await;
            }
            if Instant::now() > until || !self.publish(events).await? {
                return Ok(false);
            }
        }
    }

    /// Whether it is this process's to drain.
    async fn may(&mut self) -> Result<bool, StoreError> {
        if self.leased.is_some_and(|at| at.elapsed() < PROLONG) {
            return Ok(true);
        }
        let at = Instant::now();
        let mine = self.store.lease(&self.name, self.owner, LEASE).await?;
        self.leased = mine.then_some(at);
        Ok(mine)
    }

    async fn next(&self) -> Result<Vec<(u64, Bytes)>, StoreError> {
        let entries = u32::try_from(self.batch.entries()).unwrap_or(u32::MAX);
        self.store.spooled(self.partition, entries, Batch::BYTES).await
    }

    /// Publishes events and drops them. Whether the broker confirmed them.
    async fn publish(&mut self, events: Vec<(u64, Bytes)>) -> Result<bool, StoreError> {
        let Some((last, _)) = events.last() else { return Ok(true) };
        let last = *last;
        let records: Vec<_> = events.into_iter().filter_map(|(_, event)| self.record(event)).collect();
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let tried = self.batch.begin();
        if let Err(error) = self.inner.append(records).await {
            debug!(partition = self.partition, %error, "the shared spool cannot be drained now");
            metrics::SPOOL_DRAIN_FAILURES.add(1, [("spool", SHARED), ("reason", error.reason())]);
            if error.may_be_stored() {
                metrics::SPOOL_REPEATED.add(count, []);
            }
            return Ok(false);
        }
        self.batch.confirm(tried);
        metrics::SPOOL_DRAINED.add(count, [("spool", SHARED)]);
        self.store.unspool(self.partition, last).await?;
        Ok(true)
    }

    fn record(&self, bytes: Bytes) -> Option<Record> {
        let meta = Envelope::decode(bytes.clone()).ok().and_then(|envelope| Meta::of(&envelope));
        if meta.is_none() {
            // Nobody put this there through a gateway, and nothing behind it is to wait for ever.
            error!(partition = self.partition, "the shared spool holds something that is no event, it is dropped");
        }
        Some(Record { partition: self.partition, meta: meta?, bytes })
    }
}
