//! Reading stream queues over AMQP 0.9.1.
//!
//! The protocol has no "what is your last offset": a reader attaches to a place and sees what comes. Where a stream
//! ends is known by what comes next, where something does, and by its last chunk, read until nothing follows.

use std::{
    ops::Range,
    sync::{Arc, Weak},
    time::Duration,
};

use futures_util::StreamExt as _;
use kenh_log::{Entry, Filter, Limit, Page, ReadError, Tail};
use kenh_runtime::metrics;
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    Config,
    link::{Link, Live},
    message,
};

/// Messages the broker sends ahead of our acknowledgements.
pub(crate) const PREFETCH: u16 = 1000;
/// Acknowledging is what makes the broker send more; every so often is enough.
const ACK_EVERY: u64 = 250;
/// How long a stream that holds messages may take to send the first.
const FIRST_MESSAGE: Duration = Duration::from_secs(5);
/// How long one that holds none is listened to all the same: the broker counts with a delay.
const EMPTY: Duration = Duration::from_millis(500);
/// Silence after which the end is taken to be reached.
const SILENCE: Duration = Duration::from_millis(200);
/// How far arrival times may be out of order, clocks of gateway and broker included.
const DISORDER: i64 = 10_000_000;

/// Where to attach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    First,
    LastChunk,
    Next,
    Offset(u64),
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
            Self::Offset(offset) => AMQPValue::LongLongInt(i64::try_from(offset).unwrap_or(i64::MAX)),
            Self::Time(seconds) => AMQPValue::Timestamp(seconds),
            Self::Ago(seconds) => AMQPValue::LongString(format!("{seconds}s").into()),
        }
    }
}

/// The stream queues.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    config: Arc<Config>,
    link: Link,
}

/// A reader attached to one.
pub(crate) struct Attached {
    // Held for as long as the consumer lives.
    _channel: Channel,
    consumer: Consumer,
    unacked: u64,
    link: Link,
    live: Weak<Live>,
}

impl Streams {
    pub(crate) fn new(config: Arc<Config>, link: Link) -> Self {
        Self { config, link }
    }

    /// Does something with a channel of its own, and the connection it is on.
    async fn open<T, F>(&self, work: impl FnOnce(Channel, Weak<Live>) -> F) -> Result<T, ReadError>
    where
        F: Future<Output = lapin::Result<T>>,
    {
        let live = self.link.live().ok_or_else(|| ReadError::Unavailable("no connection to the broker".into()))?;
        let on = Arc::downgrade(&live);
        let opened = async { work(live.connection.create_channel().await?, on.clone()).await };
        self.link.while_up(&on, opened).await.ok_or_else(lost)?.map_err(unavailable)
    }

    pub(crate) async fn attach(&self, partition: u32, start: Start, prefetch: u16) -> Result<Attached, ReadError> {
        let mut arguments = FieldTable::default();
        arguments.insert("x-stream-offset".into(), start.value());
        let queue = self.config.queue(partition).into();
        let options = BasicConsumeOptions::default();
        let attached = |channel: Channel, live| async move {
            channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
            let consumer = channel.basic_consume(queue, "".into(), options, arguments).await?;
            Ok(Attached { _channel: channel, consumer, unacked: 0, link: self.link.clone(), live })
        };
        self.open(attached).await
    }

    /// How long to wait for a stream's first message.
    async fn patience(&self, partition: u32) -> Result<Duration, ReadError> {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = self.config.queue(partition).into();
        let declared =
            |channel: Channel, _| async move { channel.queue_declare(queue, options, FieldTable::default()).await };
        Ok(if self.open(declared).await?.message_count() > 0 { FIRST_MESSAGE } else { EMPTY })
    }

    pub(crate) async fn first_offset(&self, partition: u32) -> Result<u64, ReadError> {
        let patience = self.patience(partition).await?;
        let first = self.attach(partition, Start::First, 1).await?.next_within(patience).await?;
        Ok(first.map_or(0, |(offset, _)| offset))
    }

    pub(crate) async fn head(&self, partition: u32) -> Result<u64, ReadError> {
        // Behind everything that is there now. Without it, a stream into which events flow all the time has no end.
        let mut next = self.attach(partition, Start::Next, 1).await?;
        tokio::select! {
            next = next.next() => next?.map(|(offset, _)| offset).ok_or_else(lost),
            head = self.head_at_rest(partition) => head,
        }
    }

    /// The end, once nothing has come for a moment.
    async fn head_at_rest(&self, partition: u32) -> Result<u64, ReadError> {
        let mut patience = self.patience(partition).await?;
        let mut reader = self.attach(partition, Start::LastChunk, PREFETCH).await?;
        let mut head = 0;
        while let Some((offset, _)) = reader.next_within(patience).await? {
            (head, patience) = (offset + 1, SILENCE);
        }
        Ok(head)
    }

    pub(crate) async fn offset_at(&self, partition: u32, received_at: i64) -> Result<u64, ReadError> {
        let seconds = u64::try_from(received_at.saturating_sub(DISORDER) / 1_000_000).unwrap_or_default();
        let mut patience = self.patience(partition).await?;
        let start = if seconds == 0 { Start::First } else { Start::Time(seconds) };
        let head = self.head(partition).await?;
        let mut reader = self.attach(partition, start, PREFETCH).await?;
        while let Some((offset, delivery)) = reader.next_within(patience).await? {
            let found =
                message::entry(partition, offset, delivery).is_some_and(|entry| entry.meta.received_at >= received_at);
            if found || offset >= head {
                return Ok(offset);
            }
            patience = SILENCE;
        }
        Ok(head)
    }

    pub(crate) async fn read(
        &self,
        partition: u32,
        range: Range<u64>,
        filter: &Filter,
        limit: Limit,
    ) -> Result<Page, ReadError> {
        let mut page = Page { entries: Vec::new(), next: range.end.max(range.start) };
        if range.is_empty() {
            return Ok(page);
        }
        let mut reader = self.attach(partition, Start::Offset(range.start), PREFETCH).await?;
        let (mut bytes, mut scanned, mut first) = (0, 0, true);
        while let Some((offset, delivery)) = reader.next_within(FIRST_MESSAGE).await? {
            if std::mem::take(&mut first) && offset > range.start {
                self.refuse_expired(partition, range.start).await?;
            }
            if offset >= range.end {
                return Ok(page);
            }
            scanned += 1;
            if let Some(entry) = entry(partition, offset, delivery).filter(|entry| filter.matches(&entry.meta)) {
                bytes += entry.bytes.len();
                let full = page.entries.len() >= limit.entries || bytes > limit.bytes;
                if full && !page.entries.is_empty() {
                    page.next = offset;
                    return Ok(page);
                }
                page.entries.push(entry);
            }
            if offset + 1 >= range.end {
                return Ok(page);
            }
            if scanned >= limit.scanned {
                page.next = offset + 1;
                return Ok(page);
            }
        }
        Err(ReadError::Unavailable("the broker sent nothing in time".into()))
    }

    /// A first message behind the place asked for: either offsets have a harmless hole, or the log was cut.
    async fn refuse_expired(&self, partition: u32, from: u64) -> Result<(), ReadError> {
        let oldest = self.first_offset(partition).await?;
        if oldest > from { Err(ReadError::Expired { oldest }) } else { Ok(()) }
    }

    pub(crate) async fn find(&self, partition: u32, id: Uuid) -> Result<Option<Entry>, ReadError> {
        const STEP: Limit = Limit { entries: 256, bytes: 1 << 20, scanned: usize::MAX };
        let head = self.head(partition).await?;
        let mut from = self.first_offset(partition).await?;
        while from < head {
            let page = self.read(partition, from..head, &Filter::default(), STEP).await?;
            if let Some(found) = page.entries.into_iter().find(|entry| entry.meta.id == id) {
                return Ok(Some(found));
            }
            from = page.next;
        }
        Ok(None)
    }

    pub(crate) async fn follow(&self, partition: u32, start: Start) -> Result<Tail, ReadError> {
        const AHEAD: usize = 512;
        let mut reader = self.attach(partition, start, PREFETCH).await?;
        let (entries, tail) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            loop {
                let next = tokio::select! {
                    next = reader.next() => next,
                    () = entries.closed() => return,
                };
                let Ok(Some((offset, delivery))) = next else { return };
                if let Some(entry) = entry(partition, offset, delivery)
                    && entries.send(entry).await.is_err()
                {
                    return;
                }
            }
        });
        Ok(tail)
    }
}

impl Attached {
    /// `None` when the connection is lost.
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
            let offset =
                message::offset(&delivery).ok_or_else(|| ReadError::Unavailable("the queue is no stream".into()))?;
            Ok(Some((offset, delivery)))
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

/// An entry, or a counted nothing for a message that is not ours.
fn entry(partition: u32, offset: u64, delivery: Delivery) -> Option<Entry> {
    let entry = message::entry(partition, offset, delivery);
    if entry.is_none() {
        metrics::FOREIGN_MESSAGES.add(1, []);
    }
    entry
}

pub(crate) fn lost() -> ReadError {
    ReadError::Unavailable("the connection to the broker was lost".into())
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn unavailable(error: lapin::Error) -> ReadError {
    ReadError::Unavailable(error.to_string())
}
