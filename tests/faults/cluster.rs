//! A cluster whose leaders die.

use kenh_tests::{gateway::Setup, rabbitmq::Cluster, until};

use crate::{audit::Repeats, ledger::Load, run::Run};

/// RabbitMQ 3.10 now and then loses an event that it has confirmed when the leader of its stream dies. The soak allows
/// none, so that it shows on which brokers this still happens.
const BROKER_LOSES_ONE_IN: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_its_leader_twice_goes_on() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start(3).await);
    let gateway = Setup::rabbitmq(folder.path(), &cluster.urls(), "cluster").start().await;
    let mut run = Run::begin("cluster, leader killed", &gateway, Load::USUAL).await;
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
    let one_lost_in = if kenh_tests::soak().is_some() { 0 } else { BROKER_LOSES_ONE_IN };
    let outcome = run.end_of(&gateway, Repeats::SameId, one_lost_in).await;
    outcome.assert_unnoticed();
}
