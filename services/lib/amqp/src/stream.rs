//! Reading stream queues.
//!
//! The protocol has no "what is your last offset": a reader attaches to a place and sees what comes. Where a stream
//! ends is known by what comes next, where something does, and by its last chunk, read until nothing follows.

use std::{
    ops::Range,
    sync::{Arc, Weak},
    time::Duration,
};

use kenh_log::{Entry, Filter, Limit, Page, ReadError, Tail};
use kenh_runtime::metrics;
use lapin::{Channel, message::Delivery, options::QueueDeclareOptions, types::FieldTable};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    Config,
    attached::{Attached, PREFETCH, Start, lost, unavailable},
    link::{Link, Live},
    message,
    offset::{self, Density},
};

/// How long a stream that holds messages may take to send the first.
const FIRST_MESSAGE: Duration = Duration::from_secs(5);
/// How long one that holds none is listened to all the same: the broker counts with a delay.
const EMPTY: Duration = Duration::from_millis(500);
/// Silence after which the end is taken to be reached.
const SILENCE: Duration = Duration::from_millis(200);
/// How far arrival times may be out of order, clocks of gateway and broker included.
const DISORDER: i64 = 10_000_000;

/// The stream queues.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    config: Arc<Config>,
    link: Link,
    density: Arc<Density>,
}

impl Streams {
    pub(crate) fn new(config: Arc<Config>, link: Link) -> Self {
        Self { config, link, density: Arc::default() }
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
        let queue = self.config.queue(partition);
        let attached = |channel, live| Attached::open(channel, queue, start, prefetch, (self.link.clone(), live));
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
        Ok(first.map_or(0, |(number, _)| offset::begin(number)))
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
        while let Some((number, _)) = reader.next_within(patience).await? {
            (head, patience) = (offset::end(number), SILENCE);
        }
        Ok(head)
    }

    pub(crate) async fn offset_at(&self, partition: u32, received_at: i64) -> Result<u64, ReadError> {
        let seconds = u64::try_from(received_at.saturating_sub(DISORDER) / 1_000_000).unwrap_or_default();
        let mut patience = self.patience(partition).await?;
        let start = if seconds == 0 { Start::First } else { Start::Time(seconds) };
        let head = self.head(partition).await?;
        let mut reader = self.attach(partition, start, PREFETCH).await?;
        while let Some((number, delivery)) = reader.next_within(patience).await? {
            let mut entries = self.entries(partition, number, delivery).into_iter();
            if let Some(found) = entries.find(|entry| entry.meta.received_at >= received_at) {
                return Ok(found.offset);
            }
            if offset::begin(number) >= head {
                return Ok(offset::begin(number));
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
        let start = Start::Message(offset::message(range.start));
        let mut reader = self.attach(partition, start, PREFETCH).await?;
        let (mut bytes, mut scanned, mut first) = (0, 0, true);
        while let Some((number, delivery)) = reader.next_within(FIRST_MESSAGE).await? {
            if std::mem::take(&mut first) && offset::begin(number) > range.start {
                self.refuse_expired(partition, range.start).await?;
            }
            let entries = self.entries(partition, number, delivery);
            // One that holds nothing of ours is looked at as well.
            scanned += usize::from(entries.is_empty());
            for entry in entries.into_iter().skip_while(|entry| entry.offset < range.start) {
                if entry.offset >= range.end {
                    return Ok(page);
                }
                let matches = filter.matches(&entry.meta);
                bytes += if matches { entry.bytes.len() } else { 0 };
                let full = matches && (page.entries.len() >= limit.entries || bytes > limit.bytes);
                if scanned >= limit.scanned || full && !page.entries.is_empty() {
                    page.next = entry.offset;
                    return Ok(page);
                }
                scanned += 1;
                page.entries.extend(matches.then_some(entry));
            }
            if offset::end(number) >= range.end {
                return Ok(page);
            }
            if scanned >= limit.scanned {
                page.next = offset::end(number);
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

    pub(crate) async fn follow(&self, partition: u32, from: u64) -> Result<Tail, ReadError> {
        const AHEAD: usize = 512;
        let mut reader = self.attach(partition, Start::Message(offset::message(from)), PREFETCH).await?;
        let (entries, tail) = mpsc::channel(AHEAD);
        let streams = self.clone();
        tokio::spawn(async move {
            loop {
                let next = tokio::select! {
                    next = reader.next() => next,
                    () = entries.closed() => return,
                };
                let Ok(Some((number, delivery))) = next else { return };
                for entry in streams.entries(partition, number, delivery) {
                    if entry.offset >= from && entries.send(entry).await.is_err() {
                        return;
                    }
                }
            }
        });
        Ok(tail)
    }

    /// The entries of a message. What is not ours is counted and left out.
    fn entries(&self, partition: u32, number: u64, delivery: Delivery) -> Vec<Entry> {
        let entries = message::entries(partition, number, delivery);
        self.density.read(entries.len());
        let foreign = entries.iter().filter(|entry| entry.is_none()).count();
        if foreign > 0 {
            metrics::FOREIGN_MESSAGES.add(u64::try_from(foreign).unwrap_or(u64::MAX), []);
        }
        entries.into_iter().flatten().collect()
    }

    pub(crate) fn events_between(&self, from: u64, to: u64) -> u64 {
        self.density.between(from, to)
    }
}
