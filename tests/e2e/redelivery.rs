//! What is delivered again within the window is not published again.

use std::collections::BTreeSet;

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    gateway::{Gateway, Setup},
    postgres::Cluster,
    rabbitmq,
    stream::{self, envelope},
    until,
    webhook::{messenger, messenger_batch, messenger_item, messenger_text},
};
use tokio::task::JoinSet;

async fn stored(gateway: &Gateway) -> Vec<String> {
    let events = stream::list(gateway, ListEventsRequest::default()).await;
    events.iter().map(|event| envelope(event).id.clone()).collect()
}

async fn a_redelivery_is_stored_once(gateway: &Gateway) {
    let body = messenger_text(660_001, "m_same", "twice");
    for _ in 0..3 {
        assert_eq!(messenger().post(gateway, &body).await, 200);
    }
    // A batch of which half is known; the connector itself leaves out what one call says twice.
    let item = |mid: &str| messenger_item(660_001, mid, "again");
    let batch = messenger_batch(&[item("m_same"), item("m_new"), item("m_new")]);
    assert_eq!(messenger().post(gateway, &batch).await, 200);
    until("both events are there", || async { stored(gateway).await.len() >= 2 }).await;
    assert_eq!(stored(gateway).await.len(), 2);
    let duplicates = async |family: &str| gateway.metric(family, "outcome=\"duplicate\"").await;
    let counted = (duplicates("kenh_deliveries_total").await, duplicates("kenh_events_total").await);
    assert_eq!(counted, (2.0, 3.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_is_stored_once_on_the_embedded_engine_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path());
    let mut gateway = setup.clone().start().await;
    a_redelivery_is_stored_once(&gateway).await;
    gateway.kill().await;
    let gateway = setup.start().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_same", "twice")).await, 200);
    assert_eq!(stored(&gateway).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_is_stored_once_on_rabbitmq_and_postgresql() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start().await);
    let url = rabbitmq::shared().await.url();
    let setup = Setup::rabbitmq(folder.path(), &url, "redelivery").with(&store(&cluster));
    a_redelivery_is_stored_once(&setup.start().await).await;
}

fn store(cluster: &Cluster) -> String {
    format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", cluster.url())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_that_get_the_same_delivery_at_once_one_publishes_it() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start().await);
    let url = rabbitmq::shared().await.url();
    let setup = |name: &str| {
        let setup = Setup::rabbitmq(&folder.path().join(name), &url, "replicas");
        setup.with(&store(&cluster))
    };
    let (one, other) = tokio::join!(setup("one").start(), setup("other").start());
    let mut calls = JoinSet::new();
    for number in 0..120_u64 {
        let body = messenger_text(660_000 + number % 12, &format!("m_{number}"), "both");
        for target in [&one, &other, &one, &other] {
            let (url, body) = (target.url("messenger", "main"), body.clone());
            calls.spawn(async move { messenger().post_to(&url, &body).await.unwrap() });
        }
    }
    for status in calls.join_all().await {
        assert_eq!(status, 200);
    }
    until("all are stored", || async { stored(&one).await.len() >= 120 }).await;
    let ids = stored(&other).await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 120);
    // Unless the database did not keep up on a busy machine; then as many may be there twice as were not checked.
    let unchecked =
        one.metric("kenh_dedupe_unchecked_total", "").await + other.metric("kenh_dedupe_unchecked_total", "").await;
    let twice = f64::from(u32::try_from(ids.len() - 120).unwrap());
    assert!(twice <= unchecked, "{twice} events are stored twice, {unchecked} were not checked");
    assert!(unchecked < 60.0, "most were checked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_costs_no_event() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start().await);
    let url = rabbitmq::shared().await.url();
    let setup = Setup::rabbitmq(folder.path(), &url, "storeless").with(&store(&cluster));
    let gateway = setup.start().await;
    let post = async |mid: &str| messenger().post(&gateway, &messenger_text(660_001, mid, "hello")).await;
    assert_eq!(post("m_before").await, 200);
    cluster.kill().await;
    assert_eq!(post("m_during").await, 200);
    assert!(gateway.metric("kenh_dedupe_unchecked_total", "").await >= 1.0);
    until("the loss is known", || async {
        gateway.admin_page("readyz").await.unwrap().1.contains("not needed to be ready")
    })
    .await;
    assert_eq!(gateway.admin_page("readyz").await.unwrap().0, 200, "webhooks are taken all the same");
    // This process knows its own events without the store.
    assert_eq!(post("m_during").await, 200);
    cluster.restart().await;
    until("the store is back", || async {
        gateway.admin_page("readyz").await.unwrap().1.contains("state store: ready")
    })
    .await;
    for mid in ["m_before", "m_during", "m_after", "m_after"] {
        assert_eq!(post(mid).await, 200);
    }
    until("all are stored", || async { stored(&gateway).await.len() >= 3 }).await;
    assert_eq!(stored(&gateway).await.len(), 3);
}
