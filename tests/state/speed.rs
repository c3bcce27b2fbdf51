//! A measurement: `cargo test -p kenh-tests --test state -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kenh_store::{Config, Member, Save, Saved, Store, config::Engine, contract::LONG};
use kenh_tests::postgres::Cluster;
use uuid::Uuid;

use super::{config, open};

const WINDOWS: u32 = 100;
const BATCH: u32 = 64;
const TIME: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and proves nothing"]
async fn how_fast_claims_and_saves_are() {
    let (cluster, folder) = (Cluster::start().await, tempfile::tempdir().unwrap());
    let sqlite = Config { engine: Engine::Sqlite { folder: folder.path().into() }, timeout: Duration::from_secs(5) };
    for (name, config) in [("SQLite", sqlite), ("PostgreSQL", config(&cluster))] {
        let store = open(&config).await.unwrap().store;
        let one = claims(&*store).await;
        let four: f64 = futures_util::future::join_all((0..4).map(|_| claims(&*store))).await.iter().sum();
        println!("{name}: claims/s in batches of {BATCH}: {one:.0} by one caller, {four:.0} by four");
        println!("{name}: saves/s of {WINDOWS} windows with 1 KiB of state each: {:.1}", saves(&*store).await);
    }
}

async fn claims(store: &dyn Store) -> f64 {
    let (began, mut claimed) = (Instant::now(), 0.0);
    while began.elapsed() < TIME {
        let ids: Vec<_> = (0..BATCH).map(|_| Uuid::new_v4()).collect();
        store.claim(&ids, Uuid::from_u128(1), LONG).await.unwrap();
        claimed += f64::from(BATCH);
    }
    claimed / began.elapsed().as_secs_f64()
}

async fn saves(store: &dyn Store) -> f64 {
    store.create("crm", Bytes::new(), &[0; WINDOWS as usize], 10).await.unwrap();
    let [session, process] = [1, 2].map(Uuid::from_u128);
    let me = Member { subscription: "crm".into(), consumer: "c".into(), session, process };
    store.join(&me, LONG).await.unwrap();
    let mut saves = Vec::new();
    for partition in 0..WINDOWS {
        let epoch = store.hold(&me, partition).await.unwrap().unwrap().epoch;
        let (subscription, state) = ("crm".into(), Bytes::from(vec![7; 1024]));
        let (park, unpark) = (Vec::new(), Vec::new());
        saves.push(Save { subscription, partition, session, epoch, position: 0, state, park, unpark, release: false });
    }
    let (began, mut rounds) = (Instant::now(), 0.0);
    while began.elapsed() < TIME {
        for save in &mut saves {
            save.position += 1;
        }
        assert!(store.save(&saves).await.unwrap().iter().all(|saved| *saved == Saved::Yes));
        rounds += 1.0;
    }
    rounds / began.elapsed().as_secs_f64()
}
