//! Mailboxes, on a real IMAP server.

mod failing;
mod signing_in;

use kenh_proto::v1::{Envelope, ListEventsRequest, SignatureQuality, envelope::Payload};
use kenh_tests::{
    dovecot::{Dovecot, PASSWORD, USER},
    gateway::{Gateway, Setup},
    leaks::MARK,
    stream::{self, envelope},
    until,
};

/// Nobody listens there: for servers that ask about no token.
const NOWHERE: &str = "http://127.0.0.1:1/";

/// A mailbox as the channel `email` has it, with further lines below `imap`.
fn channel(server: &Dovecot, more: &str) -> String {
    let (port, certificate) = (server.tls_port(), server.certificate());
    let more = more.replace('\n', "\n        ");
    format!(
        "  email:\n    support:\n      provider: imap\n      mailboxes: [{USER}]\n      imap:\n        host: 127.0.0.1\n        \
         user: {USER}\n        port: {port}\n        ca_file: {}\n        {more}\n",
        certificate.display()
    )
}

/// The same with its password.
fn with_password(server: &Dovecot, more: &str) -> String {
    channel(server, &format!("password: {PASSWORD}\n{more}"))
}

fn setup(folder: &tempfile::TempDir, channel: &str) -> Setup {
    Setup::embedded(folder.path()).with("poller:\n  longest_pause: 500ms\n").channels(channel)
}

/// A mail of a number.
fn mail(number: usize) -> Vec<u8> {
    format!(
        "From: Mai <mai@example.test>\r\nTo: {USER}\r\nSubject: Order {number}\r\nMessage-ID: <mail-{number}@example.test>\r\n\
         Date: Sat, 21 Nov 2026 10:00:00 +0700\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{MARK} {number}\r\n"
    )
    .into_bytes()
}

/// Everything the log holds of the mailbox.
async fn events(gateway: &Gateway) -> Vec<Envelope> {
    let all = stream::list(gateway, ListEventsRequest::default()).await;
    all.iter().map(|delivery| envelope(delivery).clone()).filter(|event| event.channel == "email").collect()
}

/// The numbers of the mails the log holds, in its order for each conversation; sorted.
async fn numbers(gateway: &Gateway) -> Vec<usize> {
    let events = events(gateway).await;
    let text = |event: &Envelope| match &event.payload {
        Some(Payload::Message(message)) => message.text.as_ref().map(|text| text.body.clone()),
        _ => None,
    };
    let number = |text: String| text.trim().strip_prefix(MARK)?.trim().parse().ok();
    let mut numbers: Vec<usize> = events.iter().filter_map(text).filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

async fn until_numbers(gateway: &Gateway, wanted: &[usize]) {
    until("the mails are events", || async { numbers(gateway).await.len() >= wanted.len() }).await;
    assert_eq!(numbers(gateway).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_and_what_comes_are_events_and_the_mailbox_is_left_alone() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    server.make("Tr&HqM--l&Ht0-i").await;
    server.deliver(&mail(1), "INBOX").await;
    server.deliver(&mail(2), "Tr&HqM--l&Ht0-i").await;
    // Only what the server says by itself brings the later ones.
    let channel = with_password(&server, "begin: all\npoll_every: 20m\nfolders: [INBOX, \"Trả-lời\"]");
    let gateway = setup(&folder, &channel).start().await;
    until_numbers(&gateway, &[1, 2]).await;
    server.deliver(&mail(3), "INBOX").await;
    until_numbers(&gateway, &[1, 2, 3]).await;
    server.deliver(&mail(4), "Tr&HqM--l&Ht0-i").await;
    until_numbers(&gateway, &[1, 2, 3, 4]).await;
    for event in events(&gateway).await {
        assert_eq!(event.quality.unwrap().signature(), SignatureQuality::Fetched);
        assert_eq!(event.account.unwrap().external_id.as_deref(), Some(USER));
    }
    assert_eq!(server.flags("INBOX").await, ["-", "-"], "nothing is marked as read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mailbox_is_read_from_now_on_also_what_came_while_the_gateway_was_away() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    server.deliver(&mail(1), "INBOX").await;
    let setup = setup(&folder, &with_password(&server, "afterwards: mark_seen"));
    let gateway = setup.clone().start().await;
    until("it has been looked into", || async { gateway.log().contains("now what comes is waited for") }).await;
    server.deliver(&mail(2), "INBOX").await;
    until_numbers(&gateway, &[2]).await;
    gateway.terminate().await;
    drop(gateway);
    server.deliver(&mail(3), "INBOX").await;
    let gateway = setup.start().await;
    until_numbers(&gateway, &[2, 3]).await;
    until("both are marked", || async { server.flags("INBOX").await == ["-", "S", "S"] }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_moved_where_that_is_asked_for() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    server.make("Done").await;
    for number in 1..=3 {
        server.deliver(&mail(number), "INBOX").await;
    }
    // Nothing a reader of mail understands.
    server.deliver(&[1, 255, b'\r', b'\n', 200], "INBOX").await;
    server.deliver(&mail(4), "INBOX").await;
    let channel = with_password(&server, "begin: all\nafterwards: move\nmove_to: Done");
    let gateway = setup(&folder, &channel).start().await;
    until_numbers(&gateway, &[1, 2, 3, 4]).await;
    until("all are moved", || async { server.flags("Done").await.len() == 5 }).await;
    assert!(server.flags("INBOX").await.is_empty());
    let events = events(&gateway).await;
    let kept = events.iter().find(|event| matches!(event.payload, Some(Payload::Unsupported(_)))).unwrap();
    assert_eq!(kept.raw.as_ref().unwrap().bytes.as_deref(), Some(&[1, 255, b'\r', b'\n', 200][..]), "it is kept whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_mail_that_is_too_large_the_header_is_told() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    let mut large = mail(1);
    large.extend_from_slice("Rất dài. ".repeat(2000).as_bytes());
    server.deliver(&large, "INBOX").await;
    server.deliver(&mail(2), "INBOX").await;
    let gateway = setup(&folder, &with_password(&server, "begin: all\nlargest: 4KiB")).start().await;
    until_numbers(&gateway, &[2]).await;
    let events = events(&gateway).await;
    let subject = |event: &Envelope| match &event.payload {
        Some(Payload::Message(message)) => message.email.as_ref().and_then(|email| email.subject.clone()),
        _ => None,
    };
    let header = events.iter().find(|event| subject(event).as_deref() == Some("Order 1")).unwrap();
    let quality = header.quality.as_ref().unwrap();
    assert!(quality.degraded.iter().any(|what| what == "too_large"), "{quality:?}");
}
