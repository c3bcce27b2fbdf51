//! What is too old leaves the store.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use kenh_runtime::health::Health;
use kenh_store::{
    Config, Hold, Known, NewOutbound, Phase, Store, Written, config,
    contract::LONG,
    house::{self, Exchanged, Retention, Sending},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn submit(store: &dyn Store, id: Uuid) {
    let new = NewOutbound {
        id,
        client: "crm".into(),
        key: id.to_string(),
        digest: Bytes::new(),
        channel: "zalo".into(),
        account: "main/oa1".into(),
        conversation: id,
        delay: Duration::ZERO,
        lifetime: LONG,
        state: 1,
        record: Bytes::new(),
    };
    store.submit(&new, LONG).await.unwrap();
}

async fn end(store: &dyn Store, id: Uuid) {
    let (delay, record) = (Duration::ZERO, Bytes::new());
    let cancelled =
        Written { id, turn: 0, phase: Phase::Ended, state: 2, delay, record, hold: Hold::Order, ids: Vec::new() };
    store.rewrite(&cancelled, Phase::Waiting, None).await.unwrap().unwrap();
}

async fn meet(store: &dyn Store, id: Uuid, at: i64) {
    let known = Known { id, channel: "zalo".into(), account: "main/oa1".into(), at, record: Bytes::new() };
    store.meet(&[known]).await.unwrap();
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect(what);
}

#[tokio::test]
async fn ended_messages_and_silent_conversations_go_and_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let engine = config::Engine::Sqlite { folder: folder.path().into() };
    let config = Config { engine, timeout: Duration::from_secs(20) };
    let stop = CancellationToken::new();
    let store: Arc<dyn Store> = kenh_store::open(&config, &Health::default(), &stop).await.unwrap();
    let [ended, waiting] = [1, 2].map(Uuid::from_u128);
    for id in [ended, waiting] {
        submit(&*store, id).await;
    }
    end(&*store, ended).await;
    let ended_at = store.outbound(ended).await.unwrap().unwrap().updated_at;
    meet(&*store, ended, 0).await;
    meet(&*store, waiting, ended_at).await;

    let keep = |outbound, conversations| {
        let sending = Sending { outbound, conversations };
        let exchanges = Exchanged { age: LONG, most: 10 };
        let retention = Retention { claims: None, parked: LONG, parked_events: 10, sending, exchanges };
        tokio::spawn(house::keep(store.clone(), retention, stop.child_token()))
    };
    keep(LONG, LONG);
    // Messages go before conversations.
    until("the silent conversation is forgotten", async || store.known(ended).await == Ok(None)).await;
    assert!(store.outbound(ended).await.unwrap().is_some(), "it is not that old");
    keep(Duration::ZERO, LONG);
    until("the ended message is dropped", async || store.outbound(ended).await == Ok(None)).await;
    assert!(store.outbound(waiting).await.unwrap().is_some(), "it has not ended");
    assert!(store.known(waiting).await.unwrap().is_some(), "something was heard of it");
    stop.cancel();
}
