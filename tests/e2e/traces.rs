//! One trace runs from a webhook call through the log to each subscriber, by way of a real collector.

use futures_util::StreamExt as _;
use kenh_tests::{
    PATIENCE,
    collector::{self, Collector, Span},
    gateway::{Gateway, Setup},
    ports, rabbitmq,
    stream::{Stream, envelope, latest},
    until,
    webhook::{client, messenger, messenger_text},
};
use lapin::{
    Connection, ConnectionProperties,
    options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

/// How long the exporter gathers spans, in milliseconds, by the SDK's own variable.
const GATHER: &str = "OTEL_BSP_SCHEDULE_DELAY";

/// Posts one message and returns the `traceparent` its subscriber received.
async fn traceparent_of_one_message(gateway: &Gateway) -> String {
    let mut stream = Stream::open(gateway, latest()).await;
    assert_eq!(messenger().post(gateway, &messenger_text(660_001, "m_1", "Xin chào")).await, 200);
    envelope(&stream.delivery().await).trace.clone().expect("a traced delivery").traceparent
}

/// Trace id and span id of a sampled `traceparent`.
fn ids(traceparent: &str) -> (&str, &str) {
    let parts: Vec<_> = traceparent.split('-').collect();
    let ["00", trace, span, "01"] = parts[..] else { panic!("{traceparent}") };
    (trace, span)
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found[..] else { panic!("not one span {name}: {spans:?}") };
    span
}

async fn assert_whole(collector: &Collector, traceparent: &str) {
    let (trace, span) = ids(traceparent);
    until("the trace is whole", || async { collector.trace(trace).len() >= 3 }).await;
    let spans = collector.trace(trace);
    assert_eq!(spans.len(), 3, "{spans:?}");
    let (webhook, append, deliver) = (named(&spans, "webhook"), named(&spans, "append"), named(&spans, "deliver"));
    assert_eq!((webhook.kind, webhook.parent.as_str()), (SpanKind::Server, ""), "a root");
    assert_eq!(webhook.id, span, "the envelope names the webhook call");
    assert_eq!((append.kind, append.parent.as_str()), (SpanKind::Producer, span));
    assert_eq!((deliver.kind, deliver.parent.as_str()), (SpanKind::Consumer, span));
    assert_eq!(webhook.attribute("channel"), Some("messenger"));
    assert_eq!(webhook.attribute("endpoint"), Some("main"));
    assert!(spans.iter().all(|span| span.service == "kenh"), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_runs_from_the_webhook_to_the_subscriber_on_the_embedded_engine() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let setup = Setup::embedded(folder.path()).with(&collector.settings()).env(GATHER, "100");
    let gateway = setup.start().await;
    let traceparent = traceparent_of_one_message(&gateway).await;
    assert_whole(&collector, &traceparent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_runs_from_the_webhook_through_amqp_headers_to_the_subscriber_on_rabbitmq() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let url = rabbitmq::shared().await.url();
    let setup = Setup::rabbitmq(folder.path(), &url, "traces").with(&collector.settings()).env(GATHER, "100");
    let gateway = setup.start().await;

    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let (queue, exclusive) = ("traces.mine", QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() });
    channel.queue_declare(queue.into(), exclusive, FieldTable::default()).await.unwrap();
    let (binding, key) = (QueueBindOptions::default(), "#");
    channel.queue_bind(queue.into(), "traces.events".into(), key.into(), binding, FieldTable::default()).await.unwrap();
    let consuming = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut consumer = channel.basic_consume(queue.into(), "".into(), consuming, FieldTable::default()).await.unwrap();

    let traceparent = traceparent_of_one_message(&gateway).await;
    let message = consumer.next().await.unwrap().unwrap();
    let headers = message.properties.headers().as_ref().unwrap().inner();
    for name in ["traceparent", "cloudEvents_traceparent"] {
        let Some(AMQPValue::LongString(header)) = headers.get(name) else { panic!("no header {name}: {headers:?}") };
        assert_eq!(header.to_string(), traceparent, "{name}");
    }
    assert_whole(&collector, &traceparent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_are_still_held_are_sent_when_the_gateway_stops() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let setup = Setup::embedded(folder.path()).with(&collector.settings()).env(GATHER, "3600000");
    let mut gateway = setup.start().await;
    let traceparent = traceparent_of_one_message(&gateway).await;
    assert!(collector.all().is_empty(), "nothing is due for an hour");
    gateway.terminate().await;
    assert!(gateway.ended().await.success());
    assert_whole(&collector, &traceparent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_name_the_trace_of_a_webhook_call() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let setup = Setup::embedded(folder.path()).with(&collector.settings()).env(GATHER, "100");
    let gateway = setup.start().await;
    let mut stream = Stream::open(&gateway, latest()).await;
    let (trace, body) = ("0af7651916cd43dd8448eb211c80319c", messenger_text(660_001, "m_1", "Xin chào"));
    let mut call = client().post(gateway.url("messenger", "main"));
    for (name, value) in messenger().sign(body.as_bytes()) {
        call = call.header(name, value);
    }
    let forged = format!("00-{trace}-b7ad6b7169203331-01");
    assert_eq!(call.header("traceparent", forged).body(body).send().await.unwrap().status(), 200);
    let own = envelope(&stream.delivery().await).trace.clone().unwrap().traceparent;
    assert_ne!(ids(&own).0, trace);
    assert_whole(&collector, &own).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_nothing_is_traced() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let mut stream = Stream::open(&gateway, latest()).await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "Xin chào")).await, 200);
    assert_eq!(envelope(&stream.delivery().await).trace, None);
}

/// Webhooks are answered and delivered as ever, the operator is told once, and the gateway stops cleanly.
async fn goes_on_without(port: u16) {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path()).with(&collector::settings(port)).env(GATHER, "50");
    // Before the SDK's ten seconds, so that a collector that never answers is seen to fail here as well.
    let mut gateway = setup.env("OTEL_EXPORTER_OTLP_TIMEOUT", "500").start().await;
    let mut stream = Stream::open(&gateway, latest()).await;
    let channel = messenger();
    for number in 0..100 {
        let body = messenger_text(660_001, &format!("m_{number}"), "Xin chào");
        let status = tokio::time::timeout(PATIENCE, channel.post(&gateway, &body)).await;
        assert_eq!(status.expect("the call is answered"), 200);
    }
    stream.deliveries(100).await;
    until("lost spans are counted", || async { gateway.metric("kenh_spans_lost_total", "").await > 0.0 }).await;
    gateway.terminate().await;
    assert!(gateway.ended().await.success());
    let warnings = gateway.log().matches("the collector does not take traces").count();
    assert_eq!(warnings, 1, "{}", gateway.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_neither_slows_webhooks_nor_the_stop() {
    goes_on_without(ports::free()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_neither_slows_webhooks_nor_the_stop() {
    // Connections are accepted by the system and nobody reads them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    goes_on_without(silent.local_addr().unwrap().port()).await;
}
