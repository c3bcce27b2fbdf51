//! A gateway that dies at any instant, or goes away in order, again and again.

use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq::{self, Node},
    until,
};

use crate::{
    audit::Repeats,
    ledger::Load,
    run::{Run, pause},
};

/// Kills of a run in `make test`, and at least in `make soak`.
const KILLS: usize = 10;
const SOAK_KILLS: usize = 50;

fn kills() -> usize {
    if kenh_tests::soak().is_some() { SOAK_KILLS } else { KILLS }
}

/// A moment into the life of a gateway, from its first answers to the middle of its work.
fn instant() -> f64 {
    f64::from(fastrand::u32(0..900)) / 1000.0
}

/// Starts it again, and waits until it takes events.
async fn again(run: &Run, setup: &Setup) -> Gateway {
    let gateway = setup.clone().spawn();
    run.flows(20).await;
    gateway
}

async fn killed(name: &'static str, setup: Setup) {
    let mut gateway = setup.clone().start().await;
    let mut run = Run::begin(name, &gateway, Load::USUAL).await;
    while run.again_until(kills()) {
        pause(instant()).await;
        gateway.kill().await;
        gateway = again(&run, &setup).await;
    }
    gateway.ready().await;
    let outcome = run.end(&gateway, Repeats::SameId).await;
    assert!(outcome.unanswered > 0 && outcome.broken > 0, "the kills were felt: {outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_instant_lose_nothing_on_the_embedded_engine() {
    let folder = tempfile::tempdir().unwrap();
    killed("kills, embedded", Setup::embedded(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_instant_lose_nothing_on_rabbitmq() {
    let (folder, node) = (tempfile::tempdir().unwrap(), rabbitmq::shared().await);
    killed("kills, rabbitmq", Setup::rabbitmq(folder.path(), &node.url(), "kills")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_instant_lose_no_bundle_of_events() {
    let (folder, node) = (tempfile::tempdir().unwrap(), rabbitmq::shared().await);
    killed("kills, bundles", Setup::rabbitmq(folder.path(), &node.url(), "kills-bundled").bundled()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_instant_lose_nothing_of_the_spool() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let setup = Setup::rabbitmq(folder.path(), &node.url(), "spool-kills");
    let mut gateway = setup.clone().start().await;
    let mut run = Run::begin("kills, broker away", &gateway, Load::USUAL).await;
    while run.again() {
        node.kill().await;
        for _ in 0..kills() / 2 {
            pause(instant()).await;
            gateway.kill().await;
            gateway = again(&run, &setup).await;
        }
        let held = gateway.metric("kenh_spool_held_events", "").await;
        assert!(held > 0.0, "the spool is in use");
        // And while it is drained.
        node.restart().await;
        for _ in kills() / 2..kills() {
            pause(instant()).await;
            gateway.kill().await;
            gateway = again(&run, &setup).await;
        }
        gateway.ready().await;
        run.drained(&gateway).await;
    }
    let outcome = run.end(&gateway, Repeats::SameId).await;
    assert!(outcome.unanswered > 0 && outcome.broken > 0, "the kills were felt: {outcome:?}");
}

/// SIGTERM under load: streams are drained, the exit code is 0.
async fn ended(name: &'static str, setup: Setup) {
    let mut gateway = setup.clone().start().await;
    let mut run = Run::begin(name, &gateway, Load::USUAL).await;
    let mut ends = 0;
    while run.again_until(3) {
        pause(instant()).await;
        gateway.terminate().await;
        assert!(gateway.ended().await.success(), "exit code 0 after SIGTERM");
        ends += 1;
        gateway = setup.clone().start().await;
        let events = {
            let seen = run.subscriber.seen();
            assert_eq!(seen.drained, ends, "each time the stream ended with a drain");
            seen.audit.events
        };
        until("the subscriber is back", || async { run.subscriber.seen().audit.events > events }).await;
    }
    run.end(&gateway, Repeats::SameId).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_drains_and_loses_nothing_on_the_embedded_engine() {
    let folder = tempfile::tempdir().unwrap();
    ended("sigterm, embedded", Setup::embedded(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_drains_and_loses_nothing_on_rabbitmq() {
    let (folder, node) = (tempfile::tempdir().unwrap(), rabbitmq::shared().await);
    ended("sigterm, rabbitmq", Setup::rabbitmq(folder.path(), &node.url(), "sigterm")).await;
}
