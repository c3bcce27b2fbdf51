//! Work queues: how those who send are told, across processes, that there is something to send.
//!
//! A hint names an outbound message. What it holds and whose turn it is stand in the state store, which is the truth: a hint
//! that is lost costs time, not a message, and one that comes twice costs nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::{AppendError, ReadError};

/// Hints for one channel that may wait in memory.
const WAITING: usize = 4096;

/// Queues of hints, one for each channel.
#[async_trait]
pub trait WorkQueue: Send + Sync + 'static {
    /// Puts a hint into a channel's queue.
    async fn push(&self, channel: &str, id: Uuid) -> Result<(), AppendError>;

    /// Takes a channel's hints until the receiver is dropped. It closes when the engine cannot go on; take again.
    async fn take(&self, channel: &str) -> Result<mpsc::Receiver<Hint>, ReadError>;
}

/// An outbound message to look at. Dropped, it is done; a process that dies with it leaves it to another one.
#[derive(Debug)]
pub struct Hint {
    /// The message.
    pub id: Uuid,
    /// Told when the hint is dropped.
    _done: Option<oneshot::Sender<()>>,
}

impl Hint {
    /// A hint; the receiver ends when it is done with.
    pub fn new(id: Uuid) -> (Self, oneshot::Receiver<()>) {
        let (done, over) = oneshot::channel();
        (Self { id, _done: Some(done) }, over)
    }
}

/// The queues of a single process. Hints of a full queue are dropped: whoever sends looks into the store as well.
#[derive(Debug, Default)]
pub struct LocalQueue(Mutex<HashMap<String, mpsc::Sender<Hint>>>);

#[async_trait]
impl WorkQueue for LocalQueue {
    async fn push(&self, channel: &str, id: Uuid) -> Result<(), AppendError> {
        let queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(channel) {
            drop(queue.try_send(Hint { id, _done: None }));
        }
        Ok(())
    }

    async fn take(&self, channel: &str) -> Result<mpsc::Receiver<Hint>, ReadError> {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(channel.into(), sender);
        Ok(receiver)
    }
}
