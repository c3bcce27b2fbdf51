//! A network that fails between the gateway and its broker.

use std::time::Duration;

use kenh_tests::{
    gateway::{Gateway, Setup},
    proxy::{Network, Proxy},
    rabbitmq::{self, Node},
    until,
};

use crate::{audit::Repeats, ledger::Load, run::Run};

/// A gateway that reaches its broker through a network that can fail.
struct Distant {
    folder: tempfile::TempDir,
    proxy: Proxy,
    gateway: Gateway,
}

async fn distant(name: &str) -> Distant {
    let node: &'static Node = rabbitmq::shared().await;
    let (folder, proxy) = (tempfile::tempdir().unwrap(), Proxy::start(node.port()).await);
    let gateway = Setup::rabbitmq(folder.path(), &rabbitmq::url(proxy.port()), name).start().await;
    Distant { folder, proxy, gateway }
}

async fn through(name: &'static str, seconds: f64, fault: Network) {
    let Distant { folder, proxy, gateway } = distant(name).await;
    let mut run = Run::begin(name, &gateway, Load::USUAL).await;
    while run.again() {
        run.fault(&gateway, seconds, async || proxy.set(fault), async || proxy.set(Network::Up)).await;
    }
    let outcome = run.end(&gateway, Repeats::SameId).await;
    outcome.assert_unnoticed();
    drop((gateway, folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_cut_loses_nothing() {
    through("cut", 4.0, Network::Cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_silent_for_longer_than_the_heartbeat_loses_nothing() {
    through("silent", 15.0, Network::Silent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_too_slow_for_the_confirm_deadline_loses_nothing() {
    through("slow", 10.0, Network::Slow { delay: Duration::from_millis(300), rate: 8_000 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_whose_peer_went_without_a_word_are_made_anew() {
    let Distant { folder, proxy, gateway } = distant("half-open").await;
    let mut run = Run::begin("half-open", &gateway, Load::USUAL).await;
    while run.again() {
        let lost = async |purpose| gateway.metric("kenh_broker_disconnects_total", purpose).await;
        let before = (lost("publish").await, lost("read").await);
        proxy.forget();
        // Nobody ends this fault: late confirms tell of the one connection, only the heartbeats of the other.
        until("both connections are given up", || async {
            lost("publish").await > before.0 && lost("read").await > before.1
        })
        .await;
        run.drained(&gateway).await;
        run.flows(50).await;
    }
    assert!(gateway.metric("kenh_spool_events_total", "").await > 0.0, "the fault was felt");
    let outcome = run.end(&gateway, Repeats::SameId).await;
    outcome.assert_unnoticed();
    drop(folder);
}
