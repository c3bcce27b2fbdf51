//! What fails, and what becomes of the mail then.

use kenh_tests::{postgres::Cluster, rabbitmq};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_again_and_again_loses_nothing_and_tells_nothing_twice() {
    const MAILS: usize = 60;
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    server.make("Done").await;
    for number in 0..MAILS {
        server.deliver(&mail(number), "INBOX").await;
    }
    let setup = setup(&folder, &with_password(&server, "begin: all\nafterwards: move\nmove_to: Done"));
    for kill in 1..=3 {
        let mut gateway = setup.clone().start().await;
        let wanted = MAILS * kill / 5;
        until("some of it is stored", || async { numbers(&gateway).await.len() >= wanted }).await;
        gateway.kill().await;
    }
    let gateway = setup.start().await;
    until_numbers(&gateway, &(0..MAILS).collect::<Vec<_>>()).await;
    until("all are moved", || async { server.flags("Done").await.len() == MAILS }).await;
    assert!(server.flags("INBOX").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_built_anew_is_not_imported_again() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    for number in 1..=5 {
        server.deliver(&mail(number), "INBOX").await;
    }
    let gateway = setup(&folder, &with_password(&server, "begin: all\npoll_every: 1s")).start().await;
    until_numbers(&gateway, &[1, 2, 3, 4, 5]).await;
    server.rebuild().await;
    server.deliver(&mail(6), "INBOX").await;
    until_numbers(&gateway, &[1, 2, 3, 4, 5, 6]).await;
    server.deliver(&mail(7), "INBOX").await;
    until_numbers(&gateway, &[1, 2, 3, 4, 5, 6, 7]).await;
    let known = gateway.metric("kenh_deliveries_total", "outcome=\"duplicate\"").await;
    assert!(known > 4.5, "{known} were known again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_come_back_to_and_a_wrong_folder_is_said() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    let channel = with_password(&server, "begin: all\nfolders: [INBOX, Absent]");
    let gateway = setup(&folder, &channel).start().await;
    server.deliver(&mail(1), "INBOX").await;
    until_numbers(&gateway, &[1]).await;
    until("it is said", || async { gateway.log().contains("the server has no such folder") }).await;
    server.stop().await;
    until("it is noticed", || async { gateway.metric("kenh_mailbox_failures_total", "unreachable").await > 0.5 }).await;
    server.deliver(&mail(2), "INBOX").await;
    server.restart().await;
    until_numbers(&gateway, &[1, 2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_cannot_read_itself_is_told_and_holds_up_nobody() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    for number in 1..=2 {
        server.deliver(&mail(number), "INBOX").await;
    }
    server.lock("INBOX").await;
    server.deliver(&mail(3), "INBOX").await;
    let gateway = setup(&folder, &with_password(&server, "begin: all\nafterwards: mark_seen")).start().await;
    until_numbers(&gateway, &[3]).await;
    let unread = |event: &Envelope| match &event.payload {
        Some(Payload::Unsupported(_)) => event.raw.as_ref()?.bytes.clone(),
        _ => None,
    };
    let told: Vec<_> = events(&gateway).await.iter().filter_map(unread).collect();
    assert_eq!(told.len(), 2, "one for each: {told:?}");
    assert!(told.iter().all(|bytes| bytes.ends_with(b"in INBOX cannot be fetched")), "{told:?}");
    until("only the third is marked", || async { server.flags("INBOX").await == ["-", "-", "S"] }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_reads_and_the_other_takes_over() {
    let (folder, server, database) =
        (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await, Cluster::start().await);
    let broker = rabbitmq::shared().await.url();
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", database.url());
    let replica = |name: &str| {
        let setup = Setup::rabbitmq(&folder.path().join(name), &broker, "mailbox").with(&store);
        setup.channels(&with_password(&server, "begin: all\npoll_every: 1s"))
    };
    let api = replica("api").roles("api").start().await;
    let one = replica("one").roles("poller").start().await;
    until("one reads", || async { one.log().contains("reading the mailbox") }).await;
    let other = replica("other").roles("poller").start().await;
    server.deliver(&mail(1), "INBOX").await;
    until_numbers(&api, &[1]).await;
    assert!(!other.log().contains("reading the mailbox"));
    one.terminate().await;
    drop(one);
    until("the other reads", || async { other.log().contains("reading the mailbox") }).await;
    server.deliver(&mail(2), "INBOX").await;
    until_numbers(&api, &[1, 2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_stays_in_the_mailbox_until_it_can() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    let broker = rabbitmq::Node::start().await;
    let channel = with_password(&server, "begin: all\nafterwards: mark_seen\npoll_every: 1s");
    let setup = Setup::rabbitmq(folder.path(), &broker.url(), "mailbox").with("  spool:\n    enabled: false\n");
    let mut gateway = setup.with("poller:\n  longest_pause: 500ms\n").channels(&channel).start().await;
    gateway.expect_errors();
    server.deliver(&mail(1), "INBOX").await;
    until_numbers(&gateway, &[1]).await;
    broker.kill().await;
    server.deliver(&mail(2), "INBOX").await;
    until("it cannot be stored", || async { gateway.metric("kenh_mailbox_failures_total", "store").await > 0.5 }).await;
    assert_eq!(server.flags("INBOX").await, ["-", "S"], "it is not marked as read");
    broker.restart().await;
    gateway.ready().await;
    until_numbers(&gateway, &[1, 2]).await;
    until("both are marked", || async { server.flags("INBOX").await == ["S", "S"] }).await;
}
