//! From the log to the consumer.

use std::sync::Arc;

use kenh_log::Entry;
use kenh_proto::server as v1;
use kenh_runtime::{clock, metrics, trace};
use tokio::time::Instant;
use v1::subscribe_response::Response;

use super::{Consumer, End, acks::response};
use crate::{
    named::{outstanding::Delivered, window::Lease},
    request,
};

/// Events and bytes of one batch.
const BATCH_MESSAGES: usize = 100;
const BATCH_BYTES: usize = 256 << 10;

impl Consumer {
    /// Goes once around the partitions. Whether there may be more.
    pub(super) async fn deliver(&mut self) -> Result<bool, End> {
        let mut more = false;
        for partition in self.holding.partitions() {
            if self.outbox.capacity() == 0 || self.is_full() {
                return Ok(false);
            }
            more |= self.read_ahead(partition).await?;
            let batch = self.take_batch(partition);
            more |= !batch.is_empty();
            self.send_batch(batch);
        }
        self.budget.hold(self.holding.bytes());
        Ok(more)
    }

    /// Reads on in a partition when nothing of what was read can be sent. Whether there may be more.
    async fn read_ahead(&mut self, partition: u32) -> Result<bool, End> {
        let from = self.holding.wants(partition).filter(|_| self.budget.has_room());
        let Some(from) = from else { return Ok(false) };
        match self.named.hub.next(partition, from, &self.spec.filter).await {
            Ok(portion) => {
                let more = portion.next > from;
                let wall = clock::micros(clock::now());
                self.holding.read(partition, portion.entries, portion.next, Instant::now(), wall);
                Ok(more)
            }
            Err(error) => Err(End::Failed(request::read_failed(error, &*self.named.log).await)),
        }
    }

    fn take_batch(&mut self, partition: u32) -> Vec<v1::Delivery> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES && !self.is_full() {
            let Some((lease, entry)) = self.holding.take(partition) else { break };
            self.delivered_since.get_or_insert_with(Instant::now);
            bytes += entry.bytes.len();
            batch.push(self.delivery(partition, lease, &entry));
        }
        batch
    }

    fn delivery(&mut self, partition: u32, lease: Lease, entry: &Arc<Entry>) -> v1::Delivery {
        let bytes = u64::try_from(entry.bytes.len()).unwrap_or(u64::MAX);
        let number = self.outstanding.add(Delivered { partition, lease, bytes });
        trace::delivered(entry.meta.traceparent.as_deref(), &self.seat.member.consumer);
        let cursor = self.outstanding.cursor(number);
        v1::Delivery { envelope: self.view.envelope(entry), cursor, attempt: lease.attempt }
    }

    fn send_batch(&mut self, deliveries: Vec<v1::Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        metrics::EVENTS_DELIVERED.add(u64::try_from(deliveries.len()).unwrap_or_default(), []);
        let number = self.outstanding.last();
        // There is room: nobody else sends.
        drop(self.outbox.try_send(response(number, Response::Batch(v1::Batch { deliveries }))));
    }
}
