use kenh_proto::v1::{
    AccountEventKind, AccountState, Direction, PauseAccountRequest, ResumeAccountRequest, WatchHealthRequest,
    envelope::Payload,
};
use kenh_tests::{
    PATIENCE,
    gateway::{Gateway, OA},
    oauth::Manner,
    stream::{self, Stream, envelope},
    until,
};
use serde_json::json;

use super::{World, channels, health, renewed};

/// The next event about the Official Account: the state before, the state now, the code.
async fn told(stream: &mut Stream) -> (String, String, Option<String>) {
    loop {
        let delivery = tokio::time::timeout(PATIENCE, stream.delivery()).await.expect("somebody is told in time");
        let told = envelope(&delivery);
        let Some(Payload::AccountEvent(event)) = &told.payload else { continue };
        assert_eq!((told.channel.as_str(), told.direction()), ("zalo", Direction::System));
        assert_eq!(told.account.as_ref().unwrap().external_id.as_deref(), Some(OA));
        assert_eq!(event.kind(), AccountEventKind::Health);
        let state = |name: &Option<String>| name.clone().unwrap_or_default().replace("ACCOUNT_STATE_", "");
        return (state(&event.previous), state(&event.current), event.reason.clone());
    }
}

async fn accounts(gateway: &Gateway, state: &str) -> f64 {
    gateway.metric("kenh_account_state", &format!("channel=\"zalo\",state=\"{state}\"")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_everywhere_and_so_is_the_end_of_it() {
    let world = World::new().await;
    world.oauth.next([Manner::Says(200, json!({"error": -14014, "error_name": "Invalid refresh token"}))]);
    let mut gateway = world.setup().start().await;
    gateway.expect_errors();
    let mut events = Stream::open(&gateway, stream::earliest()).await;
    let (before, now, code) = told(&mut events).await;
    assert_eq!((before.as_str(), now.as_str(), code.as_deref()), ("HEALTHY", "AUTH_BROKEN", Some("-14014")));
    let fares = health(&gateway).await;
    assert_eq!((fares.state(), fares.last_error_code.as_deref()), (AccountState::AuthBroken, Some("-14014")));
    assert!(fares.last_error_at.is_some() && fares.token_expires_at.is_none());
    until("it is counted", || async { accounts(&gateway, "auth_broken").await >= 1.0 }).await;
    assert!(accounts(&gateway, "healthy").await < 1.0);
    drop((events, gateway));

    // A person gives the consent again.
    let consent = world.oauth.consent();
    let mut gateway = world.setup().renewing(&world.provider.url(), &world.oauth.url(), &consent).start().await;
    // The log has the error of the run before.
    gateway.expect_errors();
    let mut events = Stream::open(&gateway, stream::earliest()).await;
    assert_eq!(told(&mut events).await.1, "AUTH_BROKEN");
    let (before, now, code) = told(&mut events).await;
    assert_eq!((before.as_str(), now.as_str(), code), ("AUTH_BROKEN", "HEALTHY", None));
    let fares = health(&gateway).await;
    assert_eq!((fares.state(), fares.last_error_code), (AccountState::Healthy, None));
    until("it is counted", || async { accounts(&gateway, "healthy").await >= 1.0 }).await;
    let left = gateway.metric("kenh_token_expiry_seconds", "channel=\"zalo\"").await;
    assert!((80_000.0..=90_000.0).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_an_event_and_whoever_watches_sees_it() {
    let world = World::new().await;
    let gateway = world.setup().start().await;
    renewed(&gateway).await;
    let mut client = channels(&gateway).await;
    let mut watched = client.watch_health(WatchHealthRequest { channel: "zalo".into() }).await.unwrap().into_inner();
    let mut seen = async || {
        let next = tokio::time::timeout(PATIENCE, watched.message()).await.expect("somebody sees it in time");
        next.unwrap().unwrap().account.unwrap()
    };
    let first = seen().await;
    assert_eq!(first.state(), AccountState::Healthy);
    assert!(first.token_expires_at.is_some());
    let mut events = Stream::open(&gateway, stream::earliest()).await;
    let (channel, endpoint, account) = ("zalo".to_owned(), "main".to_owned(), OA.to_owned());
    let one = PauseAccountRequest { channel: channel.clone(), endpoint: endpoint.clone(), account: account.clone() };
    client.pause_account(one).await.unwrap();
    assert_eq!(seen().await.state(), AccountState::Paused);
    let told_of = told(&mut events).await;
    assert_eq!((told_of.0.as_str(), told_of.1.as_str()), ("HEALTHY", "PAUSED"));
    client.resume_account(ResumeAccountRequest { channel, endpoint, account }).await.unwrap();
    assert_eq!(seen().await.state(), AccountState::Healthy);
    let told_of = told(&mut events).await;
    assert_eq!((told_of.0.as_str(), told_of.1.as_str()), ("PAUSED", "HEALTHY"));
}
