//! What happens at the bounds.

use std::time::{Duration, Instant};

use kenh_log::{AppendError, EventLog as _, contract::record, embedded::OpenError};
use kenh_spool::{Config, StartError};
use uuid::Uuid;

use crate::{
    Running,
    broker::{Broker, Mood},
    config, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_says_so_and_takes_events_again_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { max_bytes: 1 << 20, ..config(folder.path()) };
    let broker = Broker::new(Mood::Away);
    let running = Running::start(&config, &broker).await;
    until("it is ready", || running.health.is_ready()).await;
    let mut accepted = Vec::new();
    let refused = loop {
        let records: Vec<_> = (0..100).map(|second| record(1, second, 7)).collect();
        match running.log.append(records.clone()).await {
            Ok(()) => accepted.extend(records.iter().map(|record| record.meta.id)),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, AppendError::Full);
    assert!(!running.health.is_ready());
    assert!(running.health.report().contains("no room"), "{}", running.health.report());
    let file = std::fs::metadata(folder.path().join("log.db")).unwrap().len();
    assert!(file <= config.max_bytes + (64 << 10), "the file has {file} bytes");

    broker.be(Mood::Well);
    until("it is ready again", || running.health.is_ready()).await;
    until("drained", || broker.first_occurrences(Uuid::from_u128(7)).len() == accepted.len()).await;
    assert_eq!(broker.first_occurrences(Uuid::from_u128(7)), accepted, "what was refused is not there");
    running.log.append(vec![record(1, 1, 8)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_waits_for_a_broker_that_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Refusing);
    let running = Running::start(&config(folder.path()), &broker).await;
    running.log.append(vec![record(1, 0, 7)]).await.unwrap();
    let before = Instant::now();
    for second in 1..50 {
        running.log.append(vec![record(1, second, 7)]).await.unwrap();
    }
    assert!(broker.attempts() < 20, "{} attempts: only the drainer asks the broker", broker.attempts());
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_bounded_however_much_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    let running = Running::start(&config(folder.path()), &broker).await;
    for batch in 0..10 {
        running.log.append((0..500).map(|second| record(3, batch * 500 + second, 7)).collect()).await.unwrap();
    }
    running.stop();
    let broker = Broker::new(Mood::Well);
    let _running = Running::start(&config(folder.path()), &broker).await;
    until("drained", || broker.stored().len() == 5000).await;
    assert_eq!(broker.largest_batch(), 256);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Well);
    let _running = Running::start(&config(folder.path()), &broker).await;
    let second = Running::try_start(&config(folder.path()), &broker).await;
    let Err(error) = second else { panic!("it was opened twice") };
    assert!(matches!(error, StartError::Open(OpenError::Locked { .. })), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_does_not_exist_is_refused_and_the_others_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Well);
    let running = Running::start(&config(folder.path()), &broker).await;
    let outcome = running.log.append(vec![record(0, 1, 7), record(99, 1, 7)]).await;
    assert!(matches!(outcome, Err(AppendError::Storage(_))), "{outcome:?}");
    assert_eq!(broker.stored().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_go_away_leave_the_order_whole() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    broker.be_erratic(99);
    let running = Running::start(&config(folder.path()), &broker).await;
    let mut accepted = Vec::new();
    for second in 0..200 {
        let sent = record(1, second, 7);
        let patience = Duration::from_micros(u64::try_from(second).unwrap() * 20);
        match tokio::time::timeout(patience, running.log.append(vec![sent.clone()])).await {
            Ok(outcome) => outcome.unwrap(),
            // It was told nothing, so it sends the same again.
            Err(_) => running.log.append(vec![sent.clone()]).await.unwrap(),
        }
        accepted.push(sent.meta.id);
    }
    broker.be(Mood::Well);
    until("drained", || broker.first_occurrences(Uuid::from_u128(7)).len() == accepted.len()).await;
    assert_eq!(broker.first_occurrences(Uuid::from_u128(7)), accepted);
}
