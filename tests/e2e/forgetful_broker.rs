//! A broker that has confirmed events and does not hold them.

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq::Node,
    stream::{list, text},
    until,
    webhook::{messenger, messenger_text},
};
use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};

const EVENTS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn events_that_a_broker_confirmed_and_lost_are_published_again_in_order() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let gateway = Setup::rabbitmq(folder.path(), &node.url(), "forgetful").start().await;
    let expected: Vec<_> = (0..EVENTS).map(|number| format!("number {number}")).collect();
    for (number, text) in expected.iter().enumerate() {
        assert_eq!(messenger().post(&gateway, &messenger_text(1, &format!("m_{number}"), text)).await, 200);
    }
    // A connection that is lost is no reason to publish anything twice.
    node.ctl("close_all_connections once").await;
    until("connected anew", || async { gateway.metric("kenh_broker_disconnects_total", "publish").await > 0.5 }).await;
    until("connected", || async { gateway.metric("kenh_broker_connected", "publish").await > 0.5 }).await;
    assert_eq!(messenger().post(&gateway, &messenger_text(2, "m_other", "another")).await, 200);
    let there = listed(&gateway).await;
    assert_eq!(there.len(), EVENTS + 1, "each once: {there:?}");
    assert!(gateway.metric("kenh_confirmed_lost_total", "").await < 0.5);

    forget(&node.url()).await;
    node.ctl("close_all_connections again").await;
    // Nothing has to come in for it.
    until("what is lost is published again", || async {
        gateway.metric("kenh_confirmed_lost_total", "").await > there.len() as f64 - 0.5
    })
    .await;
    assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_last", "last")).await, 200);
    until("the spool is empty", || async { gateway.metric("kenh_spool_held_events", "").await < 0.5 }).await;
    let mut again = listed(&gateway).await;
    again.retain(|text| text != "another");
    assert_eq!(again, [expected, vec!["last".into()]].concat());
    let said = gateway.log();
    assert!(said.contains("lost events that it had confirmed") && !said.contains("number 7"), "{said}");
}

async fn listed(gateway: &Gateway) -> Vec<String> {
    let all = list(gateway, ListEventsRequest { page_size: 1000, ..Default::default() }).await;
    all.iter().map(|delivery| text(delivery).to_owned()).collect()
}

/// Deletes the streams with all that was confirmed. The gateway declares them when it connects.
async fn forget(url: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for partition in 0..4 {
        let queue = format!("forgetful.log.{partition}");
        channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    }
}
