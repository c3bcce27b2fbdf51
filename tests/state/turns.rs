//! Two dispatchers ask for two messages of one conversation, and the database lets them meet halfway.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use kenh_store::{Hold, NewOutbound, Phase, Store, Submitted, Turn, Written, config::Engine, contract::LONG};
use kenh_tests::postgres::Cluster;
use uuid::Uuid;

use super::{config, open};

async fn submit(store: &dyn Store, id: Uuid, delay: Duration) {
    let new = NewOutbound {
        id,
        client: "crm".into(),
        key: id.to_string(),
        digest: Bytes::new(),
        channel: "zalo".into(),
        account: "main/oa1".into(),
        conversation: Uuid::from_u128(10),
        delay,
        lifetime: LONG,
        state: 1,
        record: Bytes::new(),
    };
    assert!(matches!(store.submit(&new, LONG).await, Ok(Submitted::Fresh(_))));
}

/// The newer one has decided that nothing is before it and cannot write it down yet, as somebody holds its row. Meanwhile
/// the older one comes to be due and asks, too.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_message_that_becomes_due_does_not_slip_in() {
    let cluster = Arc::new(Cluster::start().await);
    let config = config(&cluster);
    let (one, other) = (open(&config).await.unwrap().store, open(&config).await.unwrap().store);
    let Engine::Postgres(database) = &config.engine else { panic!("another engine") };
    let schema = database.schema.clone().unwrap();
    let [older, newer] = [1, 2].map(Uuid::from_u128);
    submit(&*one, older, LONG).await;
    submit(&*one, newer, Duration::ZERO).await;

    // Too short or too long, the test holds: it only proves less then.
    let pause = || tokio::time::sleep(Duration::from_millis(400));
    let sql = format!("SELECT 1 FROM {schema}.kenh_outbound WHERE id = '{newer}' FOR UPDATE; SELECT pg_sleep(2)");
    let database = cluster.clone();
    let holder = tokio::spawn(async move { database.sql(&sql).await });
    pause().await;
    let asks = tokio::spawn(async move { other.turn(newer, LONG).await.unwrap() });
    pause().await;
    let (state, delay, record) = (1, Duration::ZERO, Bytes::new());
    let sooner =
        Written { id: older, turn: 0, phase: Phase::Waiting, state, delay, record, hold: Hold::Order, ids: Vec::new() };
    assert!(one.rewrite(&sooner, Phase::Waiting, None).await.unwrap().is_some());
    let turns = [one.turn(older, LONG).await.unwrap(), asks.await.unwrap()];
    let yours = turns.iter().filter(|turn| matches!(turn, Turn::Yours(_))).count();
    assert_eq!(yours, 1, "{turns:?}");
    holder.await.unwrap();
}
