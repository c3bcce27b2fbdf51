//! A broker that has confirmed events and does not hold them.

use std::time::Duration;

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    gateway::{Gateway, Setup},
    proxy::{Network, Proxy},
    rabbitmq,
    stream::{list, text},
    until,
    webhook::{messenger, messenger_text},
};
use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};

const EVENTS: usize = 20;
/// The same, as a metric counts.
const LOST: f64 = 20.0;

#[tokio::test(flavor = "multi_thread")]
async fn events_that_a_broker_confirmed_and_lost_are_published_again_in_order() {
    forgotten("forgetful", |setup| setup).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_events_in_a_message_are_published_again_too() {
    forgotten("forgetful-bundled", Setup::bundled).await;
}

async fn forgotten(name: &str, more: impl FnOnce(Setup) -> Setup) {
    let (folder, node) = (tempfile::tempdir().unwrap(), rabbitmq::shared().await);
    let proxy = Proxy::start(node.port()).await;
    let gateway = more(Setup::rabbitmq(folder.path(), &rabbitmq::url(proxy.port()), name)).start().await;
    let mut sent = Vec::new();
    send(&gateway, &mut sent, EVENTS).await;
    // A connection that is lost is no reason to publish anything twice.
    reconnect(&gateway, &proxy, Duration::ZERO).await;
    send(&gateway, &mut sent, 1).await;
    assert_eq!(listed(&gateway).await, sent, "each is there once");
    assert!(gateway.metric("kenh_confirmed_lost_total", "").await < 0.5);

    send(&gateway, &mut sent, EVENTS).await;
    forget(&node.url(), name).await;
    // What is kept is kept for 30 s before the connection is lost, and for as long as it is away.
    reconnect(&gateway, &proxy, Duration::from_secs(31)).await;
    // Nothing has to come in for it.
    let lost = || async { gateway.metric("kenh_confirmed_lost_total", "").await };
    until("what is lost is published again", || async { lost().await > LOST - 0.5 }).await;
    send(&gateway, &mut sent, 1).await;
    until("the spool is empty", || async { gateway.metric("kenh_spool_held_events", "").await < 0.5 }).await;
    let again = listed(&gateway).await;
    // What was confirmed long before the connection was lost is not kept.
    assert!(again.len() > EVENTS && sent.ends_with(&again), "{again:?}");
    let said = gateway.log();
    assert!(said.contains("lost events that it had confirmed") && !said.contains("number 7"), "{said}");
}

/// Too much to be read in ten seconds, at the rate of the network below.
const LARGE: usize = 16;
const SLOW: Network = Network::Slow { delay: Duration::ZERO, rate: 100_000 };
/// Far too much.
const CRAWLING: Network = Network::Slow { delay: Duration::ZERO, rate: 40_000 };

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_looked_for_in_a_stream_that_is_read_slowly() {
    let (_folder, proxy, gateway) = much_was_confirmed("slow-reading").await;
    proxy.set(Network::Cut);
    until("the connection is lost", || async { gateway.metric("kenh_broker_connected", "publish").await < 0.5 }).await;
    proxy.set(SLOW);
    writes(&gateway, LARGE, "").await;
    until("the last is spooled", || async { gateway.metric("kenh_spool_events_total", "").await > 0.5 }).await;
    until("it leaves the spool", || async { gateway.metric("kenh_spool_drained_total", "").await > 0.5 }).await;
    assert!(gateway.metric("kenh_confirmed_unchecked_total", "").await < 0.5, "all of it was found");
    proxy.set(Network::Up);
    assert_eq!(listed(&gateway).await.len(), LARGE + 1, "each is there once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_cannot_be_read_is_not_waited_for_for_ever_over_many_connections() {
    let (_folder, proxy, gateway) = much_was_confirmed("no-reading").await;
    proxy.set(CRAWLING);
    until("it is given up", || async {
        proxy.set(Network::Cut);
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.set(CRAWLING);
        tokio::time::sleep(Duration::from_secs(6)).await;
        gateway.metric("kenh_confirmed_unchecked_total", "").await > 0.5
    })
    .await;
    proxy.set(Network::Up);
    writes(&gateway, LARGE, "").await;
    until("nothing is in the spool", || async { gateway.metric("kenh_spool_held_events", "").await < 0.5 }).await;
    let listed = listed(&gateway).await;
    for number in 0..=LARGE {
        let label = format!("number {number} ");
        assert!(listed.iter().any(|text| text.starts_with(&label)), "{label}is missing");
    }
}

/// A gateway whose broker has confirmed 1.5 MB of one person's events.
async fn much_was_confirmed(name: &str) -> (tempfile::TempDir, Proxy, Gateway) {
    let (folder, node) = (tempfile::tempdir().unwrap(), rabbitmq::shared().await);
    let proxy = Proxy::start(node.port()).await;
    let gateway = Setup::rabbitmq(folder.path(), &rabbitmq::url(proxy.port()), name).start().await;
    for number in 0..LARGE {
        writes(&gateway, number, &"nhiều ".repeat(15_000)).await;
    }
    (folder, proxy, gateway)
}

async fn writes(gateway: &Gateway, number: usize, more: &str) {
    let body = messenger_text(1, &format!("m_{number}"), &format!("number {number} {more}"));
    assert_eq!(messenger().post(gateway, &body).await, 200);
}

/// One person writes so many more.
async fn send(gateway: &Gateway, sent: &mut Vec<String>, more: usize) {
    for number in sent.len()..sent.len() + more {
        let text = format!("number {number}");
        assert_eq!(messenger().post(gateway, &messenger_text(1, &format!("m_{number}"), &text)).await, 200);
        sent.push(text);
    }
}

async fn reconnect(gateway: &Gateway, proxy: &Proxy, away: Duration) {
    let lost = || async { gateway.metric("kenh_broker_disconnects_total", "publish").await };
    let before = lost().await;
    proxy.set(Network::Cut);
    until("the connection is lost", || async { lost().await > before + 0.5 }).await;
    tokio::time::sleep(away).await;
    proxy.set(Network::Up);
    until("connected", || async { gateway.metric("kenh_broker_connected", "publish").await > 0.5 }).await;
}

async fn listed(gateway: &Gateway) -> Vec<String> {
    let all = list(gateway, ListEventsRequest { page_size: 1000, ..Default::default() }).await;
    all.iter().map(|delivery| text(delivery).to_owned()).collect()
}

/// Deletes the streams with all that was confirmed. The gateway declares them when it connects.
async fn forget(url: &str, name: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for partition in 0..4 {
        let queue = format!("{name}.log.{partition}");
        channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    }
}
