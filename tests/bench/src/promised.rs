//! Publishing as the gateway has to, for plain AMQP consumers: a topic exchange, several streams, CloudEvents headers.

use std::sync::atomic::{AtomicU64, Ordering};

use lapin::{
    BasicProperties, Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions},
    types::{AMQPValue, FieldTable, ShortString},
};

use crate::bare;

/// As many as the gateway has by default.
const STREAMS: u64 = 4;

/// An exchange with its streams.
#[derive(Debug)]
pub(crate) struct Promised {
    exchange: String,
    published: AtomicU64,
}

impl Promised {
    /// Declares them.
    pub(crate) async fn declare(channel: &Channel, exchange: &str) -> Self {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared =
            channel.exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default()).await;
        declared.expect("a topic exchange");
        for stream in 0..STREAMS {
            let (queue, key) = (format!("{exchange}.{stream}"), format!("*.*.*.{stream}"));
            bare::stream(channel, &queue).await;
            let bound = channel.queue_bind(
                queue.into(),
                exchange.into(),
                key.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            );
            bound.await.expect("a binding");
        }
        Self { exchange: exchange.into(), published: AtomicU64::new(0) }
    }

    pub(crate) fn exchange(&self) -> ShortString {
        self.exchange.as_str().into()
    }

    /// Routing key and properties of the next message. They are as long as the gateway's, and say nothing.
    pub(crate) fn next(&self, properties: BasicProperties) -> (ShortString, BasicProperties) {
        let number = self.published.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-5000-8000-{number:012x}");
        let mut headers = FieldTable::default();
        let mut set = |name: &str, value: String| {
            headers.insert(name.into(), AMQPValue::LongString(value.into()));
        };
        set("cloudEvents_specversion", "1.0".into());
        set("cloudEvents_id", id.clone());
        set("cloudEvents_type", "kenh.v1.message".into());
        set("cloudEvents_source", "/kenh/messenger/100000000000001".into());
        set("cloudEvents_time", "2026-01-01T00:00:00.000000Z".into());
        set("cloudEvents_subject", id.clone());
        set("cloudEvents_partitionkey", id.clone());
        let properties = properties
            .with_content_type("application/protobuf".into())
            .with_type("kenh.v1.Envelope".into())
            .with_message_id(id.into())
            .with_timestamp(1_767_225_600)
            .with_headers(headers);
        (format!("messenger.100000000000001.message.{}", number % STREAMS).into(), properties)
    }
}
