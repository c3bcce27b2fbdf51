//! Every call and every event ends in one counted outcome.

use std::collections::BTreeMap;

use kenh_proto::v1::{ListEventsRequest, NackAction};
use kenh_tests::{
    gateway::{Gateway, Setup},
    named::{Consumer, create, impatient, individual},
    stream::{self},
    until,
    webhook::{client, messenger, messenger_batch, messenger_item, messenger_text},
};

/// Counters of a family by the value of a label.
async fn counts(gateway: &Gateway, family: &str, label: &str) -> BTreeMap<String, u64> {
    let (_, page) = gateway.admin_page("metrics").await.unwrap();
    let mut counts = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with(&format!("{family}{{"))) {
        let value = line.split(&format!("{label}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let count: u64 = line.rsplit(' ').next().unwrap().parse().unwrap();
        *counts.entry(value.to_owned()).or_default() += count;
    }
    counts
}

fn ledger(entries: &[(&str, u64)]) -> BTreeMap<String, u64> {
    entries.iter().map(|(outcome, count)| ((*outcome).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_and_what_was_counted_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).with("dedupe: {window: 1h}\n").start().await;
    let (meta, http) = (messenger(), client());
    let url = gateway.url("messenger", "main");
    let item = |n: u64| messenger_item(660_000 + n, &format!("m_{n}"), "hello");
    // 5 calls of 3 events; 2 of them again; one with one event that is known and one that is not.
    for call in 0..5 {
        assert_eq!(
            meta.post(&gateway, &messenger_batch(&[item(call * 3), item(call * 3 + 1), item(call * 3 + 2)])).await,
            200
        );
    }
    for call in 0..2 {
        assert_eq!(
            meta.post(&gateway, &messenger_batch(&[item(call * 3), item(call * 3 + 1), item(call * 3 + 2)])).await,
            200
        );
    }
    assert_eq!(meta.post(&gateway, &messenger_batch(&[item(0), item(100)])).await, 200);
    // Proven, not readable; of an unknown kind; without an event.
    assert_eq!(meta.post(&gateway, "[]").await, 200);
    let mut unknown = item(101);
    unknown.as_object_mut().unwrap().remove("message");
    unknown["telepathy"] = serde_json::json!({});
    assert_eq!(meta.post(&gateway, &messenger_batch(&[unknown])).await, 200);
    assert_eq!(meta.post(&gateway, r#"{"object":"page","entry":[]}"#).await, 200);
    // Not proven, too large, of the wrong method, nowhere.
    for _ in 0..4 {
        assert_eq!(http.post(&url).body("{}").send().await.unwrap().status(), 401);
    }
    // The answer comes before the body is read, which some take for a broken connection.
    if let Ok(answer) = http.post(&url).body(vec![b' '; 5 << 20]).send().await {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(http.put(&url).send().await.unwrap().status(), 405);
    assert_eq!(http.post(gateway.url("messenger", "nowhere")).send().await.unwrap().status(), 404);

    let calls = counts(&gateway, "kenh_deliveries_total", "outcome").await;
    let wanted = [
        ("stored", 7),
        ("duplicate", 2),
        ("malformed", 1),
        ("skipped", 1),
        ("rejected", 4),
        ("too_large", 1),
        ("wrong_method", 1),
        ("unknown_endpoint", 1),
    ];
    assert_eq!(calls, ledger(&wanted));
    assert_eq!(counts(&gateway, "kenh_deliveries_rejected_total", "reason").await.values().sum::<u64>(), 4);
    assert_eq!(counts(&gateway, "kenh_items_skipped_total", "reason").await.values().sum::<u64>(), 1);
    let events = counts(&gateway, "kenh_events_total", "outcome").await;
    assert_eq!(events, ledger(&[("stored", 18), ("duplicate", 7)]));
    assert_eq!(stream::list(&gateway, ListEventsRequest::default()).await.len(), 18, "what is stored is in the log");

    // Each delivery to a consumer ends in one outcome too.
    create(&gateway, impatient("crm")).await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    for number in 0..19 {
        let delivery = consumer.delivery().await;
        match number {
            0 => consumer.nack(&delivery, NackAction::Park, None, "").await,
            1 => consumer.nack(&delivery, NackAction::Skip, None, "").await,
            2 => consumer.nack(&delivery, NackAction::Retry, None, "").await,
            _ => consumer.ack(&delivery).await,
        }
    }
    // Two of them are the gateway's own: it reads and parks what it could not make out.
    let wanted = ledger(&[("acknowledged", 18), ("nack_park", 1), ("nack_retry", 1), ("nack_skip", 1)]);
    until("every answer is counted", || async { counts(&gateway, "kenh_acks_total", "outcome").await == wanted }).await;
    until("what is parked is counted", || async {
        counts(&gateway, "kenh_parked_total", "by").await == ledger(&[("gateway", 2), ("subscription", 1)])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_stored_is_counted_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("amqp://guest:guest@127.0.0.1:{}/%2f", kenh_tests::ports::free());
    let setup = Setup::rabbitmq(folder.path(), &url, "nowhere").with("  spool: {enabled: false}\n");
    let gateway = setup.spawn();
    until("it listens", || async { gateway.admin_page("healthz").await.is_some() }).await;
    until("it answers", || async {
        messenger().post_to(&gateway.url("messenger", "main"), &messenger_text(1, "m_1", "x")).await.is_ok()
    })
    .await;
    let before = counts(&gateway, "kenh_events_total", "outcome").await["not_stored"];
    for _ in 0..3 {
        assert_eq!(messenger().post(&gateway, &messenger_text(1, "m_1", "x")).await, 503);
    }
    assert_eq!(counts(&gateway, "kenh_events_total", "outcome").await, ledger(&[("not_stored", before + 3)]));
    assert_eq!(counts(&gateway, "kenh_deliveries_total", "outcome").await, ledger(&[("not_stored", before + 3)]));
}
