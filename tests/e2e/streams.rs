//! The stream as subscribers see it.

use kenh_proto::v1::{
    Ack, AckMode, EventKind, Filter, ListEventsRequest, Open, PullRequest, open::Start, pull_request,
    subscribe_request::Request, subscribe_response::Response,
};
use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq,
    stream::{self, Stream, after, earliest, envelope, latest, text},
    until,
    webhook::{messenger, messenger_batch, messenger_item, messenger_text, zalo, zalo_text},
};
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt as _;

async fn embedded() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Setup::embedded(folder.path()).start().await, folder)
}

async fn post_batch(gateway: &Gateway, people: std::ops::Range<u64>, mid: &str) {
    let items: Vec<_> =
        people.map(|n| messenger_item(660_000 + n, &format!("m_{mid}_{n}"), &format!("{mid} {n}"))).collect();
    assert_eq!(messenger().post(gateway, &messenger_batch(&items)).await, 200);
}

async fn every_start_begins_where_it_says(gateway: &Gateway) {
    post_batch(gateway, 0..20, "old").await;
    until("the log has them", || async { stream::list(gateway, ListEventsRequest::default()).await.len() == 20 }).await;
    let mut live = Stream::open(gateway, latest()).await;
    let old = stream::list(gateway, ListEventsRequest::default()).await;
    let mut between = envelope(old.last().unwrap()).received_at.unwrap();
    between.nanos += 1000;
    post_batch(gateway, 0..20, "new").await;

    let mut everything = Stream::open(gateway, earliest()).await;
    let all = everything.deliveries(40).await;
    assert_eq!(all.iter().filter(|delivery| text(delivery).starts_with("old")).count(), 20);
    assert!(live.deliveries(20).await.iter().all(|delivery| text(delivery).starts_with("new")));

    let at = Open { start: Some(Start::AtTime(between)), ..Open::default() };
    let mut since = Stream::open(gateway, at).await;
    assert!(since.deliveries(20).await.iter().all(|delivery| text(delivery).starts_with("new")));

    // From behind any event: the rest, nothing twice, nothing left out.
    for taken in [0, 7, 39] {
        let mut resumed = Stream::open(gateway, after(&all[taken].cursor)).await;
        let mut rest: Vec<_> = resumed.deliveries(39 - taken).await.iter().map(|d| envelope(d).id.clone()).collect();
        let mut wanted: Vec<_> = all[taken + 1..].iter().map(|delivery| envelope(delivery).id.clone()).collect();
        rest.sort();
        wanted.sort();
        assert_eq!(rest, wanted, "after {taken}");
        assert_eq!(resumed.heartbeat().await.lag, 0);
    }
    let mut from_opened = Stream::open(gateway, after(&everything.opened_at)).await;
    assert_eq!(from_opened.deliveries(40).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_start_begins_where_it_says_on_the_embedded_engine() {
    let (gateway, _folder) = embedded().await;
    every_start_begins_where_it_says(&gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_start_begins_where_it_says_on_rabbitmq() {
    let folder = tempfile::tempdir().unwrap();
    let url = rabbitmq::shared().await.url();
    every_start_begins_where_it_says(&Setup::rabbitmq(folder.path(), &url, "starts").start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_conversation_keep_their_order() {
    let (gateway, _folder) = embedded().await;
    let mut live = Stream::open(&gateway, latest()).await;
    let channel = messenger();
    for number in 0..50 {
        let item = |person| messenger_item(person, &format!("m_{number}_{person}"), &number.to_string());
        let items: Vec<_> = (0..5).map(item).collect();
        assert_eq!(channel.post(&gateway, &messenger_batch(&items)).await, 200);
    }
    let mut next = std::collections::HashMap::new();
    for delivery in live.deliveries(250).await {
        let conversation = envelope(&delivery).conversation.as_ref().unwrap().id.clone();
        let expected = next.entry(conversation).or_insert(0);
        assert_eq!(text(&delivery), expected.to_string());
        *expected += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_pass_what_matches() {
    let (gateway, _folder) = embedded().await;
    post_batch(&gateway, 0..3, "a").await;
    assert_eq!(zalo().post(&gateway, &zalo_text(555, "z_1", "from zalo")).await, 200);
    let reaction = json!({"sender": {"id": "660001"}, "recipient": {"id": "770001"}, "timestamp": 1_767_225_600_000_u64,
                          "reaction": {"mid": "m_a_1", "action": "react", "reaction": "love", "emoji": "❤"}});
    assert_eq!(messenger().post(&gateway, &messenger_batch(&[reaction])).await, 200);
    let all = stream::list(&gateway, ListEventsRequest::default()).await;
    let person = all.iter().find(|delivery| envelope(delivery).kind() == EventKind::Reaction).unwrap();
    let (conversation, contact) =
        (envelope(person).conversation.clone().unwrap().id, envelope(person).contact.clone().unwrap().id);
    let filters = [
        (Filter { channels: vec!["zalo".into()], ..Filter::default() }, 1),
        (Filter { accounts: vec!["770001".into()], ..Filter::default() }, 4),
        (Filter { kinds: vec![EventKind::Reaction.into()], ..Filter::default() }, 1),
        (Filter { conversation_ids: vec![conversation], ..Filter::default() }, 2),
        (Filter { contact_ids: vec![contact], kinds: vec![EventKind::Message.into()], ..Filter::default() }, 1),
        (Filter { channels: vec!["sms".into()], ..Filter::default() }, 0),
    ];
    for (filter, wanted) in filters {
        let mut stream = Stream::open(&gateway, Open { filter: Some(filter.clone()), ..earliest() }).await;
        stream.deliveries(wanted).await;
        let heartbeat = stream.heartbeat().await;
        assert_eq!(heartbeat.lag, 0, "{filter:?}: the position passes over what does not match");
        let request = kenh_proto::v1::ListEventsRequest { filter: Some(filter), page_size: 2, ..Default::default() };
        assert_eq!(stream::list(&gateway, request).await.len(), wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_beyond_the_credit() {
    let (gateway, _folder) = embedded().await;
    post_batch(&gateway, 0..100, "a").await;
    let mut stream = Stream::open(&gateway, Open { max_outstanding_messages: 10, ..earliest() }).await;
    stream.deliveries(10).await;
    assert!(stream.heartbeat().await.lag > 0);
    stream.credit(5, 0).await;
    stream.deliveries(5).await;
    let position = stream.heartbeat().await;
    assert_eq!(position.lag, 85);
    stream.credit(1000, 0).await;
    stream.deliveries(85).await;

    let mut stream = Stream::open(&gateway, Open { max_outstanding_bytes: 1, ..earliest() }).await;
    stream.deliveries(1).await;
    assert_eq!(stream.heartbeat().await.lag, 99, "one event larger than the credit is sent, not two");
    stream.credit(0, 1 << 20).await;
    stream.deliveries(99).await;

    let mut resumed = Stream::open(&gateway, after(&position.cursor)).await;
    resumed.deliveries(85).await;
    assert_eq!(resumed.heartbeat().await.lag, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_on_which_nothing_happens_is_heard_of_again_and_again() {
    let (gateway, _folder) = embedded().await;
    let mut stream = Stream::open(&gateway, latest()).await;
    let first = stream.heartbeat().await;
    assert_eq!((first.lag, stream.heartbeat().await.cursor), (0, first.cursor));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_refused_with_a_reason() {
    let (gateway, _folder) = embedded().await;
    let refused = async |open: Open| match Stream::try_open(&gateway, open).await {
        Err(status) => (status.code(), status.get_details_error_info().expect("an ErrorInfo").reason),
        Ok(_) => panic!("it opens"),
    };
    assert_eq!(refused(after("no cursor")).await, (Code::InvalidArgument, "INVALID_FIELD".into()));
    // A position far behind the end of each of four partitions.
    let ahead = "AeQH5AfkB-QH";
    assert_eq!(refused(after(ahead)).await, (Code::OutOfRange, "CURSOR_AHEAD".into()));
    let acked = Open { ack_mode: AckMode::Cumulative.into(), ..Open::default() };
    assert_eq!(refused(acked).await.0, Code::InvalidArgument);
    let filter = Filter { conversation_ids: vec!["7".into()], ..Filter::default() };
    assert_eq!(refused(Open { filter: Some(filter), ..Open::default() }).await.0, Code::InvalidArgument);

    let mut stream = Stream::open(&gateway, latest()).await;
    stream.send(Request::Ack(Ack { cursors: vec![stream.opened_at.clone()] })).await;
    assert_eq!(stream.response().await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_older_than_the_log_names_the_oldest_one_held() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).with("  retention: {max_bytes: 200KiB}\n").start().await;
    let old = Stream::open(&gateway, earliest()).await.opened_at;
    let refused = async || {
        post_batch(&gateway, 0..200, &uuid::Uuid::new_v4().to_string()).await;
        match Stream::try_open(&gateway, after(&old)).await {
            Ok(mut stream) => loop {
                match stream.response().await {
                    Ok(Some(Response::Heartbeat(_))) => break None,
                    Ok(_) => {}
                    Err(status) => break Some(status),
                }
            },
            Err(status) => Some(status),
        }
    };
    let status = loop {
        if let Some(status) = refused().await {
            break status;
        }
    };
    let info = status.get_details_error_info().unwrap();
    assert_eq!((status.code(), info.reason.as_str()), (Code::OutOfRange, "CURSOR_EXPIRED"), "{status:?}");
    let mut oldest = Stream::open(&gateway, after(&info.metadata["oldest_cursor"])).await;
    oldest.deliveries(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_subscribers_get_every_event_and_the_one_too_many_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).with("").env("KENH_API__MAX_STREAMS", "1000").start().await;
    let mut streams = Vec::new();
    for _ in 0..1000 {
        streams.push(Stream::open(&gateway, latest()).await);
    }
    let refused = Stream::try_open(&gateway, latest()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.get_details_retry_info().is_some(), "with a hint when to try again");
    post_batch(&gateway, 0..20, "a").await;
    for stream in &mut streams {
        assert_eq!(stream.deliveries(20).await.len(), 20);
    }
    let reads = gateway.metric("kenh_catch_up_reads_total", "").await;
    assert!(reads < 0.5, "they share the readers of the partitions: {reads} reads besides");
    // A place is free once its stream has gone.
    streams.truncate(999);
    until("a place is free", || async { Stream::try_open(&gateway, latest()).await.is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_does_not_read_slows_nobody_and_costs_little() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).env("KENH_API__RING_BYTES", "1MiB").start().await;
    let mut stuck = Vec::new();
    for _ in 0..5 {
        stuck.push(Stream::open(&gateway, earliest()).await);
    }
    let mut quick = Stream::open(&gateway, latest()).await;
    let long = "x".repeat(50_000);
    let before = resident(&gateway);
    let channel = messenger();
    for number in 0..400 {
        assert_eq!(channel.post(&gateway, &messenger_text(660_001, &format!("m_{number}"), &long)).await, 200);
        assert_eq!(quick.delivery().await.envelope.unwrap().provider_message_id, Some(format!("m_{number}")));
    }
    let grown = resident(&gateway).saturating_sub(before);
    assert!(grown < 50 << 20, "20 MB of events for each of five that do not read, and {grown} bytes of memory");
    // And they miss nothing once they read again.
    for stream in &mut stuck {
        for number in 0..400 {
            assert_eq!(stream.delivery().await.envelope.unwrap().provider_message_id, Some(format!("m_{number}")));
        }
    }
}

/// Memory of the process, in bytes.
fn resident(gateway: &Gateway) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread")]
async fn pulling_goes_through_the_log_and_waits_for_more() {
    let (gateway, _folder) = embedded().await;
    post_batch(&gateway, 0..25, "a").await;
    let mut client = stream::client(&gateway).await;
    let mut cursor = Stream::open(&gateway, earliest()).await.opened_at;
    let wait = Some(prost_types::Duration { seconds: 20, nanos: 0 });
    let mut pulled = 0;
    while pulled < 25 {
        let start = Some(pull_request::Start::AfterCursor(cursor.clone()));
        let request = PullRequest { start, max_messages: 10, ..Default::default() };
        let page = client.pull(request).await.unwrap().into_inner();
        assert!((1..=10).contains(&page.deliveries.len()));
        pulled += page.deliveries.len();
        cursor = page.cursor;
    }
    assert_eq!(pulled, 25);
    let start = Some(pull_request::Start::AfterCursor(cursor));
    let at_once = client.pull(PullRequest { start: start.clone(), ..Default::default() }).await.unwrap().into_inner();
    assert!(at_once.deliveries.is_empty(), "there is no more");
    let waiting = tokio::spawn(async move { client.pull(PullRequest { start, wait, ..Default::default() }).await });
    post_batch(&gateway, 30..31, "b").await;
    let page = waiting.await.unwrap().unwrap().into_inner();
    assert_eq!(text(&page.deliveries[0]), "b 30");
}
