//! Settings of the engine.

use std::time::Duration;

use connector_sdk::{ExposeSecret as _, Secret, Section};
use lapin::uri::AMQPUri;

/// Where the broker is and how the log lies in it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses with user and password, of one broker or of the nodes of a cluster. At least one.
    pub urls: Vec<Secret>,
    /// Whether exchange and queues are declared or must be there.
    pub topology: Topology,
    /// Topic exchange events are published to.
    pub exchange: String,
    /// How events become messages.
    pub messages: Messages,
    /// Stream queues are named `<prefix>.<partition>`.
    pub queue_prefix: String,
    /// Work queues are named `<prefix>.<channel>`.
    pub work_prefix: String,
    /// Stream queues.
    pub partitions: u32,
    /// How long to wait for the broker to confirm.
    pub confirm_timeout: Duration,
    /// Retention of a declared stream queue by age.
    pub max_age: Duration,
    /// Retention of all declared stream queues together by size.
    pub max_bytes: u64,
}

/// Who makes the exchange and the queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    /// The gateway declares them.
    Declare,
    /// An operator has declared them; the gateway checks that they are there.
    Assume,
}

/// How events become messages of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// Each is one, with a routing key and headers of its own, so that plain AMQP consumers can choose.
    Single,
    /// Those of a partition that are on their way at the same time share one, a `kenh.v1.EnvelopeBundle`.
    Bundled,
}

impl Config {
    /// Reads `log.rabbitmq`; partitions and retention are the log's.
    pub fn read(section: &mut Section<'_>, partitions: u32, max_age: Duration, max_bytes: u64) -> Self {
        let urls = section.required_secrets("url");
        if urls.iter().any(|url| url.expose_secret().parse::<AMQPUri>().is_err()) {
            let expected = "expected amqp://user:password@host:5672/vhost or amqps://… for TLS, or a list of such";
            section.fault("url", expected);
        }
        Self {
            urls,
            topology: section.choice(
                "topology",
                &[("declare", Topology::Declare), ("assume", Topology::Assume)],
                Topology::Declare,
            ),
            exchange: section.text("exchange").unwrap_or_else(|| "kenh.events".into()),
            messages: section.choice(
                "messages",
                &[("single", Messages::Single), ("bundled", Messages::Bundled)],
                Messages::Single,
            ),
            queue_prefix: section.text("queue_prefix").unwrap_or_else(|| "kenh.log".into()),
            work_prefix: section.text("work_prefix").unwrap_or_else(|| "kenh.outbound".into()),
            partitions,
            confirm_timeout: section.duration("confirm_timeout", Duration::from_millis(1200)),
            max_age,
            max_bytes,
        }
    }

    pub(crate) fn work_queue(&self, channel: &str) -> String {
        format!("{}.{channel}", self.work_prefix)
    }

    pub(crate) fn queue(&self, partition: u32) -> String {
        format!("{}.{partition}", self.queue_prefix)
    }
}
