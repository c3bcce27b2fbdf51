//! A clock that is stepped under the running gateway.

use std::time::{SystemTime, UNIX_EPOCH};

use kenh_tests::{clock::Clock, gateway::Setup, rabbitmq::Node, until};

use crate::{
    audit::Repeats,
    ledger::Load,
    run::{Run, pause},
};

const HOUR: i64 = 3600;

/// Waits until events are stamped with a time so many seconds from the true one.
async fn reads(run: &Run, by: i64) {
    let now = || i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    until("events have the stepped time", || async { (run.subscriber.seen().received_at - now() - by).abs() < 60 })
        .await;
}

/// An hour back, a day forward, right again.
async fn stepped(run: &Run, clock: &Clock) {
    for by in [-HOUR, 24 * HOUR, 0] {
        clock.step(by);
        run.flows(100).await;
        reads(run, by).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stepped_clock_loses_nothing_on_the_embedded_engine() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::beside(folder.path());
    let gateway = clock.of(Setup::embedded(folder.path())).start().await;
    let mut run = Run::begin("clock, embedded", &gateway, Load::USUAL).await;
    while run.again() {
        stepped(&run, &clock).await;
        // Retention looks every ten seconds.
        clock.step(24 * HOUR);
        pause(11.0).await;
        clock.step(0);
    }
    let outcome = run.end(&gateway, Repeats::SameId).await;
    outcome.assert_unnoticed();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stepped_clock_loses_nothing_of_the_spool() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let clock = Clock::beside(folder.path());
    let mut gateway = clock.of(Setup::rabbitmq(folder.path(), &node.url(), "clock")).start().await;
    // A day makes what lies in the spool look old, which is said.
    gateway.expect_errors();
    let mut run = Run::begin("clock, rabbitmq", &gateway, Load::USUAL).await;
    while run.again() {
        stepped(&run, &clock).await;
        node.kill().await;
        for by in [-HOUR, 24 * HOUR, 0] {
            clock.step(by);
            run.flows(100).await;
        }
        assert!(gateway.metric("kenh_spool_held_events", "").await > 0.0, "the spool is in use");
        node.restart().await;
        stepped(&run, &clock).await;
    }
    let outcome = run.end(&gateway, Repeats::SameId).await;
    outcome.assert_unnoticed();
}
