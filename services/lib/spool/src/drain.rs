//! Publishing what a partition has in the spool, in order, and handing the partition back.

use std::{sync::Arc, time::Duration};

use kenh_log::{EventLog, Filter, Limit, Page, Record, embedded::EmbeddedLog};
use kenh_runtime::metrics;
use tracing::{debug, info, warn};

use crate::{Lane, OWN, batch::Batch, lane};

/// How soon to try again.
const PAUSE: Duration = Duration::from_millis(300);
/// So few entries may be left when the partition is closed for the last of them.
const LAST: u64 = 256;
/// Appends wait while it is closed; this long at most.
const CLOSED: Duration = Duration::from_millis(400);

pub(crate) struct Drainer {
    partition: u32,
    inner: Arc<dyn EventLog>,
    spool: EmbeddedLog,
    lanes: Arc<Vec<Lane>>,
    batch: Batch,
    /// Confirmed entries are still in the file.
    untrimmed: bool,
}

impl Drainer {
    pub(crate) fn new(partition: u32, inner: Arc<dyn EventLog>, spool: EmbeddedLog, lanes: Arc<Vec<Lane>>) -> Self {
        Self { partition, inner, spool, lanes, batch: Batch::default(), untrimmed: false }
    }

    /// Drains for ever.
    pub(crate) async fn run(mut self) {
        let lanes = self.lanes.clone();
        let Some(lane) = lane(&lanes, self.partition) else { return };
        loop {
            if self.untrimmed {
                // The disk is full. What is confirmed is not published again, and tried to be trimmed now and then.
                let spooling = tokio::time::timeout(PAUSE, lane.gate.spooling()).await.is_ok();
                self.trim(lane).await;
                if !spooling {
                    continue;
                }
            }
            lane.gate.spooling().await;
            if !self.advance(lane).await {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Publishes a batch, or the last of it with the gate closed. `false` when it is better to wait a little.
    async fn advance(&mut self, lane: &Lane) -> bool {
        let left = self.left(lane).await;
        if left == 0 || (self.batch.confirmed() && left <= LAST) {
            // Those on their way to the broker, which do not know yet that it is gone, come first.
            let Some(closed) = lane.gate.close() else { return left > 0 && self.publish(lane).await };
            let finished = tokio::time::timeout(CLOSED, self.finish(lane)).await.unwrap_or(false);
            if finished {
                lane.held.drained();
                closed.open();
                info!(partition = self.partition, "the spool is drained, events go to the broker again");
            }
            return finished;
        }
        self.publish(lane).await
    }

    /// Publishes all that is left, which does not grow any more. Whether nothing is.
    async fn finish(&mut self, lane: &Lane) -> bool {
        // Behind the trim, all that was submitted before is stored.
        self.trim(lane).await;
        while self.left(lane).await > 0 {
            if !(self.batch.confirmed() && self.publish(lane).await) {
                return false;
            }
        }
        true
    }

    async fn left(&self, lane: &Lane) -> u64 {
        let head = self.spool.head(self.partition).await.unwrap_or_default();
        head.saturating_sub(lane.held.next())
    }

    /// Publishes the next batch. Whether it was confirmed.
    async fn publish(&mut self, lane: &Lane) -> bool {
        let entries = self.batch.entries();
        let bytes = usize::try_from(Batch::BYTES).unwrap_or(usize::MAX);
        let limit = Limit { entries, bytes, scanned: entries };
        let from = lane.held.next();
        let page = self.spool.read(self.partition, from..u64::MAX, &Filter::default(), limit).await;
        let Page { entries, next } = match page {
            Ok(page) => page,
            Err(error) => {
                warn!(partition = self.partition, %error, "the spool cannot be read");
                return false;
            }
        };
        if let Some(first) = entries.first() {
            lane.held.is_oldest(first.meta.received_at);
        }
        let records: Vec<_> = entries
            .into_iter()
            .map(|entry| Record { partition: entry.partition, meta: entry.meta, bytes: entry.bytes })
            .collect();
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let tried = self.batch.begin();
        match self.inner.append(records).await {
            Ok(()) => {
                self.batch.confirm(tried);
                lane.held.confirmed(next);
                self.untrimmed = true;
                metrics::SPOOL_DRAINED.add(count, [("spool", OWN)]);
                self.trim(lane).await;
                true
            }
            Err(error) => {
                debug!(partition = self.partition, %error, "the spool cannot be drained now");
                metrics::SPOOL_DRAIN_FAILURES.add(1, [("spool", OWN), ("reason", error.reason())]);
                if error.may_be_stored() {
                    metrics::SPOOL_REPEATED.add(count, []);
                }
                false
            }
        }
    }

    /// Removes what is confirmed from the file.
    async fn trim(&mut self, lane: &Lane) -> bool {
        let trimmed = self.spool.trim(self.partition, lane.held.next()).await;
        if trimmed.is_ok() {
            self.untrimmed = false;
        }
        trimmed.is_ok()
    }
}
