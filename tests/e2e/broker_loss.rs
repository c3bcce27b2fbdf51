//! A broker that is not there.

use kenh_tests::{
    gateway::Setup,
    ports,
    rabbitmq::Node,
    stream::{Stream, envelope, latest, text},
    until,
    webhook::{messenger, messenger_text},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_broker_at_start_is_said_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("amqp://guest:secret-of-the-broker@127.0.0.1:{}/%2f", ports::free());
    let gateway = Setup::rabbitmq(folder.path(), &url, "unreachable").spawn();
    until("the reason stands in /readyz", || async {
        let page = gateway.admin_page("readyz").await;
        page.is_some_and(|(status, text)| status == 503 && text.contains("broker (publish): IO error"))
    })
    .await;
    assert_eq!(gateway.admin_page("healthz").await.unwrap().0, 200, "it lives all the same");
    assert!(!gateway.log().contains("secret-of-the-broker"), "the address's password is not logged");
    assert_eq!(gateway.log().lines().filter(|line| line.contains("panicked")).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_dies_and_comes_back_is_found_again_and_streams_go_on() {
    let node = Node::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = Setup::rabbitmq(folder.path(), &node.url(), "loss").start().await;
    let mut stream = Stream::open(&gateway, latest()).await;
    assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_before", "before")).await, 200);
    assert_eq!(text(&stream.delivery().await), "before");

    node.kill().await;
    until("the loss is said", || async { gateway.admin_page("readyz").await.unwrap().1.contains("error") }).await;
    assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_during", "during")).await, 200, "the spool holds it");

    node.restart().await;
    gateway.ready().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_after", "after")).await, 200);
    let rest = stream.deliveries(2).await;
    assert_eq!((text(&rest[0]), text(&rest[1])), ("during", "after"), "the same stream goes on, in order");
    let from_spool = |delivery| envelope(delivery).quality.as_ref().unwrap().from_spool;
    assert!(from_spool(&rest[0]) && gateway.log().lines().all(|line| !line.contains("panicked")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_spool_the_channel_is_told_to_come_back() {
    let node = Node::start().await;
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::rabbitmq(folder.path(), &node.url(), "bare").with("  spool: {enabled: false}\n");
    let mut gateway = setup.start().await;
    node.kill().await;
    until("not ready", || async { gateway.admin_page("readyz").await.unwrap().0 == 503 }).await;
    assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_during", "during")).await, 503);
    node.restart().await;
    gateway.ready().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_after", "after")).await, 200);
}
