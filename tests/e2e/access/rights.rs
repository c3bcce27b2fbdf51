//! What a key lets its bearer do, by channel and account.

use std::time::Duration;

use kenh_proto::v1::{
    CreateSubscriptionRequest, DeleteSubscriptionRequest, ListSubscriptionsRequest, create_subscription_request,
};
use kenh_proto::v1::{
    Delivery, DiscardParkedRequest, GetEventRequest, GetParkedRequest, GetRawRequest, ListParkedRequest, NackAction,
    SeekSubscriptionRequest, Subscription, seek_subscription_request::To,
};
use kenh_tests::{
    access::{connect, new_key, parked, subscriptions},
    named::{Consumer, individual},
    stream::{Stream, earliest, envelope},
};

use super::*;

/// What everybody sees, in the order it was stored.
async fn all(calling: &Calling) -> Vec<Delivery> {
    let listed = events(calling).list_events(ListEventsRequest::default()).await.unwrap();
    listed.into_inner().deliveries
}

fn of<'a>(deliveries: &'a [Delivery], channel: &str, endpoint: &str) -> &'a Delivery {
    let found = deliveries.iter().find(|delivery| {
        let envelope = envelope(delivery);
        envelope.channel == channel && envelope.account.as_ref().unwrap().endpoint == endpoint
    });
    found.expect("there is one")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_scope_is_denied_and_leaves_an_audit_line() {
    let (folder, all_key, zalo_key) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let clients = [client("all", &all_key, "read, raw"), client("desk", &zalo_key, "'read:zalo', 'raw:zalo'")];
    let gateway = start(&folder, &access(&clients)).await;
    post_three(&gateway).await;
    let url = gateway.api_url();
    let (everybody, desk) = (connect(&url, Some(&all_key.secret)).await, connect(&url, Some(&zalo_key.secret)).await);

    sees(&everybody, 3).await;
    let denied = refused(Code::PermissionDenied, "RIGHT_MISSING");
    assert_eq!(refusal(pulled(&desk, &["messenger"]).await), denied);
    assert_eq!(refusal(pulled(&desk, &["zalo", "messenger"]).await), denied, "what is named is shown, or refused");
    let line = &lines_of(&gateway, "EventService/Pull")[0];
    for (field, expected) in [
        ("client", "desk"),
        ("auth", "api_key"),
        ("method", "kenh.v1.EventService/Pull"),
        ("channel", "messenger"),
        ("outcome", "permission_denied"),
        ("reason", "right_missing"),
    ] {
        assert_eq!(line[field], expected, "{field} in {line}");
    }
    assert!(line["request_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");

    let foreign = envelope(of(&all(&everybody).await, "messenger", "keeping")).id.clone();
    let get = GetEventRequest { id: foreign.clone(), ..Default::default() };
    assert_eq!(refusal(events(&desk).get_event(get).await), denied);
    let get = GetRawRequest { id: foreign, ..Default::default() };
    assert_eq!(refusal(events(&desk).get_raw(get.clone()).await), denied);
    assert!(events(&everybody).get_raw(get).await.is_ok());
    let lines = lines_of(&gateway, "GetRaw");
    assert_eq!((&lines[0]["client"], &lines[0]["outcome"]), (&"desk".into(), &"permission_denied".into()));
    assert_eq!((&lines[1]["client"], &lines[1]["outcome"]), (&"all".into(), &"ok".into()));
    assert_eq!((&lines[1]["channel"], &lines[1]["account"]), (&"messenger".into(), &"770001".into()));
    assert!(!gateway.log().contains("hai"), "no word of a customer's in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_without_a_filter_is_narrowed_to_what_may_be_seen() {
    let (folder, key, page) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let clients = [client("desk", &key, "'read:zalo'"), client("page", &page, "'read:messenger/770001'")];
    let gateway = start(&folder, &access(&clients)).await;
    let (desk, page) =
        (connect(&gateway.api_url(), Some(&key.secret)).await, connect(&gateway.api_url(), Some(&page.secret)).await);
    let mut live = Stream::over(&mut events(&desk), earliest()).await.unwrap();
    for _ in 0..5 {
        post_three(&gateway).await;
    }
    assert_eq!(envelope(&live.delivery().await).channel, "zalo");
    assert!(live.is_quiet(Duration::from_millis(700)).await, "the rest is not this client's");
    let mut again = Stream::over(&mut events(&desk), earliest()).await.unwrap();
    assert_eq!(envelope(&again.delivery().await).channel, "zalo");
    assert!(again.is_quiet(Duration::from_millis(700)).await);
    assert_eq!(channels(&desk).await.unwrap(), ["zalo"]);
    assert_eq!(pulled(&desk, &[]).await.unwrap(), 1);
    assert_eq!(channels(&page).await.unwrap(), ["messenger", "messenger"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_channel_are_shown_to_those_with_the_right_to_them() {
    let (folder, key, raw_key) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let clients = [client("crm", &key, "read"), client("audit", &raw_key, "read, 'raw:messenger'")];
    let gateway = start(&folder, &access(&clients)).await;
    post_three(&gateway).await;
    let url = gateway.api_url();
    let (crm, auditor) = (connect(&url, Some(&key.secret)).await, connect(&url, Some(&raw_key.secret)).await);

    let mut streams = Vec::new();
    for calling in [&crm, &auditor] {
        let mut stream = Stream::over(&mut events(calling), earliest()).await.unwrap();
        streams.push(stream.deliveries(3).await);
    }
    let raw = |deliveries: &[Delivery]| envelope(of(deliveries, "messenger", "keeping")).raw.clone().unwrap();
    let (hidden, shown) = (raw(&streams[0]), raw(&streams[1]));
    assert!(hidden.bytes.is_none() && hidden.headers.is_empty(), "{hidden:?}");
    assert!(shown.bytes.is_some());
    assert_eq!((hidden.sha256, hidden.size), (shown.sha256, shown.size), "the digest stays");
    let mut listed = raw(&all(&crm).await);
    assert!(listed.bytes.take().is_none());
    let id = envelope(of(&streams[0], "messenger", "keeping")).id.clone();
    let got = events(&crm).get_event(GetEventRequest { id: id.clone(), ..Default::default() }).await.unwrap();
    assert!(got.into_inner().delivery.unwrap().envelope.unwrap().raw.unwrap().bytes.is_none());
    let get = GetRawRequest { id, ..Default::default() };
    assert_eq!(refusal(events(&crm).get_raw(get).await), refused(Code::PermissionDenied, "RIGHT_MISSING"));

    let lines = lines_of(&gateway, "Subscribe");
    assert_eq!(lines.len(), 1, "one line for a stream that showed bytes: {lines:?}");
    assert_eq!((&lines[0]["client"], &lines[0]["raw"]), (&"audit".into(), &true.into()));
}

fn subscription(name: &str, channels: &[&str]) -> CreateSubscriptionRequest {
    let channels = channels.iter().map(|channel| (*channel).to_owned()).collect();
    let filter = Some(Filter { channels, ..Filter::default() });
    let subscription = Some(Subscription { name: name.into(), filter, ..Default::default() });
    CreateSubscriptionRequest {
        subscription,
        start: Some(create_subscription_request::Start::At(StartAt::Earliest.into())),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_lies_within_its_callers_scope() {
    let (folder, ops, desk) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let clients = [client("ops", &ops, "read, manage"), client("desk", &desk, "'read:zalo', 'manage:zalo'")];
    let gateway = start(&folder, &access(&clients)).await;
    post_three(&gateway).await;
    let (ops, desk) =
        (connect(&gateway.api_url(), Some(&ops.secret)).await, connect(&gateway.api_url(), Some(&desk.secret)).await);
    let denied = refused(Code::PermissionDenied, "RIGHT_MISSING");
    for channels in [&[][..], &["messenger"], &["zalo", "messenger"]] {
        let answer = subscriptions(&desk).create_subscription(subscription("x", channels)).await;
        assert_eq!(refusal(answer), denied, "{channels:?}");
    }
    subscriptions(&desk).create_subscription(subscription("mine", &["zalo"])).await.unwrap();
    subscriptions(&ops).create_subscription(subscription("everything", &[])).await.unwrap();

    let listed = subscriptions(&desk).list_subscriptions(ListSubscriptionsRequest::default()).await.unwrap();
    let names: Vec<_> = listed.into_inner().subscriptions.into_iter().map(|listed| listed.name).collect();
    assert_eq!(names, ["mine"]);
    let request = SeekSubscriptionRequest { name: "everything".into(), to: Some(To::At(StartAt::Latest.into())) };
    assert_eq!(refusal(subscriptions(&desk).seek_subscription(request).await), denied);
    let request = DeleteSubscriptionRequest { name: "everything".into() };
    assert_eq!(refusal(subscriptions(&desk).delete_subscription(request.clone()).await), denied);
    let stream = Stream::over(&mut events(&desk), individual("everything", "a")).await;
    assert_eq!(refusal(stream), denied, "what it may not see would be lost to the others");
    let mut stream = Stream::over(&mut events(&desk), individual("mine", "a")).await.unwrap();
    assert_eq!(envelope(&stream.delivery().await).channel, "zalo");

    subscriptions(&ops).delete_subscription(request).await.unwrap();
    let outcomes: Vec<_> =
        lines_of(&gateway, "DeleteSubscription").iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["permission_denied", "ok"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn parked_events_are_for_those_who_look_after_their_channel() {
    let (folder, ops, desk, reader) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await, new_key().await);
    let clients = [
        client("ops", &ops, "read, manage, raw"),
        client("desk", &desk, "'manage:messenger/770001'"),
        client("reader", &reader, "read"),
    ];
    let gateway = start(&folder, &access(&clients)).await;
    post_three(&gateway).await;
    let url = gateway.api_url();
    let (ops, desk, reader) = (
        connect(&url, Some(&ops.secret)).await,
        connect(&url, Some(&desk.secret)).await,
        connect(&url, Some(&reader.secret)).await,
    );
    subscriptions(&ops).create_subscription(subscription("all", &[])).await.unwrap();
    let mut consumer = Consumer { stream: Stream::over(&mut events(&ops), individual("all", "a")).await.unwrap() };
    for _ in 0..3 {
        let delivery = consumer.delivery().await;
        consumer.nack(&delivery, NackAction::Park, None, "a test").await;
    }

    let denied = refused(Code::PermissionDenied, "RIGHT_MISSING");
    assert_eq!(refusal(parked(&reader).list_parked(ListParkedRequest::default()).await), denied);
    let listed = parked(&ops).list_parked(ListParkedRequest::default()).await.unwrap().into_inner().events;
    assert_eq!(listed.len(), 3);
    let own = parked(&desk).list_parked(ListParkedRequest::default()).await.unwrap().into_inner().events;
    assert!(own.len() == 2 && own.iter().all(|event| event.channel == "messenger"), "{own:?}");
    for event in &own {
        let request = GetParkedRequest { id: event.id.clone() };
        let shown = parked(&desk).get_parked(request.clone()).await.unwrap().into_inner().envelope.unwrap();
        assert!(shown.raw.unwrap().bytes.is_none(), "bytes need a right of their own");
        let shown = parked(&ops).get_parked(request).await.unwrap().into_inner().envelope.unwrap();
        assert_eq!(shown.raw.unwrap().bytes.is_some(), shown.account.unwrap().endpoint == "keeping");
    }
    let foreign = listed.iter().find(|event| event.channel == "zalo").unwrap().id.clone();
    assert_eq!(refusal(parked(&desk).get_parked(GetParkedRequest { id: foreign.clone() }).await), denied);
    let ids = vec![own[0].id.clone(), foreign];
    let discard = DiscardParkedRequest { ids };
    assert_eq!(refusal(parked(&desk).discard_parked(discard).await), denied);
    let left = parked(&ops).list_parked(ListParkedRequest::default()).await.unwrap().into_inner().events;
    assert_eq!(left.len(), 3, "all of a call or nothing");
}
