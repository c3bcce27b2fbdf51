//! A state store that does not answer.

use kenh_tests::{
    gateway::Setup,
    postgres::Cluster,
    rabbitmq::{self, Node},
};

use crate::{
    audit::Repeats,
    ledger::Load,
    run::{Run, pause},
};

/// Calls of the store wait all the time that it is frozen: nothing is told that it is away.
const SECONDS: f64 = 25.0;
const TIMEOUT: &str = "60s";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_frozen_for_long_keeps_no_channel_waiting() {
    let (folder, node, cluster): (_, &'static Node, _) =
        (tempfile::tempdir().unwrap(), rabbitmq::shared().await, Cluster::start().await);
    let store =
        format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n    timeout: {TIMEOUT}\n", cluster.url());
    let gateway = Setup::rabbitmq(folder.path(), &node.url(), "database").with(&store).start().await;
    let mut run = Run::begin("database frozen", &gateway, Load::USUAL).await;
    while run.again() {
        cluster.pause().await;
        pause(SECONDS).await;
        cluster.resume().await;
        run.flows(50).await;
    }
    assert!(gateway.metric("kenh_dedupe_unchecked_total", "").await > 0.0, "the fault was felt");
    run.end(&gateway, Repeats::SameId).await.assert_unnoticed();
}
