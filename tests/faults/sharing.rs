//! Two replicas of a channel, one database: what the broker does not take has one order, wherever it was posted.

use std::time::Duration;

use kenh_tests::{
    gateway::{Gateway, Setup},
    postgres::Cluster,
    proxy::{Network, Proxy},
    rabbitmq::{self, Node},
    until,
};
use tempfile::TempDir;

use crate::{
    audit::Repeats,
    ledger::Load,
    run::{Run, pause},
};

/// A database on a busy machine may take its time, and is not what this is about.
const PATIENT: &str = "  spool:\n    store_timeout: 30s\n";

/// Two gateways, each with a way of its own to the broker. Whoever writes goes to one and the other by turns.
struct Replicas {
    gateways: [Gateway; 2],
    cluster: Cluster,
    _folders: [TempDir; 2],
}

impl Replicas {
    async fn start(name: &str, brokers: [String; 2], spool: &str) -> Self {
        let (cluster, folders) = (Cluster::start().await, [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
        let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n    timeout: 30s\n", cluster.url());
        let setup = |at: usize| Setup::rabbitmq(folders[at].path(), &brokers[at], name).with(spool).with(&store);
        let gateways = tokio::join!(setup(0).start(), setup(1).start());
        Self { gateways: gateways.into(), cluster, _folders: folders }
    }

    async fn run(&self, name: &'static str) -> Run {
        let urls: Vec<_> = self.gateways.iter().map(|gateway| gateway.url("messenger", "main")).collect();
        Run::begin_at(name, &urls, self.gateways[0].api_url(), Load::USUAL).await
    }

    /// What both say of a metric, added.
    async fn sum(&self, metric: &str, labels: &str) -> f64 {
        let [one, other] = &self.gateways;
        one.metric(metric, labels).await + other.metric(metric, labels).await
    }

    /// Waits until nothing is in any spool, and that something was in the shared one.
    async fn drained(&self) {
        for gateway in &self.gateways {
            until("the spool is drained", || async { gateway.metric("kenh_spool_held_events", "").await < 0.5 }).await;
        }
        assert!(self.sum("kenh_spool_events_total", "shared").await > 0.0, "the fault was felt");
    }

    async fn end(self, run: Run) {
        let outcome = run.end(&self.gateways[0], Repeats::SameId).await;
        // The database is waited for, on a busy machine longer than a sender waits.
        assert_eq!(outcome.refused, 0, "every event was taken");
        assert!(self.sum("kenh_spool_events_total", "own").await < 0.5, "the database was there");
        let drained = self.sum("kenh_spool_drained_total", "shared").await;
        assert!(drained >= self.sum("kenh_spool_events_total", "shared").await, "all of it: {drained}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_keep_one_order_through_a_broker_that_is_killed_and_frozen() {
    let node = Node::start().await;
    let replicas = Replicas::start("sharing", [node.url(), node.url()], PATIENT).await;
    let mut run = replicas.run("two replicas, broker killed and frozen").await;
    while run.again() {
        node.kill().await;
        pause(2.0).await;
        node.restart().await;
        replicas.drained().await;
        run.flows(50).await;
        node.pause().await;
        pause(4.0).await;
        node.resume().await;
        replicas.drained().await;
        run.flows(50).await;
    }
    replicas.end(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_that_is_cut_off_cannot_publish_the_other_one_does() {
    let node: &'static Node = rabbitmq::shared().await;
    let proxies = [Proxy::start(node.port()).await, Proxy::start(node.port()).await];
    let replicas =
        Replicas::start("sharing-cut", [0, 1].map(|at: usize| rabbitmq::url(proxies[at].port())), PATIENT).await;
    let mut run = replicas.run("one of two replicas cut off, then slow").await;
    while run.again() {
        for network in [Network::Cut, Network::Slow { delay: Duration::from_millis(300), rate: 8_000 }] {
            proxies[1].set(network);
            let seen = || run.subscriber.seen().audit.events;
            let (before, drained) = (seen(), replicas.gateways[0].metric("kenh_spool_drained_total", "").await);
            until("the other one drains what this one took", || async {
                replicas.gateways[0].metric("kenh_spool_drained_total", "").await > drained
            })
            .await;
            until("events flow meanwhile", || async { seen() > before + 50 }).await;
            proxies[1].set(Network::Up);
            replicas.drained().await;
            run.flows(50).await;
        }
    }
    replicas.end(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_broker_and_database_a_replica_goes_on_alone_and_in_order() {
    let node = Node::start().await;
    let replicas = Replicas::start("sharing-alone", [node.url(), node.url()], "").await;
    let [one, _] = &replicas.gateways;
    let mut run = Run::begin("broker and database away", one, Load::USUAL).await;
    while run.again() {
        node.kill().await;
        run.flows(20).await;
        replicas.cluster.kill().await;
        let own = one.metric("kenh_spool_events_total", "own").await;
        until("its own spool is used", || async { one.metric("kenh_spool_events_total", "own").await > own }).await;
        run.flows(20).await;
        // The database holds what comes first: the broker alone is not enough.
        node.restart().await;
        run.flows(20).await;
        replicas.cluster.restart().await;
        replicas.drained().await;
        run.flows(50).await;
    }
    run.end(one, Repeats::SameId).await.assert_unnoticed();
}
