//! PostgreSQL goes away and comes back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kenh_store::{
    Claim, Config, Member, Parked, Save, Saved, Store, StoreError,
    config::{Engine, Migrate, Postgres},
    contract::LONG,
};
use kenh_tests::{
    ports,
    postgres::{Cluster, PASSWORD},
    until,
};
use uuid::Uuid;

use super::{config, open};

/// Parks one event with each position, so that what is saved by halves is seen.
fn save(session: Uuid, epoch: u64, position: u64) -> Save {
    let id = Uuid::from_u128(u128::from(position));
    let parked = Parked {
        id,
        subscription: Some("crm".into()),
        partition: 0,
        offset: position,
        event: id,
        channel: "zalo".into(),
        kind: "message".into(),
        reason: "refused".into(),
        attempts: 1,
        parked_at: 0,
        redrive: false,
        envelope: Bytes::from_static(b"bytes"),
    };
    let state = Bytes::from_static(b"state");
    let (subscription, park) = ("crm".into(), vec![parked]);
    Save { subscription, partition: 0, session, epoch, position, state, park, unpark: Vec::new(), release: false }
}

async fn standing(store: &dyn Store) -> Result<(u64, u64), StoreError> {
    let position = store.windows("crm").await?[0].position;
    let parked = store.count_parked().await?.first().map_or(0, |(_, count)| *count);
    Ok((position, parked))
}

fn no_secret(error: &StoreError) {
    assert!(!error.to_string().contains(PASSWORD), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills_and_nothing_is_torn() {
    let cluster = Arc::new(Cluster::start().await);
    let process = open(&config(&cluster)).await.unwrap();
    let store = process.store.clone();
    store.create("crm", Bytes::new(), &[0], 10).await.unwrap();
    let [session, reader] = [1, 100].map(Uuid::from_u128);
    let me = Member { subscription: "crm".into(), consumer: "c".into(), session, process: reader };
    store.join(&me, LONG).await.unwrap();
    let epoch = store.hold(&me, 0).await.unwrap().unwrap().epoch;
    let mut position = 0;
    for killed in [true, false, true] {
        let breaking = cluster.clone();
        let broken = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if killed { breaking.kill().await } else { breaking.stop().await }
        });
        // One position after the other, until one is not acknowledged.
        let error = loop {
            match store.save(&[save(session, epoch, position + 1)]).await {
                Ok(saved) => assert_eq!(saved, [Saved::Yes]),
                Err(error) => break error,
            }
            position += 1;
        };
        no_secret(&error);
        broken.await.unwrap();
        until("it is not ready", async || !process.health.is_ready()).await;
        let began = Instant::now();
        no_secret(&store.list("", 1).await.unwrap_err());
        assert!(began.elapsed() < Duration::from_secs(1), "a call fails at once while it is known to be away");
        cluster.restart().await;
        until("it is ready again", async || process.health.is_ready()).await;
        // One may still meet a connection from before.
        until("calls work again", async || standing(&*store).await.is_ok()).await;
        let (now, parked) = standing(&*store).await.unwrap();
        assert!(now == position || now == position + 1, "{now} is there, {position} were acknowledged");
        assert_eq!(parked, now, "each with its event");
        position = now + 1;
        assert_eq!(store.save(&[save(session, epoch, position)]).await, Ok(vec![Saved::Yes]), "it goes on");
    }
    assert!(position > 10, "saves went on in between: {position}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_database_costs_a_call_its_deadline_and_no_more() {
    let cluster = Cluster::start().await;
    let config = Config { timeout: Duration::from_millis(500), ..config(&cluster) };
    let process = open(&config).await.unwrap();
    until("it is ready", async || process.health.is_ready()).await;
    until("calls work", async || process.store.list("", 1).await.is_ok()).await;
    cluster.pause().await;
    let began = Instant::now();
    no_secret(&process.store.list("", 1).await.unwrap_err());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    until("it is not ready", async || !process.health.is_ready()).await;
    cluster.resume().await;
    until("it is ready again", async || process.health.is_ready()).await;
    until("calls work again", async || process.store.list("", 1).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_at_the_start_is_waited_for() {
    let nowhere = Postgres {
        url: format!("postgres://kenh:{PASSWORD}@127.0.0.1:{}/kenh", ports::free()).into(),
        schema: None,
        max_connections: 2,
        migrate: Migrate::Apply,
    };
    let config = Config { engine: Engine::Postgres(nowhere), timeout: Duration::from_secs(1) };
    let process = open(&config).await.unwrap();
    let report = process.health.report();
    assert!(report.contains("state store: PostgreSQL") && !report.contains(PASSWORD), "{report}");
    no_secret(&process.store.list("", 1).await.unwrap_err());

    let cluster = Cluster::start().await;
    cluster.stop().await;
    let process = open(&self::config(&cluster)).await.unwrap();
    assert!(!process.health.is_ready());
    cluster.restart().await;
    until("it is found", async || process.health.is_ready()).await;
    process.store.list("", 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_callers_than_connections_wait_their_turn() {
    let cluster = Cluster::start().await;
    // Their turn comes late on a machine that is busy with other things.
    let config = Config { timeout: Duration::from_secs(60), ..config(&cluster) };
    let (one, other) = tokio::join!(open(&config), open(&config));
    let (one, other) = (one.unwrap().store, other.unwrap().store);
    let ids: Vec<_> = (0..64).map(Uuid::from_u128).collect();
    let calls = (0..200_usize).map(|number| {
        let store = if number % 2 == 0 { &one } else { &other };
        store.claim(&ids, Uuid::from_u128(7), LONG)
    });
    let answers = futures_util::future::join_all(calls).await;
    let mine =
        answers.into_iter().flat_map(|claimed| claimed.unwrap().claims).filter(|claim| *claim == Claim::Mine).count();
    assert_eq!(mine, ids.len());
}
