use std::time::Duration;

use kenh_proto::v1::SendState;
use kenh_tests::{
    gateway::Setup,
    oauth::{FIRST, Manner},
    outbound::until_state,
    postgres::Cluster,
    until,
};

use super::{KEY, World, health, renewed, say_on_zalo, setup, tokens};

fn replica(world: &World, database: &Cluster, number: usize) -> Setup {
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", database.url());
    let folder = world.folder.path().join(number.to_string());
    setup(&folder, &world.provider, &world.oauth, &[KEY]).with(&store)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_refreshing_at_once_spend_one_refresh_token() {
    let (world, database) = (World::new().await, Cluster::start().await);
    // The tables are there, so that all three begin at once.
    let first = replica(&world, &database, 0);
    world.oauth.next([Manner::Slowly(Duration::from_millis(700))]);
    let mut gateways: Vec<_> =
        [first, replica(&world, &database, 1), replica(&world, &database, 2)].into_iter().map(Setup::spawn).collect();
    for gateway in &mut gateways {
        gateway.ready().await;
    }
    for gateway in &gateways {
        renewed(gateway).await;
    }
    // The first token is good for a while: whoever dispatches uses it until it has looked what became of it.
    let (old, new) = ("oa-token-of-tests-access-0", "oa-token-of-tests-access-1");
    for number in 0.. {
        assert!(number < 100, "the new token is never used");
        let gateway = &gateways[number % gateways.len()];
        let sent = say_on_zalo(gateway, &format!("from-{number}")).await;
        until_state(gateway, &sent.id, SendState::Accepted).await;
        if tokens(&world.provider).iter().filter(|token| *token == new).count() == gateways.len() {
            break;
        }
    }
    let used = tokens(&world.provider);
    assert!(used.iter().all(|token| token == old || token == new), "{used:?}");
    assert_eq!(world.oauth.calls(), [FIRST]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_token_is_not_lost_while_the_database_is_away() {
    let (world, database) = (World::new().await, Cluster::start().await);
    let setup = replica(&world, &database, 0).with("shutdown_grace: 5s\n");
    world.oauth.next([Manner::Slowly(Duration::from_millis(900))]);
    let mut gateway = setup.start().await;
    gateway.expect_errors();
    until("the token is being spent", || async { !world.oauth.calls().is_empty() }).await;
    database.kill().await;
    until("it waits", || async { gateway.log().contains("waits in memory for the state store") }).await;
    database.restart().await;
    until("it was kept", || async { gateway.log().contains("a token was renewed") }).await;
    until("the api answers again", || async {
        super::channels(&gateway)
            .await
            .list_account_health(kenh_proto::v1::ListAccountHealthRequest::default())
            .await
            .is_ok()
    })
    .await;
    until("all know", || async { health(&gateway).await.token_expires_at.is_some() }).await;
    assert_eq!(world.oauth.calls(), [FIRST]);
}
