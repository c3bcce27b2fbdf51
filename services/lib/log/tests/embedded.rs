//! The embedded engine against the contract, and what is its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use kenh_log::{
    AppendError, EventLog, Filter, Limit, ReadError,
    contract::{self, PARTITIONS, record},
    embedded::{Config, EmbeddedLog, OpenError},
};

fn config(folder: &Path) -> Config {
    Config {
        folder: folder.into(),
        partitions: PARTITIONS,
        max_age: Duration::from_secs(1_000_000_000_000),
        max_bytes: 1 << 40,
        now: || SystemTime::UNIX_EPOCH + Duration::from_secs(100_000),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let folders = tempfile::tempdir().unwrap();
    let count = std::sync::atomic::AtomicU32::new(0);
    contract::all(|| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let log = EmbeddedLog::open(&config(&folders.path().join(number.to_string()))).unwrap();
        async move { Arc::new(log) as Arc<dyn EventLog> }
    })
    .await;
}

#[tokio::test]
async fn a_reopened_log_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&config(folder.path())).unwrap();
    log.append(vec![record(2, 1, 7), record(2, 2, 7)]).await.unwrap();
    drop(log);
    let log = reopen(&config(folder.path())).await;
    assert_eq!((log.oldest(2).await, log.head(2).await), (Ok(0), Ok(2)));
    log.append(vec![record(2, 3, 7)]).await.unwrap();
    assert_eq!(log.head(2).await, Ok(3));
}

// The writer closes the file on its own thread after the last handle is gone.
async fn reopen(config: &Config) -> EmbeddedLog {
    open_when_free(config).await.unwrap()
}

async fn open_when_free(config: &Config) -> Result<EmbeddedLog, OpenError> {
    let opened = async {
        loop {
            match EmbeddedLog::open(config) {
                Err(OpenError::Locked { .. }) => tokio::task::yield_now().await,
                opened => return opened,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), opened).await.expect("the folder stays locked")
}

#[tokio::test]
async fn what_cannot_be_opened_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let _log = EmbeddedLog::open(&config(folder.path())).unwrap();
    let locked = EmbeddedLog::open(&config(folder.path())).unwrap_err();
    assert!(matches!(locked, OpenError::Locked { .. }), "{locked}");

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let no_folder = EmbeddedLog::open(&config(&file)).unwrap_err().to_string();
    assert!(no_folder.starts_with("cannot write to ") && !no_folder.contains('\n'), "{no_folder}");

    let broken = folder.path().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("log.db"), "this is no database file, whatever its name says").unwrap();
    let broken = EmbeddedLog::open(&config(&broken)).unwrap_err().to_string();
    assert!(broken.contains("not a database"), "{broken}");
}

#[tokio::test]
async fn another_number_of_partitions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(EmbeddedLog::open(&config(folder.path())).unwrap());
    drop(reopen(&config(folder.path())).await);
    let other = open_when_free(&Config { partitions: 8, ..config(folder.path()) }).await;
    assert!(matches!(other, Err(OpenError::Partitions { found: 4, wanted: 8, .. })), "{other:?}");
}

#[tokio::test]
async fn old_entries_go_and_asking_for_them_names_the_oldest_held() {
    let folder = tempfile::tempdir().unwrap();
    // The clock stands at 100 000 s; what is older than 50 000 s goes.
    let log = EmbeddedLog::open(&Config { max_age: Duration::from_secs(50_000), ..config(folder.path()) }).unwrap();
    let records: Vec<_> = (0..10).map(|n| record(1, n * 10_000, 7)).collect();
    log.append(records).await.unwrap();
    until(|| async { log.oldest(1).await == Ok(5) }).await;
    let all = Limit { entries: 100, bytes: 1 << 20, scanned: 100 };
    assert_eq!(log.read(1, 0..10, &Filter::default(), all).await.unwrap_err(), ReadError::Expired { oldest: 5 });
    assert_eq!(log.read(1, 5..10, &Filter::default(), all).await.unwrap().entries.len(), 5);
    assert_eq!(log.head(1).await, Ok(10));
}

#[tokio::test]
async fn the_oldest_entries_go_when_the_log_grows_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&Config { max_bytes: 1 << 20, ..config(folder.path()) }).unwrap();
    for batch in 0..10 {
        log.append((0..500).map(|n| record(3, batch * 500 + n, 7)).collect()).await.unwrap();
    }
    drop(log);
    let log = reopen(&Config { max_bytes: 1 << 20, ..config(folder.path()) }).await;
    // Retention looks again after the first commit of a freshly opened log.
    log.append(vec![record(3, 5_000, 7)]).await.unwrap();
    until(|| async { log.oldest(3).await.is_ok_and(|oldest| oldest > 0) }).await;
    assert_eq!(log.head(3).await, Ok(5_001));
}

async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    let met = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), met).await.expect("in time");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_says_so_and_stores_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&config(folder.path())).unwrap();
    log.append(vec![record(0, 1, 7)]).await.unwrap();
    // A record for a partition that does not exist fails the transaction behind one that is right.
    let outcome = log.append(vec![record(1, 2, 7), record(9, 3, 7)]).await;
    assert!(matches!(outcome, Err(AppendError::Storage(_))), "{outcome:?}");
    assert_eq!((log.head(0).await, log.head(1).await), (Ok(1), Ok(0)));
    log.append(vec![record(1, 4, 7)]).await.unwrap();
    assert_eq!(log.head(1).await, Ok(1));
}

#[tokio::test]
async fn a_spool_keeps_what_it_has_until_it_is_trimmed_and_gives_no_offset_twice() {
    let folder = tempfile::tempdir().unwrap();
    let open = || async {
        let opened = async {
            loop {
                match EmbeddedLog::open_spool(folder.path(), PARTITIONS, 1 << 30) {
                    Err(OpenError::Locked { .. }) => tokio::task::yield_now().await,
                    opened => return opened.unwrap(),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), opened).await.expect("the folder stays locked")
    };
    let spool = open().await;
    // As old as can be: nothing goes by age.
    let pending = spool.submit((0..10).map(|second| record(1, second, 7)).collect()).unwrap();
    spool.append(vec![record(2, 0, 7)]).await.unwrap();
    pending.stored().await.unwrap();
    spool.trim(1, 4).await.unwrap();
    assert_eq!((spool.oldest(1).await, spool.head(1).await), (Ok(4), Ok(10)));
    spool.trim(1, 10).await.unwrap();
    drop(spool);
    let spool = open().await;
    assert_eq!((spool.oldest(1).await, spool.head(1).await), (Ok(10), Ok(10)));
    assert_eq!((spool.oldest(2).await, spool.head(2).await), (Ok(0), Ok(1)), "partitions are apart");
}

#[tokio::test]
async fn behind_a_trim_everything_submitted_before_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let spool = EmbeddedLog::open_spool(folder.path(), PARTITIONS, 1 << 30).unwrap();
    for round in 1..=20 {
        // Nobody waits for these.
        drop((0..50).map(|second| spool.submit(vec![record(3, second, 7)])).collect::<Vec<_>>());
        spool.trim(3, 0).await.unwrap();
        assert_eq!(spool.head(3).await, Ok(round * 50));
    }
}

#[tokio::test]
async fn a_full_spool_refuses_what_is_new_and_keeps_what_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let spool = EmbeddedLog::open_spool(folder.path(), PARTITIONS, 1 << 20).unwrap();
    let batch = || (0..100).map(|second| record(0, second, 7)).collect::<Vec<_>>();
    let mut batches = 0;
    while spool.append(batch()).await == Ok(()) {
        batches += 1;
    }
    assert_eq!(spool.append(batch()).await, Err(AppendError::Full));
    assert!(spool.size() <= (1 << 20) && spool.size() > (900 << 10), "{} bytes", spool.size());
    assert_eq!((spool.oldest(0).await, spool.head(0).await), (Ok(0), Ok(batches * 100)));
    spool.trim(0, 200).await.unwrap();
    spool.append(batch()).await.unwrap();
}
