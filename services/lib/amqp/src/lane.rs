//! The publishes of one partition, gathered into batches.
//!
//! One batch of a partition is on its way at a time; what comes in meanwhile makes the next one. A call that comes
//! alone is published at once. A partition that the broker does not confirm holds up no other.
//!
//! **Whose answer it is.** The broker says of a message that no queue takes that it returns it, and confirms it; the
//! client lets the next confirm of that channel carry the return, whichever message that is for. It also numbers a
//! message and queues it in two steps, between which another task may do the same. So each lane has a channel and
//! one task that uses it, and a batch succeeds or fails as a whole: no message is taken for stored because of an
//! answer that was another's. What is published again for a neighbour's sake has the same id.

use std::{
    future::{Future as _, poll_fn},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use futures_util::future::maybe_done;
use kenh_log::AppendError;
use lapin::{Channel, Confirmation, PublisherConfirm, options::BasicPublishOptions};
use tokio::sync::{mpsc, oneshot};
use tracing::debug;

use crate::{
    Config,
    link::{Link, Live},
    message::Message,
};

/// Appends that may wait for the batch before theirs.
const WAITING: usize = 1024;
/// Appends of one batch.
const BATCH: usize = 256;

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
    /// A lane over the connection's channel of that number.
    pub(crate) fn start(channel: usize, config: Arc<Config>, link: Link) -> Self {
        let (appends, waiting) = mpsc::channel(WAITING);
        let deadline = config.confirm_timeout;
        tokio::spawn(Writer { channel, config, link }.run(waiting));
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
    channel: usize,
    config: Arc<Config>,
    link: Link,
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Append>) {
        let mut appends = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut appends, BATCH).await > 0 {
            // Nobody waits any more for what took too long to get here.
            appends.retain(|append| !append.answer.is_closed());
            let (messages, answers): (Vec<_>, Vec<_>) =
                appends.drain(..).map(|Append { messages, answer }| (messages, answer)).unzip();
            let outcome = self.publish_in_time(messages.into_iter().flatten()).await;
            for answer in answers {
                drop(answer.send(outcome.clone()));
            }
        }
    }

    async fn publish_in_time(&self, messages: impl Iterator<Item = Message>) -> Result<(), AppendError> {
        let live = self.link.live().ok_or(AppendError::Unavailable)?;
        let published = tokio::time::timeout(self.config.confirm_timeout, self.publish(&live, messages)).await;
        published.unwrap_or_else(|_| {
            // A channel that lives through the death of a stream's leader is not to be believed any more: RabbitMQ 3.10
            // was seen to go on confirming on it what no replica of the stream held.
            self.link.renew(&live);
            Err(AppendError::TimedOut)
        })
    }

    async fn publish(&self, live: &Arc<Live>, messages: impl Iterator<Item = Message>) -> Result<(), AppendError> {
        // What is published now would wait in this process until the broker is well again.
        if live.connection.status().blocked() {
            return Err(AppendError::Blocked);
        }
        let channel = live.channels.get(self.channel).ok_or(AppendError::Unavailable)?;
        let mut publishes: Vec<_> = messages.map(|message| Box::pin(maybe_done(self.send(channel, message)))).collect();
        // All are handed to the client, in order, before the first is waited for.
        poll_fn(|context| {
            for publish in &mut publishes {
                let (Poll::Ready(()) | Poll::Pending) = publish.as_mut().poll(context);
            }
            Poll::Ready(())
        })
        .await;
        // One after the other: most have happened by the time the first has, and wake nobody.
        let mut confirms = Vec::with_capacity(publishes.len());
        for publish in &mut publishes {
            publish.as_mut().await;
            confirms.extend(publish.as_mut().take_output());
        }
        let mut outcome = Ok(());
        for confirm in confirms {
            outcome = outcome.and(self.confirmed(live, confirm).await);
        }
        outcome
    }

    async fn send(&self, channel: &Channel, message: Message) -> lapin::Result<PublisherConfirm> {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let Message { key, properties, bytes } = message;
        channel.basic_publish(self.config.exchange.as_str().into(), key, options, &bytes, properties).await
    }

    async fn confirmed(&self, live: &Arc<Live>, published: lapin::Result<PublisherConfirm>) -> Result<(), AppendError> {
        let lost = |error: lapin::Error| {
            debug!(%error, "publishing failed");
            self.link.renew(live);
            AppendError::Lost
        };
        match published.map_err(lost)?.await.map_err(lost)? {
            Confirmation::Ack(None) => Ok(()),
            // Acknowledged, and no queue holds it.
            Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => Err(AppendError::Unroutable),
            Confirmation::Nack(None) | Confirmation::NotRequested => Err(AppendError::Refused),
        }
    }
}
