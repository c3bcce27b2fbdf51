//! Putting events into the shared spool: what comes in while one transaction is under way goes into the next.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use kenh_store::{Put, Putting, Store, StoreError, Unpublished};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::SharedConfig;

/// Appends that wait for a partition's turn.
const WAITING: usize = 256;
/// Bytes of a transaction, but for its first append.
const BYTES: usize = 1 << 20;
/// How long the store is left alone after it did not answer in time.
const SILENT: Duration = Duration::from_secs(1);
/// How soon a partition that is being opened is asked for again, and for how long: then it is not opened.
const AGAIN: Duration = Duration::from_millis(10);
const CLOSED: Duration = Duration::from_millis(700);

/// A way to the task that puts.
#[derive(Debug)]
pub(super) struct Queue(mpsc::Sender<Item>);

#[derive(Debug)]
struct Item {
    events: Vec<Unpublished>,
    putting: Putting,
    answer: oneshot::Sender<Result<Put, StoreError>>,
}

impl Item {
    fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.event.len()).sum()
    }
}

impl Queue {
    /// Starts the task of a partition. It ends when nobody can reach it any more.
    pub(super) fn start(partition: u32, store: Arc<dyn Store>, config: &SharedConfig) -> Self {
        let (items, waiting) = mpsc::channel(WAITING);
        let (most, patience) = (config.max_bytes, config.store_timeout);
        tokio::spawn(Putter { partition, store, most, patience, silent_until: None }.work(waiting));
        Self(items)
    }

    /// Keeps events behind those for which this was called before.
    pub(super) async fn put(&self, events: Vec<Unpublished>, putting: Putting) -> Result<Put, StoreError> {
        let ended = || StoreError("the process is stopping".into());
        let (answer, answered) = oneshot::channel();
        self.0.send(Item { events, putting, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

struct Putter {
    partition: u32,
    store: Arc<dyn Store>,
    most: u64,
    patience: Duration,
    /// The store did not answer; it is asked again then.
    silent_until: Option<Instant>,
}

impl Putter {
    async fn work(mut self, mut waiting: mpsc::Receiver<Item>) {
        let (mut received, mut items) = (Vec::new(), VecDeque::new());
        while !items.is_empty() || waiting.recv_many(&mut received, WAITING).await > 0 {
            items.extend(received.drain(..));
            let mut bytes = 0;
            let fits = items.iter().enumerate().take_while(|(number, item)| {
                bytes += item.bytes();
                *number == 0 || bytes <= BYTES
            });
            let count = fits.count();
            let (mut events, mut answers, mut putting) = (Vec::new(), Vec::new(), Putting::Behind);
            for item in items.drain(..count) {
                events.extend(item.events);
                answers.push(item.answer);
                if item.putting == Putting::Failed {
                    putting = Putting::Failed;
                }
            }
            let put = self.put(&events, putting).await;
            for answer in answers {
                // Whose call was broken off does not wait for it.
                drop(answer.send(put.clone()));
            }
        }
    }

    async fn put(&mut self, events: &[Unpublished], mut putting: Putting) -> Result<Put, StoreError> {
        let late = || Err(StoreError(format!("no answer within {:?}", self.patience)));
        if self.silent_until.is_some_and(|until| until > Instant::now()) {
            return late();
        }
        let until = Instant::now() + CLOSED;
        loop {
            let put = tokio::time::timeout(self.patience, self.store.spool(self.partition, events, putting, self.most));
            match put.await {
                Ok(Ok(Put::Closing)) if Instant::now() < until => tokio::time::sleep(AGAIN).await,
                Ok(Ok(Put::Closing)) => putting = Putting::Failed,
                Ok(put) => return put,
                Err(_) => {
                    self.silent_until = Some(Instant::now() + SILENT);
                    return late();
                }
            }
        }
    }
}
