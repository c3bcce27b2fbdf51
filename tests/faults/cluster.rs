//! A cluster whose leaders die.

use kenh_tests::{gateway::Setup, rabbitmq::Cluster, until};

use crate::{audit::Repeats, ledger::Load, run::Run};

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_its_leader_twice_goes_on() {
    loses_its_leader("cluster, leader killed", |setup| setup).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_its_leader_twice_loses_no_bundle_of_events() {
    loses_its_leader("cluster, leader killed, bundles", Setup::bundled).await;
}

async fn loses_its_leader(name: &'static str, more: impl FnOnce(Setup) -> Setup) {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start(3).await);
    let gateway = more(Setup::rabbitmq(folder.path(), &cluster.urls(), "cluster")).start().await;
    let mut run = Run::begin(name, &gateway, Load::USUAL).await;
    let mut killed = Vec::new();
    while run.again_until(2) {
        let (leader, replicas) = cluster.leader("cluster.log.0").await;
        assert_eq!(replicas, 3, "the stream is on every node");
        killed.push(leader.port());
        leader.kill().await;
        // The others elect, and take events: directly again, not only into the spool.
        run.flows(100).await;
        until("the rest of the cluster takes events", || async {
            gateway.metric("kenh_spool_held_events", "").await == 0.0
                && gateway.metric("kenh_broker_connected", "publish").await > 0.5
        })
        .await;
        run.flows(100).await;
        assert_ne!(cluster.leader("cluster.log.0").await.0.port(), leader.port(), "another one leads");
        leader.restart().await;
        until("it is a replica again", || async { cluster.online("cluster.log.0").await == 3 }).await;
    }
    assert_ne!(killed[0], killed[1], "two leaders were killed");
    let again = gateway.metric("kenh_confirmed_lost_total", "").await;
    println!("soak: {name}: {again:.0} confirmed events were not there and published again");
    let outcome = run.end(&gateway, Repeats::SameId).await;
    outcome.assert_unnoticed();
}
