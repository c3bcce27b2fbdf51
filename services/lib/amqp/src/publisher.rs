//! Publishing that only succeeds when a queue holds the message.

use std::sync::Arc;

use futures_util::future::join_all;
use kenh_log::{AppendError, Record};
use lapin::{Confirmation, options::BasicPublishOptions};
use tracing::debug;

use crate::{
    Config,
    link::{Link, Live},
    message,
};

#[derive(Debug)]
pub(crate) struct Publisher {
    config: Arc<Config>,
    link: Link,
}

impl Publisher {
    pub(crate) fn new(config: Arc<Config>, link: Link) -> Self {
        Self { config, link }
    }

    /// Publishes records in order and waits for all answers, within the confirm deadline.
    pub(crate) async fn publish(&self, records: &[Record]) -> Result<(), AppendError> {
        let live = self.link.live().ok_or(AppendError::Unavailable)?;
        let publishing = tokio::time::timeout(self.config.confirm_timeout, self.publish_all(&live, records)).await;
        publishing.unwrap_or_else(|_| {
            // A channel that lives through the death of a stream's leader is not to be believed any more: RabbitMQ 3.10
            // was seen to go on confirming on it what no replica of the stream held.
            self.link.renew(&live);
            Err(AppendError::TimedOut)
        })
    }

    async fn publish_all(&self, live: &Arc<Live>, records: &[Record]) -> Result<(), AppendError> {
        // What is published now would wait in this process until the broker is well again.
        if live.connection.status().blocked() {
            return Err(AppendError::Blocked);
        }
        let channel = live.channel.as_ref().ok_or(AppendError::Unavailable)?;
        let lost = |error: lapin::Error| {
            debug!(%error, "publishing failed");
            self.link.renew(live);
            AppendError::Lost
        };
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let mut confirms = Vec::with_capacity(records.len());
        for record in records {
            let (key, properties) = (message::routing_key(record), message::properties(&record.meta));
            let exchange = self.config.exchange.as_str().into();
            confirms.push(
                channel.basic_publish(exchange, key.into(), options, &record.bytes, properties).await.map_err(lost)?,
            );
        }
        for confirmation in join_all(confirms).await {
            match confirmation.map_err(lost)? {
                Confirmation::Ack(None) => {}
                // Acknowledged, and no queue holds it.
                Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => return Err(AppendError::Unroutable),
                Confirmation::Nack(None) | Confirmation::NotRequested => return Err(AppendError::Refused),
            }
        }
        Ok(())
    }
}
