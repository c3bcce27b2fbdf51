//! The publishes of one partition, gathered into batches.
//!
//! One batch of a partition is on its way at a time; what comes in meanwhile makes the next one. A call that comes
//! alone is published at once. A partition that the broker does not confirm holds up no other.
//!
//! **When confirms are in doubt**, because the connection is another one or a confirm took long, the last confirmed events
//! are read back before anything else is published: RabbitMQ may lose confirmed events of a stream whose leader dies. Those
//! that are not there are published again, in order. Appends wait for that a moment, then they fail. A replica that is read
//! may be behind; what seems to be lost is lost when the first of it, published again, was read and the others were not.

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

use kenh_log::{AppendError, ReadError};
use kenh_runtime::metrics;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tracing::warn;
use uuid::Uuid;

use crate::{
    Config,
    batch::Batcher,
    link::{Link, Live},
    message::Message,
    readback::ReadBack,
    recent::{Confirmed, Recent},
    stream::Streams,
};

/// Appends that may wait for the batch before theirs.
const WAITING: usize = 1024;
/// Appends of one batch, and events of one that is published again.
const BATCH: usize = 256;
/// A leader dies and another one is elected in no less. A broker that always takes so long is asked rarely.
const SLOW: Duration = Duration::from_millis(250);
const RARELY: Duration = Duration::from_secs(10);
/// For reading the last events back once.
const READ_BACK: Duration = Duration::from_secs(10);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(300);
/// Appends wait for it so long, and fail at once after that.
const PATIENCE: Duration = Duration::from_millis(500);
/// A partition is not kept waiting for longer because the broker cannot be read.
const GIVES_UP: Duration = Duration::from_secs(30);

/// A handle to a partition's task, which ends with the last handle.
#[derive(Debug)]
pub(crate) struct Lane {
    appends: mpsc::Sender<Append>,
    deadline: Duration,
}

struct Append {
    messages: Vec<Message>,
    answer: oneshot::Sender<Result<(), AppendError>>,
}

impl Lane {
    /// The lane of a partition, over the connection's channel of the same number.
    pub(crate) fn start(partition: u32, config: Arc<Config>, link: Link) -> Self {
        let (appends, waiting) = mpsc::channel(WAITING);
        let deadline = config.confirm_timeout;
        let writer = Writer {
            partition,
            batcher: Batcher::new(partition, config.clone(), link.clone()),
            recent: Recent::of(config.partitions),
            streams: Streams::new(config, link.clone()),
            link,
            trusted: Weak::new(),
            doubted: None,
            settled: Instant::now(),
        };
        tokio::spawn(writer.run(waiting));
        Self { appends, deadline }
    }

    /// Publishes messages in order and waits for all answers, within the confirm deadline.
    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<(), AppendError> {
        let (answer, outcome) = oneshot::channel();
        let published = async {
            self.appends.send(Append { messages, answer }).await.map_err(|_| AppendError::Unavailable)?;
            outcome.await.unwrap_or(Err(AppendError::TimedOut))
        };
        tokio::time::timeout(self.deadline, published).await.unwrap_or(Err(AppendError::TimedOut))
    }
}

struct Writer {
    partition: u32,
    batcher: Batcher,
    streams: Streams,
    link: Link,
    recent: Recent,
    /// The connection whose confirms are believed.
    trusted: Weak<Live>,
    /// Since when what was confirmed is not believed.
    doubted: Option<Instant>,
    /// When it was believed again.
    settled: Instant,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Append>) {
        let (mut appends, mut changes) = (Vec::with_capacity(BATCH), self.link.changes());
        loop {
            self.settle(&mut waiting).await;
            tokio::select! {
                // Looked at without an append too: what was lost is not to wait for one.
                biased;
                Ok(()) = changes.changed() => continue,
                count = waiting.recv_many(&mut appends, BATCH) => if count == 0 {
                    return;
                },
            }
            // Nobody waits any more for what took too long to get here.
            appends.retain(|append| !append.answer.is_closed());
            let (messages, answers): (Vec<_>, Vec<_>) =
                appends.drain(..).map(|Append { messages, answer }| (messages, answer)).unzip();
            let outcome = match self.link.live().filter(|live| self.trusts(live)) {
                Some(live) => self.publish(&live, messages.into_iter().flatten().collect()).await,
                None => Err(AppendError::Unavailable),
            };
            for answer in answers {
                drop(answer.send(outcome.clone()));
            }
        }
    }

    fn trusts(&self, live: &Arc<Live>) -> bool {
        std::ptr::eq(self.trusted.as_ptr(), Arc::as_ptr(live))
    }

    async fn publish(&mut self, live: &Arc<Live>, messages: Vec<Message>) -> Result<(), AppendError> {
        let batch: Vec<_> = messages.iter().map(|message| (message.id, message.bytes.clone())).collect();
        let begun = Instant::now();
        self.batcher.publish_in_time(live, messages).await?;
        let now = Instant::now();
        self.recent.confirmed(now, batch);
        if now - begun > SLOW && now - self.settled > RARELY {
            self.doubted = Some(begun);
        }
        Ok(())
    }

    /// Makes sure that what was confirmed is there, where that is in doubt and there is a connection.
    async fn settle(&mut self, waiting: &mut mpsc::Receiver<Append>) {
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
        while let Err(reason) = tokio::select! {
            settled = self.settle_on(&live) => settled,
            // Ends with the last handle, as the task does then.
            () = refuse(waiting, patience) => return,
        } {
            let now_live = self.link.live();
            if now_live.is_none_or(|now| !Arc::ptr_eq(&now, &live)) {
                return;
            }
            patience = patience.saturating_sub(begun.elapsed());
            if begun.elapsed() > GIVES_UP {
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
    }

    /// Reads the last confirmed events back, and publishes those again that the broker does not hold.
    async fn settle_on(&mut self, live: &Arc<Live>) -> Result<(), String> {
        let wanted: HashSet<_> = self.recent.events().map(|event| event.id).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let age = self.recent.age(Instant::now());
        let looking = async {
            let mut reading = ReadBack::of(&self.streams, self.partition, wanted, age).await?;
            reading.search().await?;
            Ok::<_, ReadError>(reading)
        };
        let mut reading = in_time(looking).await?;
        let absent = |event: &&Confirmed, reading: &ReadBack| reading.absent().contains(&event.id);
        let Some(first) = self.recent.events().find(|event| absent(event, &reading)) else { return Ok(()) };
        // The oldest of them is published again already: where it is read, the others would have been.
        let (mark, first) = (Uuid::from_u128(fastrand::u128(..)), first.clone());
        self.again(live, &[&first], Some(mark)).await?;
        if let Err(reason) = in_time(reading.search_up_to(mark)).await {
            // A channel that confirms and does not store, or a replica that does not go on: not to be had here.
            self.link.renew(live);
            return Err(reason);
        }
        if reading.absent().is_empty() {
            return Ok(());
        }
        let mut absent = reading.absent().clone();
        let lost: Vec<_> = self.recent.events().filter(|event| absent.remove(&event.id)).cloned().collect();
        let (partition, lost_events) = (self.partition, lost.len());
        warn!(partition, lost_events, "the broker lost events that it had confirmed, they are published again");
        let rest: Vec<_> = lost.iter().filter(|event| event.id != first.id).collect();
        for batch in rest.chunks(BATCH) {
            self.again(live, batch, None).await?;
        }
        metrics::CONFIRMED_LOST.add(u64::try_from(lost_events).unwrap_or(u64::MAX), []);
        Ok(())
    }

    /// Publishes events again.
    async fn again(&mut self, live: &Arc<Live>, events: &[&Confirmed], mark: Option<Uuid>) -> Result<(), String> {
        let messages = events.iter().filter_map(|event| {
            let message = Message::again(self.partition, event.bytes.clone())?;
            Some(match mark {
                Some(mark) => message.marked(mark),
                None => message,
            })
        });
        let messages = messages.collect();
        self.publish(live, messages).await.map_err(|error| error.to_string())
    }
}

/// What is read, in time.
async fn in_time<T>(reading: impl Future<Output = Result<T, ReadError>>) -> Result<T, String> {
    let read = tokio::time::timeout(READ_BACK, reading).await;
    read.map_err(|_| "not read in time".to_owned())?.map_err(|error| error.to_string())
}

/// Answers appends that come while none can be published, after a moment in which they wait.
async fn refuse(waiting: &mut mpsc::Receiver<Append>, patience: Duration) {
    tokio::time::sleep(patience).await;
    while let Some(Append { answer, .. }) = waiting.recv().await {
        drop(answer.send(Err(AppendError::Unavailable)));
    }
}
