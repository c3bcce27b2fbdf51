//! The exchange and the stream queues.

use lapin::{
    Channel, Connection, ExchangeKind,
    options::{ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use crate::{Config, Topology};

/// RabbitMQ's own size of a segment; retention removes whole ones.
const USUAL_SEGMENT: u64 = 500_000_000;
/// A queue keeps at least so many segments, so that retention takes small bites.
const SEGMENTS: u64 = 8;
const SMALLEST_SEGMENT: u64 = 1_000_000;

/// Declares the topology, or checks that it is there, and opens a channel with publisher confirms for each partition.
pub(crate) async fn publishing_channels(connection: &Connection, config: &Config) -> Result<Vec<Channel>, String> {
    let text = |error: lapin::Error| error.to_string();
    let mut channels = Vec::new();
    for partition in 0..config.partitions {
        let channel = connection.create_channel().await.map_err(text)?;
        if partition == 0 {
            exchange(&channel, config).await.map_err(|error| explain(config, &config.exchange, &error))?;
        }
        queue(&channel, config, partition).await.map_err(|error| explain(config, &config.queue(partition), &error))?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(text)?;
        channels.push(channel);
    }
    Ok(channels)
}

async fn exchange(channel: &Channel, config: &Config) -> lapin::Result<()> {
    let passive = config.topology == Topology::Assume;
    let options = ExchangeDeclareOptions { durable: true, passive, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(config.exchange.as_str().into(), ExchangeKind::Topic, options, FieldTable::default()).await
}

async fn queue(channel: &Channel, config: &Config, partition: u32) -> lapin::Result<()> {
    let name = config.queue(partition);
    let passive = config.topology == Topology::Assume;
    let options = QueueDeclareOptions { durable: true, passive, ..QueueDeclareOptions::default() };
    let arguments = if passive { FieldTable::default() } else { arguments(config) };
    channel.queue_declare(name.as_str().into(), options, arguments).await?;
    if !passive {
        let key = format!("*.*.*.{partition}");
        let options = QueueBindOptions::default();
        let exchange = config.exchange.as_str().into();
        channel.queue_bind(name.into(), exchange, key.into(), options, FieldTable::default()).await?;
    }
    Ok(())
}

fn arguments(config: &Config) -> FieldTable {
    let bytes = (config.max_bytes / u64::from(config.partitions.max(1))).max(SMALLEST_SEGMENT);
    let segment = (bytes / SEGMENTS).clamp(SMALLEST_SEGMENT, USUAL_SEGMENT);
    let whole = |number: u64| AMQPValue::LongLongInt(i64::try_from(number).unwrap_or(i64::MAX));
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
    arguments.insert("x-max-age".into(), AMQPValue::LongString(format!("{}s", config.max_age.as_secs()).into()));
    arguments.insert("x-max-length-bytes".into(), whole(bytes));
    arguments.insert("x-stream-max-segment-size-bytes".into(), whole(segment));
    arguments
}

fn explain(config: &Config, name: &str, error: &lapin::Error) -> String {
    let hint = match config.topology {
        Topology::Declare => "when it exists with other arguments, set log.rabbitmq.topology to assume or remove it",
        Topology::Assume => "log.rabbitmq.topology is assume: declare it first",
    };
    format!("{name}: {error} ({hint})")
}
