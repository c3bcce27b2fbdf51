//! Work queues: a quorum queue of hints for each channel.
//!
//! A hint is sixteen bytes, the id of an outbound message; what is to be done stands in the state store. Only one consumer
//! of a queue is served at a time (`x-single-active-consumer`), and a queue that nobody reads drops its oldest hints.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use kenh_log::{AppendError, Hint, ReadError, WorkQueue};
use lapin::{
    BasicProperties, Channel, Confirmation,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{Config, Topology, attached::lost, link::Link};

/// Hints in one dispatcher's hands.
const IN_HAND: u16 = 256;
/// Hints a queue keeps.
const MOST_HINTS: i64 = 1_000_000;
const PERSISTENT: u8 = 2;

/// The work queues in RabbitMQ.
#[derive(Debug, Clone)]
pub struct AmqpWork {
    pub(crate) config: Arc<Config>,
    pub(crate) publishing: Link,
    pub(crate) reading: Link,
    pub(crate) open: Arc<Mutex<Option<Open>>>,
}

/// A channel to publish on, and the queues that are known to be there.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    channel: Channel,
    declared: HashSet<String>,
}

#[async_trait]
impl WorkQueue for AmqpWork {
    async fn push(&self, channel: &str, id: Uuid) -> Result<(), AppendError> {
        let queue = self.config.work_queue(channel);
        let open = self.publishing_channel(&queue).await?;
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties =
            BasicProperties::default().with_delivery_mode(PERSISTENT).with_message_id(id.to_string().into());
        let published = open.basic_publish("".into(), queue.into(), options, id.as_bytes(), properties).await;
        match published.map_err(|_| AppendError::Lost)?.await.map_err(|_| AppendError::Lost)? {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(_)) => Err(AppendError::Unroutable),
            Confirmation::Nack(_) | Confirmation::NotRequested => Err(AppendError::Refused),
        }
    }

    async fn take(&self, channel: &str) -> Result<mpsc::Receiver<Hint>, ReadError> {
        let unavailable = |error: lapin::Error| ReadError::Unavailable(error.to_string());
        let live = self.reading.live().ok_or_else(|| ReadError::Unavailable("no connection to the broker".into()))?;
        let (link, on) = (self.reading.clone(), Arc::downgrade(&live));
        let opened = async {
            let open = live.connection.create_channel().await?;
            let queue = self.config.work_queue(channel);
            declare(&open, &self.config, &queue).await?;
            open.basic_qos(IN_HAND, BasicQosOptions::default()).await?;
            let options = BasicConsumeOptions::default();
            let consumer = open.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await?;
            Ok((open, consumer))
        };
        let (open, consumer) = link.while_up(&on, opened).await.ok_or_else(lost)?.map_err(unavailable)?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move { link.while_up(&on, hand_over(open, consumer, sender)).await });
        Ok(receiver)
    }
}

impl AmqpWork {
    async fn open_channel(&self) -> Result<Open, AppendError> {
        let live = self.publishing.live().ok_or(AppendError::Unavailable)?;
        let channel = live.connection.create_channel().await.map_err(|_| AppendError::Lost)?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(|_| AppendError::Lost)?;
        Ok(Open { channel, declared: HashSet::new() })
    }

    async fn publishing_channel(&self, queue: &str) -> Result<Channel, AppendError> {
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut open = match known.filter(|open| open.channel.status().connected()) {
            Some(open) => open,
            None => self.open_channel().await?,
        };
        if !open.declared.contains(queue) {
            declare(&open.channel, &self.config, queue).await.map_err(|_| AppendError::Unroutable)?;
            open.declared.insert(queue.to_owned());
        }
        let channel = open.channel.clone();
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
        Ok(channel)
    }
}

async fn declare(channel: &Channel, config: &Config, queue: &str) -> lapin::Result<()> {
    let passive = config.topology == Topology::Assume;
    let mut arguments = FieldTable::default();
    if !passive {
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(MOST_HINTS));
    }
    let options = QueueDeclareOptions { durable: true, passive, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, arguments).await.map(drop)
}

/// Hands over hints and acknowledges those that are done, until nobody takes them or the channel is lost. Those that are not
/// done then go to another consumer.
async fn hand_over(channel: Channel, mut consumer: lapin::Consumer, hints: mpsc::Sender<Hint>) {
    let mut in_hand = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(tag) = in_hand.next(), if !in_hand.is_empty() => {
                if channel.basic_ack(tag, BasicAckOptions::default()).await.is_err() {
                    return;
                }
            }
            delivery = consumer.next() => {
                let Some(Ok(Delivery { delivery_tag, data, .. })) = delivery else { return };
                // What is no id is nobody's hint.
                let Ok(id) = Uuid::from_slice(&data) else {
                    drop(channel.basic_ack(delivery_tag, BasicAckOptions::default()).await);
                    continue;
                };
                let (hint, done) = Hint::new(id);
                in_hand.push(async move {
                    // Dropped is done.
                    drop(done.await);
                    delivery_tag
                });
                if hints.send(hint).await.is_err() {
                    return;
                }
            }
            () = hints.closed() => return,
        }
    }
}
