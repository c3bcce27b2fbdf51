//! A broker that fails in every way.

use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq::Node,
    until,
};
use lapin::{
    Connection, ConnectionProperties,
    options::{QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use crate::{
    audit::Repeats,
    ledger::Load,
    run::{Run, pause},
};

/// A fault of the broker, again and again in `make soak`. Returns the gateway to look at.
async fn through(name: &'static str, seconds: f64, begin: impl AsyncFn(&Node), end: impl AsyncFn(&Node)) -> Gateway {
    through_on(|setup| setup, name, seconds, begin, end).await
}

/// The same, with another setup.
async fn through_on(
    more: impl FnOnce(Setup) -> Setup,
    name: &'static str,
    seconds: f64,
    begin: impl AsyncFn(&Node),
    end: impl AsyncFn(&Node),
) -> Gateway {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let gateway = more(Setup::rabbitmq(folder.path(), &node.url(), name)).start().await;
    let mut run = Run::begin(name, &gateway, Load::USUAL).await;
    while run.again() {
        run.fault(&gateway, seconds, async || begin(&node).await, async || end(&node).await).await;
    }
    let outcome = run.end(&gateway, Repeats::SameId).await;
    outcome.assert_unnoticed();
    assert!(gateway.log().contains("the spool is drained"));
    gateway
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_nothing_and_keeps_every_conversation_in_order() {
    through("killed", 3.0, Node::kill, Node::restart).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_no_bundle_of_events() {
    through_on(Setup::bundled, "killed-bundled", 3.0, Node::kill, Node::restart).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_broker_costs_nothing_but_time() {
    through("frozen", 5.0, Node::pause, Node::resume).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_short_of_memory_blocks_nobody() {
    let gateway = through(
        "blocked",
        6.0,
        async |node| node.ctl("set_vm_memory_high_watermark absolute 1").await,
        async |node| node.ctl("set_vm_memory_high_watermark absolute 1GB").await,
    )
    .await;
    assert!(gateway.metric("kenh_spool_drain_failures_total", "blocked").await > 0.0, "it was blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_holds_up_its_own_partition_only() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let mut ingress = Setup::rabbitmq(folder.path(), &node.url(), "deleted").roles("ingress").start().await;
    node.ctl("delete_queue deleted.log.1").await;
    // Nobody can read a log of which a part is missing: the readers come when the queue is back.
    let other = folder.path().join("api");
    let assume = Setup::rabbitmq(&other, &node.url(), "deleted").with("    topology: assume\n").roles("api");
    let api = assume.spawn();
    let load = Load { writers: 12, ..Load::USUAL };
    let mut run = Run::begin_at("deleted", &[ingress.url("messenger", "main")], api.api_url(), load).await;
    assert!(run.again());
    until("events are unroutable", || async { ingress.metric("kenh_spool_events_total", "unroutable").await > 0.0 })
        .await;
    pause(3.0).await;
    // Nothing of the other partitions has seen the spool.
    let log = ingress.log();
    let spooling: Vec<_> = log.lines().filter(|line| line.contains("go into the spool")).collect();
    assert!(spooling.iter().all(|line| line.contains("\"partition\":1,")), "{spooling:?}");
    declare_again(&node.url()).await;
    run.drained(&ingress).await;
    let mut api = api;
    api.ready().await;
    run.flows(50).await;
    run.hush().await;
    run.drained(&ingress).await;
    let outcome = run.end(&api, Repeats::SameId).await;
    assert_eq!((outcome.refused, outcome.unanswered), (0, 0), "every event was taken");
    assert!(!other.join("data/spool").exists(), "who only serves readers has no spool");
    ingress.kill().await;
}

/// As an operator would.
async fn declare_again(url: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let queue = "deleted.log.1";
    channel.queue_declare(queue.into(), durable, arguments).await.unwrap();
    let (exchange, key) = ("deleted.events", "*.*.*.1");
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default()).await.unwrap();
}
