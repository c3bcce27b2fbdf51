//! The publishes of one partition, gathered into batches.
//!
//! One batch of a partition is on its way at a time; what comes in meanwhile makes the next one. A call that comes
//! alone is published at once. A partition that the broker does not confirm holds up no other.
//!
//! **When confirms are in doubt**, because the connection is another one or a confirm took long, the last confirmed events
//! are read back before anything else is published: RabbitMQ may lose confirmed events of a stream whose leader dies. Those
//! that are not there are published again, in order. Appends wait for that a moment, then they fail.

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

use kenh_log::AppendError;
use kenh_runtime::metrics;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tracing::{info, warn};

use crate::{
    Config,
    batch::Batcher,
    link::{Link, Live},
    message::Message,
    recent::{Confirmed, Recent},
    stream::Streams,
};

/// Appends that may wait for the batch before theirs.
const WAITING: usize = 1024;
/// Appends of one batch, and events of one that is published again.
const BATCH: usize = 256;
/// A leader dies and another one is elected in no less. A broker that always takes so long is asked rarely.
const SLOW: Duration = Duration::from_millis(250);
const RARELY: Duration = Duration::from_secs(5);
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
        let ids: HashSet<_> = self.recent.events().map(|event| event.id).collect();
        let (kept, age) = (ids.len(), self.recent.age(Instant::now()));
        if kept == 0 {
            return Ok(());
        }
        let absent = tokio::time::timeout(READ_BACK, self.streams.absent(self.partition, ids, age)).await;
        let absent = absent.map_err(|_| "not read in time".to_owned())?.map_err(|error| error.to_string())?;
        if absent.is_empty() {
            return Ok(());
        }
        if self.trusts(live) {
            // Its channel does not do what it says.
            self.link.renew(live);
            return Err("confirmed events are missing".into());
        }
        let lost: Vec<_> = self.recent.events().filter(|event| absent.contains(&event.id)).cloned().collect();
        warn!(
            partition = self.partition,
            lost = lost.len(),
            kept,
            "the broker lost events that it had confirmed, publishing them again"
        );
        for batch in lost.chunks(BATCH) {
            let again = |Confirmed { bytes, .. }: &Confirmed| Message::again(self.partition, bytes.clone());
            let messages: Vec<_> = batch.iter().filter_map(again).collect();
            let count = u64::try_from(messages.len()).unwrap_or(u64::MAX);
            self.publish(live, messages).await.map_err(|error| error.to_string())?;
            metrics::CONFIRMED_LOST.add(count, []);
        }
        info!(partition = self.partition, "they are there again");
        Ok(())
    }
}

/// Answers appends that come while none can be published, after a moment in which they wait.
async fn refuse(waiting: &mut mpsc::Receiver<Append>, patience: Duration) {
    tokio::time::sleep(patience).await;
    while let Some(Append { answer, .. }) = waiting.recv().await {
        drop(answer.send(Err(AppendError::Unavailable)));
    }
}
