//! The RabbitMQ engine against a real broker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use connector_sdk::Secret;
use futures_util::StreamExt as _;
use kenh_amqp::{AmqpLog, Config, Messages, Topology};
use kenh_log::{
    AppendError, EventLog, Filter, Limit,
    contract::{self, PARTITIONS, record},
};
use kenh_proto::v1::{Envelope, EnvelopeBundle};
use kenh_runtime::health::Health;
use kenh_tests::{rabbitmq, until};
use lapin::{
    Connection, ConnectionProperties, Consumer,
    options::{BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::{AMQPValue, FieldTable},
};
use prost::Message as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const ALL: Limit = Limit { entries: 10_000, bytes: 1 << 30, scanned: 1_000_000 };

fn config(url: &str, name: &str) -> Config {
    Config {
        urls: vec![Secret::from(url.to_owned())],
        topology: Topology::Declare,
        exchange: format!("{name}.events"),
        messages: Messages::Single,
        queue_prefix: format!("{name}.log"),
        work_prefix: format!("{name}.outbound"),
        partitions: PARTITIONS,
        confirm_timeout: Duration::from_secs(5),
        max_age: Duration::from_secs(3600),
        max_bytes: 1 << 30,
    }
}

async fn connected(config: Config) -> AmqpLog {
    let health = Health::default();
    let log = AmqpLog::start(config, &health, &CancellationToken::new());
    until("connected to RabbitMQ", || async { health.is_ready() }).await;
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rabbitmq_engine_keeps_the_contract() {
    let url = rabbitmq::shared().await.url();
    let count = AtomicU32::new(0);
    contract::all(|| {
        let config = config(&url, &format!("contract-{}", count.fetch_add(1, Ordering::Relaxed)));
        async { Arc::new(connected(config).await) as Arc<dyn EventLog> }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract_with_several_events_in_a_message_too() {
    let url = rabbitmq::shared().await.url();
    let count = AtomicU32::new(0);
    contract::all(|| {
        let name = format!("bundled-{}", count.fetch_add(1, Ordering::Relaxed));
        let config = Config { messages: Messages::Bundled, ..config(&url, &name) };
        async { Arc::new(connected(config).await) as Arc<dyn EventLog> }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_events_become_messages_can_be_changed_at_any_time() {
    let url = rabbitmq::shared().await.url();
    let single = config(&url, "changed");
    let bundled = Config { messages: Messages::Bundled, ..single.clone() };
    let mut wanted = Vec::new();
    for config in [&single, &bundled, &single, &bundled] {
        let log = connected(config.clone()).await;
        let records: Vec<_> = (0..300).map(|number| record(1, number, 7)).collect();
        log.append(records.clone()).await.unwrap();
        wanted.extend(records.into_iter().map(|record| record.meta.id));
    }
    let log = connected(single).await;
    let mut tail = log.follow(1, 0).await.unwrap();
    let (mut seen, mut offsets) = (Vec::new(), Vec::new());
    while seen.len() < wanted.len() {
        let entry = tokio::time::timeout(Duration::from_secs(20), tail.recv()).await.expect("in time").unwrap();
        seen.push(entry.meta.id);
        offsets.push(entry.offset);
    }
    assert_eq!(seen, wanted);
    assert!(offsets.is_sorted_by(|a, b| a < b));
    // Whoever stands in the middle of a message goes on in the middle of it.
    let head = log.head(1).await.unwrap();
    for place in [299, 300, 301, 420, 599, 900, 1199] {
        let page = log.read(1, offsets[place]..head, &Filter::default(), ALL).await.unwrap();
        assert_eq!(page.entries.iter().map(|entry| entry.meta.id).collect::<Vec<_>>(), wanted[place..]);
        assert_eq!(page.next, head);
    }
}

/// A queue of one's own, bound to the exchange of a log.
async fn bound(url: &str, name: &str, key: &str) -> (Connection, Consumer) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let (queue, exchange) = (format!("{name}.mine"), format!("{name}.events"));
    let exclusive = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.as_str().into(), exclusive, FieldTable::default()).await.unwrap();
    let (binding, none) = (QueueBindOptions::default(), FieldTable::default());
    channel.queue_bind(queue.as_str().into(), exchange.into(), key.into(), binding, none).await.unwrap();
    let consuming = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let consumer = channel.basic_consume(queue.into(), "".into(), consuming, FieldTable::default()).await.unwrap();
    (connection, consumer)
}

#[tokio::test(flavor = "multi_thread")]
async fn several_events_in_a_message_are_a_bundle_that_can_be_decoded() {
    let url = rabbitmq::shared().await.url();
    let log = connected(Config { messages: Messages::Bundled, ..config(&url, "together") }).await;
    let (_connection, mut consumer) = bound(&url, "together", "#").await;
    let records: Vec<_> = (0..40).map(|number| record(1, number, u128::from(number.unsigned_abs()))).collect();
    log.append(records.clone()).await.unwrap();
    let mut envelopes = Vec::new();
    while envelopes.len() < records.len() {
        let message = consumer.next().await.unwrap().unwrap();
        assert_eq!(message.routing_key.as_str(), "_._._.1");
        assert_eq!(message.properties.kind().as_ref().unwrap().as_str(), "kenh.v1.EnvelopeBundle");
        assert_eq!(*message.properties.delivery_mode(), Some(2), "persistent");
        let bundle = EnvelopeBundle::decode(message.data.as_slice()).unwrap();
        assert!(bundle.envelopes.len() > 1, "one append is one message, as far as it fits");
        envelopes.extend(bundle.envelopes);
    }
    let ids: Vec<_> = envelopes.into_iter().map(|envelope| envelope.id).collect();
    assert_eq!(ids, records.iter().map(|record| record.meta.id.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_amqp_consumer_finds_cloudevents_headers_and_a_decodable_body() {
    let url = rabbitmq::shared().await.url();
    let log = connected(config(&url, "plain")).await;
    let (_connection, mut consumer) = bound(&url, "plain", "zalo.*.message.#").await;

    let (wanted, other) = (record(1, 10, 2), record(1, 10, 3));
    log.append(vec![other, wanted.clone()]).await.unwrap();
    let message = consumer.next().await.unwrap().unwrap();

    let envelope = Envelope::decode(message.data.as_slice()).unwrap();
    assert_eq!(envelope.id, wanted.meta.id.to_string());
    assert_eq!(message.routing_key.as_str(), "zalo.account-2.message.1");
    let properties = &message.properties;
    assert_eq!(properties.content_type().as_ref().unwrap().as_str(), "application/protobuf");
    assert_eq!(properties.message_id().as_ref().unwrap().as_str(), envelope.id);
    assert_eq!(*properties.delivery_mode(), Some(2), "persistent");
    let headers = properties.headers().as_ref().unwrap().inner();
    let header = |name: &str| match headers.get(name) {
        Some(AMQPValue::LongString(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(header("cloudEvents_specversion"), "1.0");
    assert_eq!(header("cloudEvents_id"), envelope.id);
    assert_eq!(header("cloudEvents_type"), "kenh.v1.message");
    assert_eq!(header("cloudEvents_source"), "/kenh/zalo/account-2");
    assert_eq!(header("cloudEvents_subject"), envelope.conversation.unwrap().id);
    assert_eq!(header("cloudEvents_time"), "1970-01-01T00:00:10Z");
    assert_eq!(header("traceparent"), envelope.trace.unwrap().traceparent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_queue_is_not_stored() {
    let url = rabbitmq::shared().await.url();
    let log = connected(config(&url, "unroutable")).await;
    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.queue_delete("unroutable.log.2".into(), QueueDeleteOptions::default()).await.unwrap();
    assert_eq!(log.append(vec![record(1, 1, 7)]).await, Ok(()));
    assert_eq!(log.append(vec![record(1, 2, 7), record(2, 3, 7)]).await, Err(AppendError::Unroutable));
}

#[tokio::test(flavor = "multi_thread")]
async fn among_events_under_way_only_those_without_a_queue_are_not_stored() {
    let url = rabbitmq::shared().await.url();
    let log = connected(config(&url, "mixed")).await;
    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.queue_delete("mixed.log.2".into(), QueueDeleteOptions::default()).await.unwrap();
    let mut appends = JoinSet::new();
    for number in 0..2_000_u32 {
        let (log, partition) = (log.clone(), number % 4);
        appends.spawn(async move { (partition, log.append(vec![record(partition, i64::from(number), 7)]).await) });
    }
    let outcomes = appends.join_all().await;
    let expected = |partition| if partition == 2 { Err(AppendError::Unroutable) } else { Ok(()) };
    let wrong: Vec<_> = outcomes.iter().filter(|(partition, outcome)| *outcome != expected(*partition)).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), outcomes.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_stream_is_found_while_events_flow() {
    let url = rabbitmq::shared().await.url();
    let log = connected(config(&url, "flowing")).await;
    log.append(vec![record(1, 0, 7)]).await.unwrap();
    let flowing = log.clone();
    let flow = tokio::spawn(async move {
        for number in 0.. {
            flowing.append(vec![record(1, number, 7)]).await.unwrap();
        }
    });
    let mut last = 0;
    for _ in 0..5 {
        let head = tokio::time::timeout(Duration::from_secs(5), log.head(1)).await.expect("an end").unwrap();
        assert!(head > 0 && head >= last, "{head} after {last}");
        last = head;
    }
    // A time that has not come yet is at the end as well.
    let later = tokio::time::timeout(Duration::from_secs(5), log.offset_at(1, i64::MAX)).await;
    assert!(later.expect("an end").unwrap() >= last);
    flow.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn topology_that_is_assumed_must_be_there_and_is_left_alone() {
    let url = rabbitmq::shared().await.url();
    let assumed = Config { topology: Topology::Assume, ..config(&url, "assumed") };
    let health = Health::default();
    let log = AmqpLog::start(assumed, &health, &CancellationToken::new());
    until("the missing exchange is named", || async { health.report().contains("declare it first") }).await;
    assert_eq!(log.append(vec![record(0, 1, 7)]).await, Err(AppendError::Unavailable));

    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let exchange = "assumed.events";
    channel
        .exchange_declare(exchange.into(), lapin::ExchangeKind::Topic, durable, FieldTable::default())
        .await
        .unwrap();
    for partition in 0..PARTITIONS {
        let queue = format!("assumed.log.{partition}");
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
        // Not what the gateway would declare: it must not mind.
        arguments.insert("x-max-age".into(), AMQPValue::LongString("3D".into()));
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(queue.as_str().into(), durable, arguments).await.unwrap();
        let key = format!("#.{partition}");
        let binding = QueueBindOptions::default();
        channel.queue_bind(queue.into(), exchange.into(), key.into(), binding, FieldTable::default()).await.unwrap();
    }
    until("ready once everything is there", || async { health.is_ready() }).await;
    assert_eq!(log.append(vec![record(0, 1, 7)]).await, Ok(()));
    assert!(log.head(0).await.unwrap() > 0);
}
