//! A spool that is full.

use kenh_tests::{
    PATIENCE,
    gateway::{Gateway, Setup},
    rabbitmq::Node,
    until,
};

use crate::{audit::Repeats, ledger::Load, run::Run};

const SMALL: &str = "  spool:\n    max_bytes: 1MiB\n";

/// Waits until events are refused, and checks how.
pub(crate) async fn refused(run: &Run, gateway: &Gateway, reason: &str) {
    let before = run.ledger.refused();
    until("there is no room", || async { run.ledger.refused() > before + 10 }).await;
    told_to_come_back(run, gateway).await;
    let (ready, report) = gateway.admin_page("readyz").await.unwrap();
    assert!(ready == 503 && report.contains(reason), "{report}");
    assert_eq!(gateway.admin_page("healthz").await.unwrap().0, 200);
    assert!(gateway.metric("kenh_spool_refused_total", "").await > 10.0);
}

/// A conversation of its own, with large events. Where many small ones at once did not fit, a few of these may.
pub(crate) async fn told_to_come_back(run: &Run, gateway: &Gateway) {
    const PERSON: u64 = 1;
    let padding = "nữa ".repeat(10_000);
    let refused = async {
        loop {
            let number = run.ledger.conversations().get(&PERSON).copied().unwrap_or_default();
            let answer = run.ledger.post(&gateway.url("messenger", "main"), PERSON..PERSON + 1, number, &padding).await;
            if answer.status != 200 {
                return answer;
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, refused).await.expect("one is refused");
    assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_answers_503_and_recovers_when_it_is_drained() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let mut gateway = Setup::rabbitmq(folder.path(), &node.url(), "full").with(SMALL).start().await;
    gateway.expect_errors();
    let mut run = Run::begin("spool full", &gateway, Load::LONG).await;
    while run.again() {
        node.kill().await;
        refused(&run, &gateway, "spool: there is no room").await;
        node.restart().await;
        gateway.ready().await;
        run.flows(20).await;
        run.drained(&gateway).await;
    }
    run.end(&gateway, Repeats::SameId).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_wait_for_too_long_are_said_once_and_measured() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let alarm = "  spool:\n    max_age_alarm: 8s\n";
    let mut gateway = Setup::rabbitmq(folder.path(), &node.url(), "aged").with(alarm).start().await;
    gateway.expect_errors();
    let mut run = Run::begin("spool, age", &gateway, Load::USUAL).await;
    let alarms = |gateway: &Gateway| {
        gateway.log().lines().filter(|line| line.contains("wait in the spool for too long")).count()
    };
    while run.again() {
        let before = alarms(&gateway);
        assert!(gateway.metric("kenh_spool_oldest_age_seconds", "").await < 0.5, "nothing waits");
        node.kill().await;
        run.flows(20).await;
        // What the alert of the chart looks at rises with the time that the first has waited.
        until("the oldest is measured", || async { gateway.metric("kenh_spool_oldest_age_seconds", "").await > 12.0 })
            .await;
        assert_eq!(alarms(&gateway), before + 1, "said once, not with each look");
        node.restart().await;
        gateway.ready().await;
        run.drained(&gateway).await;
        until("nothing waits", || async { gateway.metric("kenh_spool_oldest_age_seconds", "").await < 0.5 }).await;
    }
    let errors = gateway.log().lines().filter(|line| line.contains("\"ERROR\"")).count();
    assert_eq!(errors, alarms(&gateway), "nothing else is an error");
    run.end(&gateway, Repeats::SameId).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_with_a_full_spool_loses_nothing() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let setup = Setup::rabbitmq(folder.path(), &node.url(), "survives").with(SMALL);
    let mut gateway = setup.clone().start().await;
    gateway.expect_errors();
    let mut run = Run::begin("spool full, gateway killed", &gateway, Load::LONG).await;
    while run.again() {
        node.kill().await;
        refused(&run, &gateway, "spool: there is no room").await;
        gateway.kill().await;
        // Its successor takes webhooks while the broker is still away; there is no room for them.
        gateway = setup.clone().spawn();
        gateway.expect_errors();
        until("it answers", || async { gateway.admin_page("readyz").await.is_some() }).await;
        refused(&run, &gateway, "spool: there is no room").await;
        node.restart().await;
        gateway.ready().await;
        // New events queue behind those of the run before.
        run.flows(20).await;
        run.drained(&gateway).await;
    }
    run.end(&gateway, Repeats::SameId).await;
}
