//! Whether the broker holds what it has confirmed.
//!
//! RabbitMQ may lose confirmed events of a stream whose leader dies (seen with 3.10.8, one in several thousand, confirmed
//! about the moment of its death). So when the connection is another one, or a confirm took as long as an election, the last
//! confirmed events are read back before anything else is published, and those that are not there are published again, in
//! order. Appends wait for that a moment, then they fail.
//!
//! **Lost or late.** The replica that is read may be behind. What is not found is only suspected, until the first of it,
//! published again behind a mark, has been read: what was stored before it would have been. A false suspicion costs one
//! event that is there twice, with one id.

use std::{collections::HashSet, sync::Arc, time::Duration};

use kenh_log::{AppendError, ReadError};
use kenh_runtime::metrics;
use tokio::{sync::mpsc, time::Instant};
use tracing::warn;
use uuid::Uuid;

use crate::{
    lane::{Append, Writer},
    link::Live,
    message,
    readback::ReadBack,
    recent::Confirmed,
};

/// For attaching a reader.
const ATTACHED: Duration = Duration::from_secs(10);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(300);
/// Appends wait for it so long, and fail at once after that.
const PATIENCE: Duration = Duration::from_millis(500);
/// A partition is not kept waiting for longer because the broker cannot be read, over however many connections.
const GIVES_UP: Duration = Duration::from_secs(60);
/// Events published again in one batch.
const BATCH: usize = 256;

impl Writer {
    /// Makes sure that what was confirmed is there, where that is in doubt and there is a connection.
    pub(crate) async fn settle(&mut self, waiting: &mut mpsc::Receiver<Append>) {
        let Some(live) = self.link.live() else {
            self.doubted.get_or_insert_with(Instant::now);
            return;
        };
        if !self.trusts(&live) {
            self.doubted.get_or_insert_with(Instant::now);
        }
        let Some(doubted) = self.doubted else { return };
        self.recent.forget_before(doubted);
        let begun = Instant::now();
        let mut patience = PATIENCE;
        let gives_up = begun + GIVES_UP.saturating_sub(self.unsettled);
        while let Err(reason) = tokio::select! {
            settled = self.settle_on(&live, gives_up) => settled,
            // Ends with the last handle, as the task does then.
            () = refuse(waiting, patience) => return,
        } {
            let now_live = self.link.live();
            if now_live.is_none_or(|now| !Arc::ptr_eq(&now, &live)) {
                self.unsettled += begun.elapsed();
                return;
            }
            patience = patience.saturating_sub(begun.elapsed());
            if Instant::now() >= gives_up {
                let events = self.recent.events().count();
                metrics::CONFIRMED_UNCHECKED.add(u64::try_from(events).unwrap_or(u64::MAX), []);
                warn!(partition = self.partition, events, %reason, "whether the broker holds what it confirmed cannot be found out");
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = refuse(waiting, Duration::ZERO) => return,
            }
        }
        (self.trusted, self.doubted, self.settled) = (Arc::downgrade(&live), None, Instant::now());
        self.unsettled = Duration::ZERO;
    }

    /// Reads the last confirmed events back, and publishes those again that the broker does not hold. The reading ends at the
    /// deadline, never the publishing of what is known to be lost.
    async fn settle_on(&mut self, live: &Arc<Live>, deadline: Instant) -> Result<(), String> {
        let wanted: HashSet<_> = self.recent.events().map(|event| event.id).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let age = self.recent.age(Instant::now());
        let attached = deadline.min(Instant::now() + ATTACHED);
        let mut reading = by(attached, ReadBack::of(&self.streams, self.partition, wanted, age)).await?;
        let searched = by(deadline, reading.search()).await;
        self.forget_found(&reading);
        searched?;
        let mut absent = reading.absent().clone();
        let suspects: Vec<_> = self.recent.events().filter(|event| absent.remove(&event.id)).cloned().collect();
        let Some((first, others)) = suspects.split_first() else { return Ok(()) };
        // The oldest of them is published again already: where it is read, the others would have been.
        let mark = Uuid::from_u128(fastrand::u128(..));
        self.again(live, &[first], Some(mark)).await?;
        let searched = by(deadline, reading.search_up_to(mark)).await;
        if searched.is_err() && Instant::now() < deadline {
            // A channel that confirms and does not store, or a replica that does not go on: not to be had here.
            self.link.renew(live);
        }
        self.forget_found(&reading);
        searched?;
        if reading.absent().is_empty() {
            return Ok(());
        }
        let (partition, lost_events) = (self.partition, reading.absent().len());
        warn!(partition, lost_events, "the broker lost events that it had confirmed, they are published again");
        let lost: Vec<_> = others.iter().filter(|event| reading.absent().contains(&event.id)).collect();
        for batch in lost.chunks(BATCH) {
            self.again(live, batch, None).await?;
        }
        metrics::CONFIRMED_LOST.add(u64::try_from(lost_events).unwrap_or(u64::MAX), []);
        Ok(())
    }

    /// What was found is there, and is not looked for again where others are still missing: a stream that is read slowly is
    /// read to its end all the same, in several attempts.
    fn forget_found(&mut self, reading: &ReadBack) {
        if !reading.absent().is_empty() {
            self.recent.keep_only(reading.absent());
        }
    }

    /// Publishes events again.
    async fn again(&mut self, live: &Arc<Live>, events: &[&Confirmed], mark: Option<Uuid>) -> Result<(), String> {
        let records = events.iter().filter_map(|event| message::again(self.partition, event.bytes.clone()));
        let records = records.collect();
        self.publish(live, records, mark).await.map_err(|error| error.to_string())
    }
}

/// What is read by a deadline.
async fn by<T>(deadline: Instant, reading: impl Future<Output = Result<T, ReadError>>) -> Result<T, String> {
    let read = tokio::time::timeout_at(deadline, reading).await;
    read.map_err(|_| "not read in time".to_owned())?.map_err(|error| error.to_string())
}

/// Answers appends that come while none can be published, after a moment in which they wait.
async fn refuse(waiting: &mut mpsc::Receiver<Append>, patience: Duration) {
    tokio::time::sleep(patience).await;
    while let Some(Append { answer, .. }) = waiting.recv().await {
        drop(answer.send(Err(AppendError::Unavailable)));
    }
}
