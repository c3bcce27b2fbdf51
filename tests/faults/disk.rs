//! A disk that is full, for real: a small file system.

use kenh_tests::{
    disk::Disk,
    gateway::{Gateway, Setup},
    rabbitmq::Node,
    until,
};

use crate::{
    audit::Repeats,
    ledger::Load,
    run::{Run, pause},
    spool::{refused, told_to_come_back},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_on_a_full_disk_answers_503_and_recovers_once_there_is_room() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let disk = Disk::mount(&folder.path().join("data/spool"), "2m");
    let mut gateway = Setup::rabbitmq(folder.path(), &node.url(), "disk").start().await;
    gateway.expect_errors();
    let mut run = Run::begin("disk full, spool", &gateway, Load::LONG).await;
    assert!(run.again());
    node.kill().await;
    refused(&run, &gateway, "spool: ").await;
    // Room, while the broker is still away.
    disk.grow("12m");
    gateway.ready().await;
    run.flows(50).await;
    refused(&run, &gateway, "spool: ").await;
    // No room, and the broker is back: draining makes some.
    node.restart().await;
    gateway.ready().await;
    run.drained(&gateway).await;
    run.flows(50).await;
    assert_said_seldom(&gateway, &["the spool takes no more events", "events cannot be stored"], 60);
    assert_said_seldom(&gateway, &["events are not stored"], 10);
    run.end(&gateway, Repeats::SameId).await;
    gateway.kill().await;
}

/// Hundreds of calls were refused, and the log is no longer for it: each of these stands in it once in so many seconds.
fn assert_said_seldom(gateway: &Gateway, lines: &[&str], seconds: i64) {
    let log = gateway.log();
    let time = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        line["timestamp"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time")
    };
    for words in lines {
        let said: Vec<_> = log.lines().filter(|line| line.contains(words)).map(time).collect();
        assert!(!said.is_empty(), "{words}: never said");
        let apart = said.windows(2).map(|pair| pair[1].as_second() - pair[0].as_second()).min();
        assert!(apart.is_none_or(|apart| apart >= seconds - 1), "{words}: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_on_a_full_disk_answers_503_and_recovers_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::mount(&folder.path().join("data"), "4m");
    let mut gateway = Setup::embedded(folder.path()).start().await;
    gateway.expect_errors();
    let mut run = Run::begin("disk full, embedded", &gateway, Load::LONG).await;
    assert!(run.again());
    until("there is no room", || async { run.ledger.refused() > 10 }).await;
    told_to_come_back(&run, &gateway).await;
    assert_eq!(gateway.admin_page("healthz").await.unwrap().0, 200);
    pause(1.0).await;
    assert_said_seldom(&gateway, &["events cannot be stored"], 60);
    disk.grow("32m");
    run.flows(50).await;
    run.end(&gateway, Repeats::SameId).await;
    gateway.kill().await;
}
