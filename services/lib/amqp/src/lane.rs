//! The publishes of one partition, gathered into batches.
//!
//! One batch of a partition is on its way at a time, of bundles those of two partitions; what comes in meanwhile makes the
//! next one. A call that comes alone is published at once. A partition that the broker does not confirm holds up no other.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use kenh_log::{AppendError, Record};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use uuid::Uuid;

use crate::{
    Config,
    batch::Batcher,
    link::{Link, Live},
    pace::Pace,
    recent::Recent,
    stream::Streams,
};

/// Appends that may wait for the batch before theirs.
const WAITING: usize = 1024;
/// Appends of one batch.
const BATCH: usize = 256;
/// A leader that dies leaves its last publishes unconfirmed until another one is elected, which takes about so long at least. A
/// broker that always takes so long is asked rarely.
const SLOW: Duration = Duration::from_millis(250);
const RARELY: Duration = Duration::from_secs(10);

/// A handle to a partition's task, which ends with the last handle.
#[derive(Debug)]
pub(crate) struct Lane {
    appends: mpsc::Sender<Append>,
    deadline: Duration,
}

pub(crate) struct Append {
    records: Vec<Record>,
    pub(crate) answer: oneshot::Sender<Result<(), AppendError>>,
}

impl Lane {
    /// The lane of a partition, over the connection's channel of the same number.
    pub(crate) fn start(partition: u32, config: Arc<Config>, link: Link, pace: Option<Pace>) -> Self {
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
            unsettled: Duration::ZERO,
        };
        tokio::spawn(writer.run(waiting, pace));
        Self { appends, deadline }
    }

    /// Publishes records in order and waits for all answers, within the confirm deadline.
    pub(crate) async fn publish(&self, records: Vec<Record>) -> Result<(), AppendError> {
        let (answer, outcome) = oneshot::channel();
        let published = async {
            self.appends.send(Append { records, answer }).await.map_err(|_| AppendError::Unavailable)?;
            outcome.await.unwrap_or(Err(AppendError::TimedOut))
        };
        tokio::time::timeout(self.deadline, published).await.unwrap_or(Err(AppendError::TimedOut))
    }
}

/// A partition's task.
pub(crate) struct Writer {
    pub(crate) partition: u32,
    batcher: Batcher,
    pub(crate) streams: Streams,
    pub(crate) link: Link,
    pub(crate) recent: Recent,
    /// The connection whose confirms are believed.
    pub(crate) trusted: Weak<Live>,
    /// Since when what was confirmed is not believed.
    pub(crate) doubted: Option<Instant>,
    /// When it was believed again.
    pub(crate) settled: Instant,
    /// How long connections that are gone were tried in vain to find that out.
    pub(crate) unsettled: Duration,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Append>, pace: Option<Pace>) {
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
            let turn = match &pace {
                Some(pace) => pace.turn().await,
                None => None,
            };
            while appends.len() < BATCH
                && let Ok(append) = waiting.try_recv()
            {
                appends.push(append);
            }
            // Nobody waits any more for what took too long to get here.
            appends.retain(|append| !append.answer.is_closed());
            let (records, answers): (Vec<_>, Vec<_>) =
                appends.drain(..).map(|Append { records, answer }| (records, answer)).unzip();
            let outcome = match self.link.live().filter(|live| self.trusts(live)) {
                Some(live) => self.publish(&live, records.into_iter().flatten().collect(), None).await,
                None => Err(AppendError::Unavailable),
            };
            drop(turn);
            for answer in answers {
                drop(answer.send(outcome.clone()));
            }
        }
    }

    pub(crate) fn trusts(&self, live: &Arc<Live>) -> bool {
        std::ptr::eq(self.trusted.as_ptr(), Arc::as_ptr(live))
    }

    /// Publishes a batch and keeps what was confirmed.
    pub(crate) async fn publish(
        &mut self,
        live: &Arc<Live>,
        records: Vec<Record>,
        mark: Option<Uuid>,
    ) -> Result<(), AppendError> {
        let batch: Vec<_> = records.iter().map(|record| (record.meta.id, record.bytes.clone())).collect();
        let begun = Instant::now();
        self.batcher.publish_in_time(live, records, mark).await?;
        let now = Instant::now();
        self.recent.confirmed(now, self.doubted, batch);
        if now - begun > SLOW && now - self.settled > RARELY {
            self.doubted.get_or_insert(begun);
        }
        Ok(())
    }
}
