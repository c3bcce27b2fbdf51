//! A reader that is attached to a stream queue, over AMQP 0.9.1.

use std::{sync::Weak, time::Duration};

use futures_util::StreamExt as _;
use kenh_log::ReadError;
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::{AMQPValue, FieldTable},
};

use crate::{
    link::{Link, Live},
    message,
};

/// Messages the broker sends ahead of our acknowledgements.
pub(crate) const PREFETCH: u16 = 256;
/// Acknowledging is what makes the broker send more; every so often is enough.
const ACK_EVERY: u64 = 64;

/// Where to attach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    First,
    LastChunk,
    Next,
    /// The broker's offset.
    Message(u64),
    /// Seconds since 1970.
    Time(u64),
    /// Seconds before the broker's own time.
    Ago(u64),
}

impl Start {
    fn value(self) -> AMQPValue {
        match self {
            Self::First => AMQPValue::LongString("first".into()),
            Self::LastChunk => AMQPValue::LongString("last".into()),
            Self::Next => AMQPValue::LongString("next".into()),
            Self::Message(number) => AMQPValue::LongLongInt(i64::try_from(number).unwrap_or(i64::MAX)),
            Self::Time(seconds) => AMQPValue::Timestamp(seconds),
            Self::Ago(seconds) => AMQPValue::LongString(format!("{seconds}s").into()),
        }
    }
}

/// A reader attached to one stream.
pub(crate) struct Attached {
    // Held for as long as the consumer lives.
    _channel: Channel,
    consumer: Consumer,
    unacked: u64,
    link: Link,
    live: Weak<Live>,
}

impl Attached {
    /// Attaches one over a channel of its own.
    pub(crate) async fn open(
        channel: Channel,
        queue: String,
        start: Start,
        prefetch: u16,
        (link, live): (Link, Weak<Live>),
    ) -> lapin::Result<Self> {
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let mut arguments = FieldTable::default();
        arguments.insert("x-stream-offset".into(), start.value());
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(queue.into(), "".into(), options, arguments).await?;
        Ok(Self { _channel: channel, consumer, unacked: 0, link, live })
    }

    /// The next message and its number; `None` when the connection is lost.
    pub(crate) async fn next(&mut self) -> Result<Option<(u64, Delivery)>, ReadError> {
        let Self { consumer, unacked, link, live, .. } = self;
        let received = async {
            let Some(delivery) = consumer.next().await else { return Ok(None) };
            let delivery = delivery.map_err(unavailable)?;
            *unacked += 1;
            if *unacked >= ACK_EVERY {
                delivery.acker.ack(BasicAckOptions { multiple: true }).await.map_err(unavailable)?;
                *unacked = 0;
            }
            let number =
                message::number(&delivery).ok_or_else(|| ReadError::Unavailable("the queue is no stream".into()))?;
            Ok(Some((number, delivery)))
        };
        link.while_up(live, received).await.unwrap_or(Ok(None))
    }

    /// The next message; `None` when none comes in time.
    pub(crate) async fn next_within(&mut self, patience: Duration) -> Result<Option<(u64, Delivery)>, ReadError> {
        match tokio::time::timeout(patience, self.next()).await {
            Ok(Ok(None)) => Err(lost()),
            Ok(next) => next,
            Err(_) => Ok(None),
        }
    }
}

pub(crate) fn lost() -> ReadError {
    ReadError::Unavailable("the connection to the broker was lost".into())
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn unavailable(error: lapin::Error) -> ReadError {
    ReadError::Unavailable(error.to_string())
}
