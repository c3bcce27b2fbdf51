//! The PostgreSQL engine of the state store, against a real PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod outage;
mod schema;
mod turns;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use kenh_runtime::health::Health;
use kenh_store::{
    Config, OpenError, Store,
    config::{Engine, Migrate, Postgres},
    contract::{self, Handles},
};
use kenh_tests::postgres::Cluster;
use proptest::{collection::vec, prelude::any, test_runner::TestRunner};
use tokio_util::sync::CancellationToken;

/// A schema of its own for each store.
fn config(cluster: &Cluster) -> Config {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let schema = format!("s{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let postgres =
        Postgres { url: cluster.url().into(), schema: Some(schema), max_connections: 4, migrate: Migrate::Apply };
    Config { engine: Engine::Postgres(postgres), timeout: Duration::from_secs(5) }
}

/// What a process has of a store.
struct Process {
    store: Arc<dyn Store>,
    health: Health,
}

async fn open(config: &Config) -> Result<Process, OpenError> {
    let health = Health::default();
    let store = kenh_store::open(config, &health, &CancellationToken::new()).await?;
    Ok(Process { store, health })
}

async fn handles(cluster: &Cluster) -> Handles {
    let config = config(cluster);
    // At once, as replicas start: one makes the tables.
    let (one, other) = tokio::join!(open(&config), open(&config));
    [one.unwrap().store, other.unwrap().store]
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start().await;
    contract::all(async || handles(&cluster).await).await;
}

#[test]
fn members_and_windows_are_as_in_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let cluster = runtime.block_on(Cluster::start());
    let handles = runtime.block_on(handles(&cluster));
    let steps = vec(any::<contract::model::Step>(), 1..60);
    let mut runner = TestRunner::new(proptest::test_runner::Config {
        cases: 40,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    });
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            handles[0].delete("crm").await.unwrap();
            contract::model::replay(&handles, &steps).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn turns_are_as_in_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let cluster = runtime.block_on(Cluster::start());
    let config = config(&cluster);
    let [one, other] =
        runtime.block_on(async { [open(&config).await.unwrap().store, open(&config).await.unwrap().store] });
    let Engine::Postgres(database) = &config.engine else { panic!("another engine") };
    let time_goes_by =
        format!("SET search_path TO {}; {}", database.schema.as_ref().unwrap(), contract::outbox::model::TIME_GOES_BY);
    let (handles, count) = ([one, other], AtomicU32::new(0));
    let steps = vec(any::<contract::outbox::model::Step>(), 1..60);
    let mut runner = TestRunner::new(proptest::test_runner::Config {
        cases: 40,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    });
    let outcome = runner.run(&steps, |steps| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let replay =
            contract::outbox::model::replay(&handles, &steps, number, async || cluster.sql(&time_goes_by).await);
        runtime.block_on(replay);
        Ok(())
    });
    outcome.unwrap();
}
