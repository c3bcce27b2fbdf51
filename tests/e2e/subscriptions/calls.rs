//! Creating, finding, moving and deleting.

use kenh_proto::v1::{
    AckMode, CreateSubscriptionRequest, DeleteSubscriptionRequest, EventKind, Filter, GetSubscriptionRequest,
    ListSubscriptionsRequest, Open, StartAt, Subscription, open::Start, seek_subscription_request::To,
};
use kenh_tests::{
    named::{Consumer, create, impatient, individual, seek, stats, subscriptions},
    stream::{Stream, latest, text},
    until,
    webhook::{zalo, zalo_text},
};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{A_WHILE, embedded, person, post};

fn reason(status: &tonic::Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_created_found_listed_and_deleted() {
    let (gateway, _folder) = embedded().await;
    let mut client = subscriptions(&gateway).await;
    let created = create(&gateway, impatient("crm")).await;
    assert_eq!((created.max_attempts, created.ack_deadline.unwrap().seconds), (10, 60), "defaults are filled in");
    assert!(created.created_at.is_some());
    assert_eq!(create(&gateway, impatient("crm")).await, created, "the same one again is the same one");
    let other = Subscription { max_attempts: 3, ..impatient("crm") };
    let request = CreateSubscriptionRequest { subscription: Some(other), start: None };
    let status = client.create_subscription(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::AlreadyExists, "SUBSCRIPTION_EXISTS"));
    for name in ["a", "b"] {
        create(&gateway, impatient(name)).await;
    }
    let first = client.list_subscriptions(ListSubscriptionsRequest { page_size: 2, ..Default::default() }).await;
    let mut names: Vec<_> = first.unwrap().into_inner().subscriptions.into_iter().map(|s| s.name).collect();
    let page_token = names.last().unwrap().clone();
    let rest = client.list_subscriptions(ListSubscriptionsRequest { page_size: 0, page_token }).await.unwrap();
    names.extend(rest.into_inner().subscriptions.into_iter().map(|subscription| subscription.name));
    assert_eq!(names, ["a", "b", "crm"], "the gateway's own is nobody's business");

    let mut reader = Consumer::open(&gateway, individual("crm", "a")).await;
    client.delete_subscription(DeleteSubscriptionRequest { name: "crm".into() }).await.unwrap();
    let ended = reader.end().await;
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::NotFound, "SUBSCRIPTION_NOT_FOUND"));
    let request = GetSubscriptionRequest { name: "crm".into() };
    assert_eq!(client.get_subscription(request).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_its_field() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    let opens = [
        (Open { ack_mode: AckMode::None.into(), ..individual("crm", "a") }, "open.ack_mode"),
        (Open { start: Some(Start::At(StartAt::Latest.into())), ..individual("crm", "a") }, "open.start"),
        (Open { filter: Some(Filter::default()), ..individual("crm", "a") }, "open.filter"),
        (individual("no name", "a"), "name"),
        (individual("_unreadable", "a"), "name"),
        (individual("crm", &"x".repeat(129)), "open.consumer_id"),
        (Open { subscription: String::new(), ..individual("", "a") }, "open.ack_mode"),
    ];
    for (open, field) in opens {
        let status = Consumer::refused(&gateway, open).await;
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with(field), "{field}: {}", status.message());
    }
    let status = Consumer::refused(&gateway, individual("nobody", "a")).await;
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "SUBSCRIPTION_NOT_FOUND"));
    let mut client = subscriptions(&gateway).await;
    let seconds = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
    let wrong = [
        (Subscription { name: "-x".into(), ..impatient("x") }, "name"),
        (Subscription { ack_deadline: seconds(0), ..impatient("x") }, "subscription.ack_deadline"),
        (Subscription { max_attempts: 1001, ..impatient("x") }, "subscription.max_attempts"),
        (Subscription { retry_min: seconds(3601), ..impatient("x") }, "subscription.retry_min"),
        (Subscription { retry_max: seconds(-1), ..impatient("x") }, "subscription.retry_max"),
    ];
    for (subscription, field) in wrong {
        let request = CreateSubscriptionRequest { subscription: Some(subscription), start: None };
        let status = client.create_subscription(request).await.unwrap_err();
        assert!(status.code() == Code::InvalidArgument && status.message().starts_with(field), "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_filter_chooses_what_it_delivers() {
    let (gateway, _folder) = embedded().await;
    let filter = Filter { channels: vec!["zalo".into()], kinds: vec![EventKind::Message.into()], ..Filter::default() };
    create(&gateway, Subscription { filter: Some(filter), ..impatient("crm") }).await;
    post(&gateway, 0..20, "from Messenger").await;
    assert_eq!(zalo().post(&gateway, &zalo_text(55_501, "m-1", "from Zalo")).await, 200);
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let delivery = consumer.delivery().await;
    assert_eq!(text(&delivery), "from Zalo");
    consumer.ack(&delivery).await;
    assert!(consumer.stream.is_quiet(A_WHILE).await);
    until("the position passes over what does not match", || async { stats(&gateway, "crm").await.backlog == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seek_moves_an_open_stream_and_voids_what_it_has() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    let mut live = Stream::open(&gateway, latest()).await;
    post(&gateway, 0..6, "old").await;
    let between = live.deliveries(6).await.pop().unwrap().cursor;
    post(&gateway, 0..6, "new").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let first = consumer.stream.deliveries(6).await;
    for delivery in &first[..3] {
        consumer.ack(delivery).await;
    }
    // Back to the beginning: what was acknowledged comes again, what was in flight can no longer be.
    seek(&gateway, "crm", To::At(StartAt::Earliest.into())).await;
    let mut again = Vec::new();
    while again.len() < 6 {
        let delivery = consumer.delivery().await;
        if text(&delivery).ends_with("old") && !first.iter().any(|earlier| earlier.cursor == delivery.cursor) {
            again.push(delivery);
        }
    }
    assert_eq!(consumer.send_ack(&[&first[5]]).await.refused, [first[5].cursor.clone()]);
    let mut people: Vec<_> = again.iter().map(person).collect();
    people.sort_unstable();
    assert_eq!(people, [0, 1, 2, 3, 4, 5]);
    assert!(again.iter().all(|delivery| delivery.attempt == 1));

    // To a cursor of another stream.
    let cursor = seek(&gateway, "crm", To::AfterCursor(between.clone())).await;
    assert_eq!(cursor, between);
    let mut fresh = Vec::new();
    while fresh.len() < 6 {
        fresh.extend(Some(consumer.delivery().await).filter(|delivery| text(delivery).ends_with("new")));
    }
    // And to the end.
    seek(&gateway, "crm", To::At(StartAt::Latest.into())).await;
    until("nothing is left", || async {
        let stats = stats(&gateway, "crm").await;
        (stats.backlog, stats.unacknowledged) == (0, 0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_stats_say_where_it_stands() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..12, "hello").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "reader-1")).await;
    let deliveries = consumer.stream.deliveries(12).await;
    for delivery in &deliveries[..12] {
        if person(delivery) != 3 {
            consumer.ack(delivery).await;
        }
    }
    until("what was delivered is known", || async { stats(&gateway, "crm").await.unacknowledged == 1 }).await;
    let stats = stats(&gateway, "crm").await;
    assert!((1..=12).contains(&stats.backlog));
    assert_eq!(stats.partitions.len(), 4);
    assert!(stats.partitions.iter().all(|partition| partition.consumer_id == "reader-1" && partition.epoch > 0));
    let mut from_there = Stream::open(&gateway, kenh_tests::stream::after(&stats.cursor)).await;
    assert!(from_there.deliveries(1).await.len() == 1, "the one that is missing lies behind the cursor");
}
