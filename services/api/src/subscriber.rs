//! One event stream.

use std::{sync::Arc, time::Duration};

use kenh_log::{Entry, EventLog, Filter};
use kenh_proto::server as v1;
use kenh_runtime::{metrics, trace};
use tokio::{
    sync::{mpsc, watch},
    time::{Interval, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use v1::subscribe_response::Response;

use crate::{Hub, cursor::Position, drain::reconnect_after, request, status, view::View};

/// Events and bytes of one batch.
const BATCH_MESSAGES: usize = 100;
const BATCH_BYTES: usize = 256 << 10;

/// Responses on their way to the transport. Two: one being sent, one being made.
pub(crate) type Outbox = mpsc::Sender<Result<v1::SubscribeResponse, Status>>;

/// A stream and where it stands.
pub(crate) struct Subscriber {
    pub(crate) hub: Hub,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) filter: Filter,
    pub(crate) view: View,
    pub(crate) position: Position,
    pub(crate) consumer: String,
    pub(crate) credit: Credit,
    pub(crate) heartbeat: Duration,
    pub(crate) outbox: Outbox,
}

/// What may still be sent; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credit {
    pub(crate) messages: Option<u64>,
    pub(crate) bytes: Option<u64>,
}

impl Credit {
    fn is_spent(self) -> bool {
        self.messages == Some(0) || self.bytes == Some(0)
    }

    /// An event larger than what is left is still sent while anything is left.
    fn spend(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.messages = self.messages.map(|left| left.saturating_sub(1));
        self.bytes = self.bytes.map(|left| left.saturating_sub(bytes));
    }

    fn grant(&mut self, credit: v1::Credit) {
        self.messages = self.messages.map(|left| left.saturating_add(credit.messages.into()));
        self.bytes = self.bytes.map(|left| left.saturating_add(credit.bytes));
    }
}

/// What the client says while the stream runs.
#[derive(Debug)]
pub(crate) enum Signal {
    /// More may be sent.
    Credit(v1::Credit),
    /// It said something that ends the stream.
    Refuse(Status),
}

/// Why a stream ends.
enum End {
    /// The client has gone.
    Gone,
    /// The client is told.
    Failed(Status),
    /// The server goes away.
    Drain,
}

impl Subscriber {
    /// Sends events until the client goes, something fails, or the server stops.
    pub(crate) async fn run(mut self, mut signals: mpsc::Receiver<Signal>, stop: CancellationToken) {
        let _open = metrics::STREAMS.hold();
        let end = tokio::select! {
            () = stop.cancelled() => End::Drain,
            end = self.send_events(&mut signals) => end,
        };
        match end {
            End::Gone => {}
            End::Failed(status) => drop(self.outbox.send(Err(status)).await),
            End::Drain => {
                let drain = self.send(Response::Drain(v1::Drain { reconnect_after: reconnect_after() }));
                // A client that does not read is not waited for.
                drop(tokio::time::timeout(Duration::from_secs(2), drain).await);
            }
        }
    }

    async fn send_events(&mut self, signals: &mut mpsc::Receiver<Signal>) -> End {
        let mut changes = self.hub.changes();
        let mut beat = tokio::time::interval(self.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        loop {
            changes.mark_unchanged();
            while let Ok(signal) = signals.try_recv() {
                if let Err(end) = self.obey(signal) {
                    return end;
                }
            }
            let sent = match self.send_round().await {
                Ok(sent) => sent,
                Err(end) => return end,
            };
            if sent && self.beat_when_due(&mut beat).await.is_ok() {
                continue;
            }
            if let Err(end) = self.wait(&mut changes, signals, &mut beat).await {
                return end;
            }
        }
    }

    /// Goes once around the partitions. Whether there may be more.
    async fn send_round(&mut self) -> Result<bool, End> {
        let mut more = false;
        for number in 0..self.hub.partitions() {
            if self.credit.is_spent() {
                return Ok(false);
            }
            let index = usize::try_from(number).unwrap_or(usize::MAX);
            let from = self.position.of(index);
            let portion = match self.hub.next(number, from, &self.filter).await {
                Ok(portion) => portion,
                Err(error) => return Err(End::Failed(request::read_failed(error, &*self.log).await)),
            };
            let all = self.send_entries(index, portion.entries).await?;
            if all {
                more |= portion.next > from;
                self.position.advance(index, portion.next);
            }
        }
        Ok(more)
    }

    /// Sends entries in batches. Whether credit sufficed for all of them.
    async fn send_entries(&mut self, partition: usize, entries: Vec<Arc<Entry>>) -> Result<bool, End> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        for entry in entries {
            if self.credit.is_spent() {
                self.send_batch(batch).await?;
                return Ok(false);
            }
            self.credit.spend(entry.bytes.len());
            self.position.advance(partition, entry.offset + 1);
            trace::delivered(entry.meta.traceparent.as_deref(), &self.consumer);
            bytes += entry.bytes.len();
            batch.push(delivery(&self.view, &entry, &self.position));
            if batch.len() >= BATCH_MESSAGES || bytes >= BATCH_BYTES {
                self.send_batch(std::mem::take(&mut batch)).await?;
                bytes = 0;
            }
        }
        self.send_batch(batch).await?;
        Ok(true)
    }

    async fn send_batch(&self, deliveries: Vec<v1::Delivery>) -> Result<(), End> {
        if deliveries.is_empty() {
            return Ok(());
        }
        metrics::EVENTS_DELIVERED.add(u64::try_from(deliveries.len()).unwrap_or_default(), []);
        self.send(Response::Batch(v1::Batch { deliveries })).await
    }

    /// Waits for something to do.
    async fn wait(
        &mut self,
        changes: &mut watch::Receiver<u64>,
        signals: &mut mpsc::Receiver<Signal>,
        beat: &mut Interval,
    ) -> Result<(), End> {
        let spent = self.credit.is_spent();
        tokio::select! {
            version = changes.changed(), if !spent => version.map_err(|_| End::Drain),
            // None: the client sends no more requests, which does not end its stream.
            signal = signals.recv(), if !(signals.is_closed() && signals.is_empty()) => {
                signal.map_or(Ok(()), |signal| self.obey(signal))
            }
            _ = beat.tick() => self.send_heartbeat().await,
            () = self.outbox.closed() => Err(End::Gone),
        }
    }

    fn obey(&mut self, signal: Signal) -> Result<(), End> {
        match signal {
            Signal::Credit(credit) => {
                self.credit.grant(credit);
                Ok(())
            }
            Signal::Refuse(status) => Err(End::Failed(status)),
        }
    }

    async fn beat_when_due(&self, beat: &mut Interval) -> Result<(), End> {
        let due = std::future::poll_fn(|cx| std::task::Poll::Ready(beat.poll_tick(cx).is_ready())).await;
        if due { self.send_heartbeat().await } else { Ok(()) }
    }

    async fn send_heartbeat(&self) -> Result<(), End> {
        let heads = self.hub.heads().await.map_err(|error| End::Failed(status::unreadable(&error)))?;
        let behind = heads.iter().zip(&self.position.0).map(|(head, offset)| self.hub.events_between(*offset, *head));
        let lag = behind.sum();
        self.send(Response::Heartbeat(v1::Heartbeat { cursor: self.position.cursor(), lag })).await
    }

    async fn send(&self, response: Response) -> Result<(), End> {
        let response = v1::SubscribeResponse { response: Some(response) };
        self.outbox.send(Ok(response)).await.map_err(|_| End::Gone)
    }
}

/// An entry as it is sent to who may see it. The envelope's bytes are shared, not copied.
pub(crate) fn delivery(view: &View, entry: &Entry, position: &Position) -> v1::Delivery {
    v1::Delivery { envelope: view.envelope(entry), cursor: position.cursor(), attempt: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kenh_log::{contract::record, embedded};

    async fn first_delivery(log: &Arc<dyn EventLog>, hub: &Hub) -> v1::Delivery {
        let (outbox, mut responses) = mpsc::channel(2);
        let (_signals, signalled) = mpsc::channel(1);
        let subscriber = Subscriber {
            hub: hub.clone(),
            log: log.clone(),
            filter: Filter::default(),
            view: View::own(),
            position: Position(vec![0]),
            consumer: String::new(),
            credit: Credit { messages: None, bytes: None },
            heartbeat: Duration::from_secs(60),
            outbox,
        };
        tokio::spawn(subscriber.run(signalled, CancellationToken::new()));
        let response = responses.recv().await.unwrap().unwrap().response;
        let Some(Response::Batch(mut batch)) = response else { panic!("no event but {response:?}") };
        batch.deliveries.remove(0)
    }

    #[tokio::test]
    async fn all_subscribers_send_the_same_bytes_of_an_event_which_was_encoded_once() {
        let folder = tempfile::tempdir().unwrap();
        let config = embedded::Config {
            folder: folder.path().into(),
            partitions: 1,
            max_age: Duration::from_secs(60),
            max_bytes: 1 << 20,
            now: || std::time::UNIX_EPOCH,
        };
        let log: Arc<dyn EventLog> = Arc::new(embedded::EmbeddedLog::open(&config).unwrap());
        let stop = CancellationToken::new();
        let hub = Hub::start(log.clone(), 1 << 20, &stop);
        hub.opened().await;
        let stored = record(0, 1, 7);
        log.append(vec![stored.clone()]).await.unwrap();
        let first = first_delivery(&log, &hub).await;
        assert_eq!(first.envelope, stored.bytes);
        for _ in 0..10 {
            let further = first_delivery(&log, &hub).await;
            assert_eq!(further.envelope.as_ptr(), first.envelope.as_ptr(), "the bytes themselves, not equal ones");
        }
        stop.cancel();
    }
}
