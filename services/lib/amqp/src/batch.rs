//! One batch of a partition's events, handed to the broker and waited for.
//!
//! **Whose answer it is.** The broker says of a message that no queue takes that it returns it, and confirms it; the
//! client lets the next confirm of that channel carry the return, whichever message that is for. It also numbers a
//! message and queues it in two steps, between which another task may do the same. So each partition has a channel and
//! one task that uses it, and a batch succeeds or fails as a whole: no message is taken for stored because of an
//! answer that was another's. What is published again for a neighbour's sake has the same id.

use std::{
    future::{Future as _, poll_fn},
    sync::Arc,
    task::Poll,
};

use futures_util::future::maybe_done;
use kenh_log::{AppendError, Record};
use lapin::{Channel, Confirmation, PublisherConfirm, options::BasicPublishOptions};
use tracing::debug;
use uuid::Uuid;

use crate::{
    Config,
    link::{Link, Live},
    message::Message,
};

/// Publishes on one partition's channel.
pub(crate) struct Batcher {
    partition: u32,
    config: Arc<Config>,
    link: Link,
}

impl Batcher {
    pub(crate) fn new(partition: u32, config: Arc<Config>, link: Link) -> Self {
        Self { partition, config, link }
    }

    /// Publishes events in order and waits for all answers, within the confirm deadline. A mark is on each message.
    pub(crate) async fn publish_in_time(
        &self,
        live: &Arc<Live>,
        records: Vec<Record>,
        mark: Option<Uuid>,
    ) -> Result<(), AppendError> {
        let messages = Message::of(records, self.partition, self.config.messages).into_iter();
        let messages = messages.map(|message| match mark {
            Some(mark) => message.marked(mark),
            None => message,
        });
        let messages = messages.collect();
        let published = tokio::time::timeout(self.config.confirm_timeout, self.publish(live, messages)).await;
        published.unwrap_or_else(|_| {
            // A channel that lives through the death of a stream's leader is not to be believed any more: RabbitMQ 3.10
            // was seen to go on confirming on it what no replica of the stream held.
            self.link.renew(live);
            Err(AppendError::TimedOut)
        })
    }

    async fn publish(&self, live: &Arc<Live>, messages: Vec<Message>) -> Result<(), AppendError> {
        // What is published now would wait in this process until the broker is well again.
        if live.connection.status().blocked() {
            return Err(AppendError::Blocked);
        }
        let channel =
            live.channels.get(usize::try_from(self.partition).unwrap_or(usize::MAX)).ok_or(AppendError::Unavailable)?;
        let mut publishes: Vec<_> =
            messages.into_iter().map(|message| Box::pin(maybe_done(self.send(channel, message)))).collect();
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
