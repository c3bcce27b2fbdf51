use std::time::Duration;

use kenh_proto::v1::{AccountState, SendState};
use kenh_tests::{
    gateway::Gateway,
    oauth::{FIRST, FIRST_ACCESS, Manner},
    outbound::until_state,
    provider, until,
};
use serde_json::json;

use super::{World, health, renewed, say_on_zalo, tokens};

const SECOND: &str = "oa-token-of-tests-access-1";
const THIRD: &str = "oa-token-of-tests-access-2";

async fn broken(gateway: &Gateway) {
    let broken = || async { health(gateway).await.state() == AccountState::AuthBroken };
    until("a person has to act", broken).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_renewed_though_nobody_sends_and_ahead_of_its_end() {
    let world = World::new().await;
    world.oauth.lasting(4);
    let gateway = world.setup().start().await;
    until("it was renewed three times", || async { world.oauth.calls().len() >= 3 }).await;
    let calls = world.oauth.calls();
    assert_eq!(calls[..3], [FIRST, "oa-token-of-tests-refresh-1", "oa-token-of-tests-refresh-2"]);
    assert_eq!(health(&gateway).await.state(), AccountState::Healthy);
    assert!(gateway.metric("kenh_token_refreshes_total", "outcome=\"renewed\"").await >= 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_the_channel_does_not_take_is_renewed_once_and_one_message_is_sent() {
    let world = World::new().await;
    let gateway = world.setup().start().await;
    renewed(&gateway).await;
    world.provider.next([provider::Manner::Says(200, json!({"error": -216, "message": "Access token is invalid"}))]);
    let sent = say_on_zalo(&gateway, "hello").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.attempts, 1);
    assert_eq!(tokens(&world.provider), [SECOND, THIRD], "refused with the one, taken with the other");
    assert_eq!(world.oauth.calls(), [FIRST, "oa-token-of-tests-refresh-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_with_status_200_overwrites_no_token() {
    let world = World::new().await;
    world.oauth.next([Manner::Says(200, json!({"error": -32, "error_name": "Too many requests"}))]);
    let gateway = world.setup().start().await;
    until("it was asked", || async { !world.oauth.calls().is_empty() }).await;
    let sent = say_on_zalo(&gateway, "hello").await;
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    renewed(&gateway).await;
    assert_eq!(world.oauth.calls(), [FIRST, FIRST]);
    assert_eq!(health(&gateway).await.state(), AccountState::Healthy);
    assert!([FIRST_ACCESS, SECOND].contains(&tokens(&world.provider)[0].as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_before_the_token_was_spent_costs_nothing() {
    let world = World::new().await;
    world.oauth.next([Manner::SilentBefore]);
    let gateway = world.setup().start().await;
    renewed(&gateway).await;
    assert_eq!(world.oauth.calls(), [FIRST, FIRST]);
    assert!(gateway.metric("kenh_token_refreshes_total", "outcome=\"no_answer\"").await >= 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_after_it_was_spent_is_said_loudly() {
    let world = World::new().await;
    world.oauth.next([Manner::SilentAfter]);
    let mut gateway = world.setup().start().await;
    gateway.expect_errors();
    broken(&gateway).await;
    assert_eq!(world.oauth.calls(), [FIRST, FIRST], "once more with the same, then a person has to act");
    assert_eq!(health(&gateway).await.last_error_code.as_deref(), Some("-14014"));
    assert!(gateway.metric("kenh_token_refreshes_total", "outcome=\"refused\"").await >= 1.0);
    assert!(gateway.log().contains("give the consent again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_in_the_middle_tries_the_same_token_once() {
    for (manner, spent) in [(Manner::SilentBefore, false), (Manner::SilentAfter, true)] {
        let world = World::new().await;
        world.oauth.next([manner]);
        let mut gateway = world.setup().start().await;
        until("the token is being spent", || async { !world.oauth.calls().is_empty() }).await;
        gateway.kill().await;
        assert_eq!(world.oauth.calls(), [FIRST]);
        drop(gateway);
        let mut gateway = world.setup().start().await;
        gateway.expect_errors();
        if spent {
            broken(&gateway).await;
        } else {
            renewed(&gateway).await;
        }
        assert_eq!(world.oauth.calls(), [FIRST, FIRST], "spent: {spent}");
        assert!(gateway.log().contains("a renewal was not finished"), "spent: {spent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_keeps_what_it_is_given() {
    let world = World::new().await;
    world.oauth.next([Manner::Slowly(Duration::from_millis(700))]);
    let mut gateway = world.setup().start().await;
    until("the token is being spent", || async { !world.oauth.calls().is_empty() }).await;
    gateway.terminate().await;
    assert!(gateway.ended().await.success());
    drop(gateway);
    let gateway = world.setup().start().await;
    let sent = say_on_zalo(&gateway, "hello").await;
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(tokens(&world.provider), [SECOND]);
    assert_eq!(world.oauth.calls(), [FIRST]);
}
