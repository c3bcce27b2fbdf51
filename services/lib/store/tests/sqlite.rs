//! The SQLite engine against the contract, and what is its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use kenh_runtime::health::Health;
use kenh_store::{
    Claim, Config, Member, NewOutbound, OpenError, Save, Saved, Store, Submitted, Turn, config,
    contract::{self, Handles, LONG},
};
use proptest::{collection::vec, prelude::any, test_runner::TestRunner};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn open(folder: &Path) -> Result<Arc<dyn Store>, OpenError> {
    let engine = config::Engine::Sqlite { folder: folder.into() };
    let (health, stop) = (Health::default(), CancellationToken::new());
    let opened = kenh_store::open(&Config { engine, timeout: Duration::from_secs(20) }, &health, &stop).await;
    assert_eq!(health.is_ready(), opened.is_ok());
    opened
}

async fn handles(folder: &Path) -> Handles {
    let store = open(folder).await.unwrap();
    [store.clone(), store]
}

// The file is closed on its own thread after the last handle is gone.
async fn reopen(folder: &Path) -> Result<Arc<dyn Store>, OpenError> {
    let opened = async {
        loop {
            match open(folder).await {
                Err(OpenError::Locked { .. }) => tokio::task::yield_now().await,
                opened => return opened,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), opened).await.expect("the folder stays locked")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let (folders, count) = (tempfile::tempdir().unwrap(), AtomicU32::new(0));
    contract::all(async || handles(&folders.path().join(count.fetch_add(1, Ordering::Relaxed).to_string())).await)
        .await;
}

#[test]
fn members_and_windows_are_as_in_the_model() {
    let (folders, count) = (tempfile::tempdir().unwrap(), AtomicU32::new(0));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let steps = vec(any::<contract::model::Step>(), 1..60);
    let mut runner = TestRunner::new(proptest::test_runner::Config {
        cases: 150,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    });
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            let folder = folders.path().join(count.fetch_add(1, Ordering::Relaxed).to_string());
            contract::model::replay(&handles(&folder).await, &steps).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn turns_are_as_in_the_model() {
    let (folders, count) = (tempfile::tempdir().unwrap(), AtomicU32::new(0));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let steps = vec(any::<contract::outbox::model::Step>(), 1..60);
    let mut runner = TestRunner::new(proptest::test_runner::Config {
        cases: 150,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    });
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let folder = folders.path().join(number.to_string());
            let handles = handles(&folder).await;
            let clock = Mutex::new(rusqlite::Connection::open(folder.join("state.db")).unwrap());
            let time_goes_by = async || {
                clock.lock().unwrap().execute(contract::outbox::model::TIME_GOES_BY, []).unwrap();
            };
            contract::outbox::model::replay(&handles, &steps, number, time_goes_by).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

fn member() -> Member {
    Member {
        subscription: "crm".into(),
        consumer: "c".into(),
        session: Uuid::from_u128(1),
        process: Uuid::from_u128(100),
    }
}

#[tokio::test]
async fn a_reopened_store_has_everything_but_those_who_used_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (me, [pending, settled]) = (member(), [1, 2].map(Uuid::from_u128));
    store.create("crm", Bytes::from_static(b"spec"), &[3, 4], 10).await.unwrap();
    store.join(&me, LONG).await.unwrap();
    let held = store.hold(&me, 1).await.unwrap().unwrap();
    let save = Save {
        subscription: "crm".into(),
        partition: 1,
        session: me.session,
        epoch: held.epoch,
        position: 44,
        state: Bytes::from_static(b"state"),
        park: Vec::new(),
        unpark: Vec::new(),
        release: false,
    };
    assert_eq!(store.save(std::slice::from_ref(&save)).await, Ok(vec![Saved::Yes]));
    store.claim(&[pending, settled], me.process, LONG).await.unwrap();
    store.settle(&[settled]).await.unwrap();
    drop(store);

    let store = reopen(folder.path()).await.unwrap();
    let window = store.windows("crm").await.unwrap().remove(1);
    assert_eq!((window.position, &window.state[..], window.holder), (44, &b"state"[..], None));
    assert!(window.epoch > held.epoch);
    assert_eq!(store.members(me.process).await, Ok(vec![]));
    assert_eq!(store.save(&[save]).await, Ok(vec![Saved::Fenced]));
    let answers = store.claim(&[pending, settled], Uuid::from_u128(200), LONG).await.unwrap().claims;
    assert!(matches!(answers[..], [Claim::TakenOver { .. }, Claim::Published]), "{answers:?}");
}

#[tokio::test]
async fn after_a_restart_nobody_sends_and_everything_else_of_the_outbox_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let [sending, scheduled] = [1, 2].map(Uuid::from_u128);
    for (id, delay) in [(sending, Duration::ZERO), (scheduled, LONG)] {
        let new = NewOutbound {
            id,
            client: "crm".into(),
            key: id.to_string(),
            digest: Bytes::from_static(b"digest"),
            channel: "zalo".into(),
            account: "main/oa1".into(),
            conversation: Uuid::from_u128(10),
            delay,
            lifetime: LONG,
            state: 1,
            record: Bytes::from_static(b"record"),
        };
        assert!(matches!(store.submit(&new, LONG).await, Ok(Submitted::Fresh(_))));
    }
    assert!(matches!(store.turn(sending, LONG).await, Ok(Turn::Yours(_))));
    assert_eq!(store.turn(sending, LONG).await, Ok(Turn::NotNow));
    assert_eq!(store.lease("zalo/main/oa1", Uuid::from_u128(100), LONG).await, Ok(true));
    let waits = store.outbound(scheduled).await.unwrap();
    drop(store);

    let store = reopen(folder.path()).await.unwrap();
    assert_eq!(store.outbound(scheduled).await.unwrap(), waits);
    assert_eq!(store.turn(scheduled, LONG).await, Ok(Turn::NotNow), "it waits for its time");
    assert_eq!(store.due(&["zalo".into()], 10).await, Ok(vec![("zalo".into(), sending)]), "whoever had it is gone");
    let taken = store.turn(sending, LONG).await.unwrap();
    assert!(matches!(&taken, Turn::TakenOver(message) if message.turn == 2), "{taken:?}");
    assert_eq!(store.lease("zalo/main/oa1", Uuid::from_u128(200), LONG).await, Ok(true), "and who renewed the token");
}

#[tokio::test]
async fn what_cannot_be_opened_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path()).await.unwrap();
    let Err(locked) = open(folder.path()).await else { panic!("two have it open") };
    assert!(matches!(locked, OpenError::Locked { .. }) && locked.to_string().contains("another process"), "{locked}");

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let Err(no_folder) = open(&file).await else { panic!("a file is no folder") };
    assert!(no_folder.to_string().starts_with("cannot write to "), "{no_folder}");

    let broken = folder.path().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("state.db"), "this is no database file, whatever its name says, and it is long enough")
        .unwrap();
    let Err(broken) = open(&broken).await else { panic!("that is no database") };
    assert!(broken.to_string().contains("not a database") && !broken.to_string().contains('\n'), "{broken}");
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).await.unwrap());
    drop(reopen(folder.path()).await.unwrap());
    let path = folder.path().join("state.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    database.execute("INSERT INTO kenh_migration (version, applied_at) VALUES (99, 0)", []).unwrap();
    drop(database);
    let Err(newer) = reopen(folder.path()).await else { panic!("it is too new") };
    let said = newer.to_string();
    assert!(said.contains("version 99") && said.contains("newer") && said.contains("state.db"), "{said}");
}
