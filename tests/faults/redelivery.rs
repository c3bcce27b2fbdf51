//! A provider that delivers everything twice, at the same time, and again later.

use std::time::Duration;

use kenh_tests::{
    gateway::Setup,
    postgres::Cluster,
    rabbitmq::{self, Node},
    until,
};
use tokio::task::JoinSet;

use crate::{
    audit::Repeats,
    ledger::{Ledger, Load},
    run::Run,
};

/// Deliveries of a conversation, and how many later the old one comes again.
const DELIVERIES: usize = 60;
const LATER: usize = 3;

/// Everybody sends everything to two addresses at once, and again when there is news.
async fn twice(ledger: &Ledger, urls: [String; 2]) {
    let mut people = JoinSet::new();
    for person in 700_000..700_010_u64 {
        let (ledger, urls) = (ledger.clone(), urls.clone());
        people.spawn(async move {
            for number in 0..DELIVERIES {
                // What is being stored for too long elsewhere is to be delivered again.
                let taken =
                    async |url: &str, number| ledger.post(url, person..person + 1, number, "").await.status == 200;
                let deliver = async |url, number| until("it is taken", || taken(url, number)).await;
                tokio::join!(deliver(&urls[0], number), deliver(&urls[1], number));
                if let Some(earlier) = number.checked_sub(LATER) {
                    deliver(&urls[number % 2], earlier).await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    people.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_delivered_twice_at_once_and_again_is_published_once_on_one_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let mut run = Run::begin("redelivered", &gateway, Load::USUAL).await;
    assert!(run.again());
    let url = gateway.url("messenger", "main");
    twice(&run.ledger, [url.clone(), url]).await;
    run.end(&gateway, Repeats::None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_delivered_twice_at_once_and_again_is_published_once_over_two_replicas() {
    let (node, cluster): (&'static Node, _) = (rabbitmq::shared().await, Cluster::start().await);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", cluster.url());
    // What a slow broker confirms too late is published again. Not asked here.
    let setup = |at: usize| {
        let setup = Setup::rabbitmq(folders[at].path(), &node.url(), "replicas");
        setup.with("    confirm_timeout: 30s\n").with(&store)
    };
    let (gateway, other) = (setup(0).start().await, setup(1).roles("ingress").start().await);
    let urls = [&gateway, &other].map(|gateway| gateway.url("messenger", "main"));
    let mut run = Run::begin_at("redelivered, two replicas", &urls, gateway.api_url(), Load::USUAL).await;
    assert!(run.again());
    twice(&run.ledger, urls).await;
    // What a database on a busy machine did not answer in time is published unchecked, and counted.
    let unchecked =
        gateway.metric("kenh_dedupe_unchecked_total", "").await + other.metric("kenh_dedupe_unchecked_total", "").await;
    run.end(&gateway, if unchecked > 0.0 { Repeats::SameId } else { Repeats::None }).await;
}
