//! Confirm or spool: the broker fails in every way, and what was answered with 200 comes out whole and in order.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq::Node,
    until,
    webhook::{messenger, messenger_text},
};
use lapin::{
    Connection, ConnectionProperties,
    options::{QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use tokio_util::sync::CancellationToken;

use crate::ledger::Ledger;

/// The channel with the least patience gives up after so long.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(2);
const SMALL: &str = "  spool:\n    max_bytes: 1MiB\n";

async fn pause(seconds: f64) {
    // Time for the fault to act; nothing is waited for.
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

async fn status(gateway: &Gateway, page: &str) -> u16 {
    gateway.admin_page(page).await.expect("the admin port answers").0
}

/// A fault while webhooks come in without a break: begun, lasting, ended. Returns the gateway to look at.
async fn through<F: Future<Output = ()>, G: Future<Output = ()>>(
    folder: &Path,
    node: &Node,
    name: &str,
    seconds: f64,
    begin: impl FnOnce() -> F,
    end: impl FnOnce() -> G,
) -> Gateway {
    let gateway = Setup::rabbitmq(folder, &node.url(), name).start().await;
    let (ledger, stop) = (Ledger::new(), CancellationToken::new());
    let talking = ledger.talk(&gateway.url("messenger", "main"), 10, &stop);
    until("events flow", || async { ledger.accepted() > 50 }).await;
    // A RabbitMQ that is killed at once forgets the queues it has just declared.
    pause(3.0).await;
    let (usual, _) = ledger.latency();
    begin().await;
    pause(seconds).await;
    assert_eq!(status(&gateway, "readyz").await, 200, "the gateway goes on");
    let (median, longest) = ledger.latency();
    let before = gateway.metric("kenh_spool_drained_total", "").await;
    end().await;
    let ended = Instant::now();
    until("draining begins", || async { gateway.metric("kenh_spool_drained_total", "").await > before }).await;
    let drain = ended.elapsed();
    pause(1.0).await;
    stop.cancel();
    talking.join_all().await;
    assert_eq!(ledger.refused(), 0, "every event was taken");
    let repeats = ledger.settle(&gateway).await;
    let spooled = gateway.metric("kenh_spool_events_total", "").await;
    println!(
        "{name}: {} events, {spooled} spooled, {repeats} twice; answered in {usual:?} usually, {median:?} (longest \
         {longest:?}) during the fault; draining began {drain:?} after its end",
        ledger.accepted()
    );
    assert!(spooled > 0.0, "the fault was felt");
    assert!(longest < SHORTEST_PATIENCE, "an answer took {longest:?}");
    assert!(drain < Duration::from_secs(2), "draining began {drain:?} after the broker's return");
    until("events go to the broker again", || async {
        gateway.metric("kenh_spool_held_events", "").await == 0.0
            && gateway.log().matches("the spool is drained").count() > 0
    })
    .await;
    gateway
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_loses_nothing_and_keeps_every_conversation_in_order() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    through(folder.path(), &node, "killed", 3.0, || node.kill(), || node.restart()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_broker_costs_nothing_but_time() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    through(folder.path(), &node, "frozen", 5.0, || node.pause(), || node.resume()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_short_of_memory_blocks_nobody() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let gateway = through(
        folder.path(),
        &node,
        "blocked",
        6.0,
        || node.ctl("set_vm_memory_high_watermark absolute 1"),
        || node.ctl("set_vm_memory_high_watermark absolute 1GB"),
    )
    .await;
    assert!(gateway.metric("kenh_spool_drain_failures_total", "blocked").await > 0.0, "it was blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_holds_up_its_own_partition_only() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let gateway = Setup::rabbitmq(folder.path(), &node.url(), "deleted").roles("ingress").start().await;
    node.ctl("delete_queue deleted.log.1").await;
    let (ledger, stop) = (Ledger::new(), CancellationToken::new());
    let talking = ledger.talk(&gateway.url("messenger", "main"), 12, &stop);
    until("events are unroutable", || async { gateway.metric("kenh_spool_events_total", "unroutable").await > 0.0 })
        .await;
    pause(3.0).await;
    stop.cancel();
    talking.join_all().await;
    assert_eq!(ledger.refused(), 0, "every event was taken");
    // Nothing of the other partitions has seen the spool.
    let spooling: Vec<_> =
        gateway.log().lines().filter(|line| line.contains("go into the spool")).map(str::to_owned).collect();
    assert!(spooling.iter().all(|line| line.contains("partition\":1") || line.contains("partition=1")), "{spooling:?}");

    let connection = Connection::connect(&node.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let queue = "deleted.log.1";
    channel.queue_declare(queue.into(), durable, arguments).await.unwrap();
    let (exchange, key) = ("deleted.events", "*.*.*.1");
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default()).await.unwrap();
    until("drained", || async { gateway.metric("kenh_spool_held_events", "").await == 0.0 }).await;

    let other = folder.path().join("api");
    let assume = "    topology: assume\n";
    let api = Setup::rabbitmq(&other, &node.url(), "deleted").with(assume).roles("api").start().await;
    ledger.settle(&api).await;
    assert!(!other.join("data/spool").exists(), "who only serves readers has no spool");
}

/// Kills the broker and fills the spool.
async fn fill(gateway: &Gateway, node: &Node, ledger: &Ledger) {
    let url = gateway.url("messenger", "main");
    for number in 10_000..10_020 {
        assert_eq!(ledger.post(&url, 660_001, number, "").await, 200);
    }
    // As above.
    pause(3.0).await;
    node.kill().await;
    let padding = "lời ".repeat(700);
    for number in 0..10_000 {
        if ledger.post(&url, 660_001, number, &padding).await == 503 {
            return;
        }
    }
    panic!("the spool takes more than it may");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_answers_503_and_recovers_when_it_is_drained() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let mut gateway = Setup::rabbitmq(folder.path(), &node.url(), "full").with(SMALL).start().await;
    gateway.expect_errors();
    let ledger = Ledger::new();
    fill(&gateway, &node, &ledger).await;
    let body = messenger_text(660_001, "m_more", &"nữa ".repeat(700));
    let answer = messenger().call(&gateway.url("messenger", "main"), &body).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let (ready, report) = gateway.admin_page("readyz").await.unwrap();
    assert!(ready == 503 && report.contains("spool: there is no room"), "{report}");
    assert_eq!(status(&gateway, "healthz").await, 200);
    assert!(gateway.metric("kenh_spool_refused_total", "full").await >= 2.0);

    node.restart().await;
    gateway.ready().await;
    ledger.settle(&gateway).await;
    let url = gateway.url("messenger", "main");
    assert_eq!(ledger.post(&url, 660_001, 20_000, "").await, 200);
    ledger.settle(&gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_with_a_full_spool_loses_nothing() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let setup = || Setup::rabbitmq(folder.path(), &node.url(), "survives").with(SMALL);
    let mut gateway = setup().start().await;
    gateway.expect_errors();
    let ledger = Ledger::new();
    fill(&gateway, &node, &ledger).await;
    gateway.kill().await;

    // Its successor takes webhooks while the broker is still away; there is no room for them.
    let mut ingress = setup().roles("ingress").start().await;
    ingress.expect_errors();
    assert_eq!(ledger.post(&ingress.url("messenger", "main"), 660_001, 20_000, &"dài ".repeat(5000)).await, 503);
    ingress.kill().await;
    node.restart().await;
    let mut gateway = setup().start().await;
    gateway.expect_errors();
    // New events queue behind those of the run before.
    let url = gateway.url("messenger", "main");
    for number in 30_000..30_020 {
        assert_eq!(ledger.post(&url, 660_001, number, "").await, 200);
    }
    ledger.settle(&gateway).await;
}
