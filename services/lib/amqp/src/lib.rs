//! The RabbitMQ engine of the event log: a topic exchange, and a stream queue for each partition.
//!
//! Publishing succeeds only when a queue holds the message: persistent, mandatory, confirmed, every answer matched.
//! Publishing and reading have a connection each, so that a broker that blocks publishers still serves readers.

mod attached;
mod batch;
mod bundle;
mod config;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod door;
mod doubt;
mod lane;
mod link;
mod message;
mod offset;
mod pace;
mod publisher;
mod readback;
mod recent;
mod stream;
mod topology;
mod work;

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use kenh_log::{AppendError, Entry, EventLog, Filter, Limit, Page, ReadError, Record, Tail};
use kenh_runtime::health::Health;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use config::{Config, Messages, Topology};
use link::{Link, Purpose};
use publisher::Publisher;
use stream::Streams;
pub use work::AmqpWork;

/// Name of the publishing connection among what makes a process ready.
pub const PUBLISHING: &str = "broker (publish)";
/// Name of the reading connection among what makes a process ready.
pub const READING: &str = "broker (read)";

/// The log in RabbitMQ. Connects in the background and again whenever the connection is lost.
#[derive(Debug, Clone)]
pub struct AmqpLog {
    partitions: u32,
    publisher: Arc<Publisher>,
    streams: Streams,
    work: AmqpWork,
}

impl AmqpLog {
    /// Starts connecting; `stop` closes the connections.
    pub fn start(config: Config, health: &Health, stop: &CancellationToken) -> Self {
        let config = Arc::new(config);
        let publishing = link(Purpose::Publish, &config, health, stop);
        let reading = link(Purpose::Read, &config, health, stop);
        Self {
            partitions: config.partitions,
            publisher: Arc::new(Publisher::start(&config, &publishing)),
            work: work(&config, &publishing, &reading),
            streams: Streams::new(config, reading),
        }
    }

    /// Only publishes; for processes that serve no readers.
    pub fn start_publishing(config: Config, health: &Health, stop: &CancellationToken) -> Self {
        let config = Arc::new(config);
        let publishing = link(Purpose::Publish, &config, health, stop);
        Self {
            partitions: config.partitions,
            publisher: Arc::new(Publisher::start(&config, &publishing)),
            work: work(&config, &publishing, &publishing),
            streams: Streams::new(config, publishing),
        }
    }

    /// The work queues of the same broker.
    pub fn work(&self) -> AmqpWork {
        self.work.clone()
    }

    fn checked(&self, partition: u32) -> Result<u32, ReadError> {
        let known = partition < self.partitions;
        known.then_some(partition).ok_or_else(|| ReadError::Unavailable(format!("there is no partition {partition}")))
    }
}

fn work(config: &Arc<Config>, publishing: &Link, reading: &Link) -> AmqpWork {
    let (publishing, reading) = (publishing.clone(), reading.clone());
    AmqpWork { config: config.clone(), publishing, reading, open: Arc::default() }
}

fn link(purpose: Purpose, config: &Arc<Config>, health: &Health, stop: &CancellationToken) -> Link {
    let latch = health.latch(match purpose {
        Purpose::Publish => PUBLISHING,
        Purpose::Read => READING,
    });
    Link::start(purpose, config.clone(), latch, stop.clone())
}

#[async_trait]
impl EventLog for AmqpLog {
    fn partitions(&self) -> u32 {
        self.partitions
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), AppendError> {
        self.publisher.publish(records).await
    }

    async fn oldest(&self, partition: u32) -> Result<u64, ReadError> {
        self.streams.first_offset(self.checked(partition)?).await
    }

    async fn head(&self, partition: u32) -> Result<u64, ReadError> {
        self.streams.head(self.checked(partition)?).await
    }

    async fn offset_at(&self, partition: u32, received_at: i64) -> Result<u64, ReadError> {
        self.streams.offset_at(self.checked(partition)?, received_at).await
    }

    async fn read(&self, partition: u32, range: Range<u64>, filter: &Filter, limit: Limit) -> Result<Page, ReadError> {
        self.streams.read(self.checked(partition)?, range, filter, limit).await
    }

    async fn find(&self, id: Uuid, partition: Option<u32>) -> Result<Option<Entry>, ReadError> {
        let partitions = partition.map_or(0..self.partitions, |partition| partition..partition + 1);
        for partition in partitions {
            if let Some(entry) = self.streams.find(self.checked(partition)?, id).await? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    async fn follow(&self, partition: u32, from: u64) -> Result<Tail, ReadError> {
        self.streams.follow(self.checked(partition)?, from).await
    }

    fn events_between(&self, from: u64, to: u64) -> u64 {
        self.streams.events_between(from, to)
    }
}
