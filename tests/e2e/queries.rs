//! Looking things up in the log.

use kenh_proto::v1::{GetEventRequest, GetRawRequest, ListEventsRequest};
use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq,
    stream::{self, Stream, after, envelope, text},
    until,
    webhook::{messenger, messenger_batch, messenger_item, messenger_text},
};
use tonic::Code;

async fn listing_pages_through_the_log_oldest_first(gateway: &Gateway, page_sizes: &[u32]) {
    for minute in 0..10 {
        let items: Vec<_> = (0..7).map(|person| messenger_item(person, &format!("m_{minute}_{person}"), "x")).collect();
        assert_eq!(messenger().post(gateway, &messenger_batch(&items)).await, 200);
    }
    until("the log has them", || async { stream::list(gateway, ListEventsRequest::default()).await.len() == 70 }).await;
    for &page_size in page_sizes {
        let events = stream::list(gateway, ListEventsRequest { page_size, ..Default::default() }).await;
        assert_eq!(events.len(), 70);
        let times: Vec<_> = events.iter().map(|delivery| envelope(delivery).received_at.unwrap()).collect();
        assert!(times.is_sorted_by_key(|at| (at.seconds, at.nanos)), "oldest first");
        let mut ids: Vec<_> = events.iter().map(|delivery| &envelope(delivery).id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 70, "each once");
    }
    let events = stream::list(gateway, ListEventsRequest::default()).await;
    let (from, until) = (envelope(&events[21]).received_at, envelope(&events[49]).received_at);
    let between = stream::list(gateway, ListEventsRequest { from, until, page_size: 10, ..Default::default() }).await;
    let bounds = (from.unwrap(), until.unwrap());
    let key = |at: prost_types::Timestamp| (at.seconds, at.nanos);
    let inside = |at: prost_types::Timestamp| key(bounds.0) <= key(at) && key(at) < key(bounds.1);
    let wanted = events.iter().filter(|delivery| inside(envelope(delivery).received_at.unwrap())).count();
    assert_eq!(between.len(), wanted);
    assert!(between.iter().all(|delivery| inside(envelope(delivery).received_at.unwrap())));
}

async fn an_event_is_found_by_its_id(gateway: &Gateway) {
    assert_eq!(messenger().post(gateway, &messenger_text(660_001, "m_found", "found")).await, 200);
    let kept = gateway.url("messenger", "keeping");
    assert_eq!(messenger().post_to(&kept, &messenger_text(660_002, "m_kept", "kept")).await.unwrap(), 200);
    let has = async |mid: &str| {
        let events = stream::list(gateway, ListEventsRequest::default()).await;
        events.into_iter().find(|delivery| envelope(delivery).provider_message_id.as_deref() == Some(mid))
    };
    until("the log has both", || async { has("m_found").await.is_some() && has("m_kept").await.is_some() }).await;
    let (found, kept) = (has("m_found").await.unwrap(), has("m_kept").await.unwrap());
    let mut client = stream::client(gateway).await;
    let (id, conversation_id) = (envelope(&found).id.clone(), envelope(&found).conversation.clone().unwrap().id);
    for conversation_id in [String::new(), conversation_id] {
        let request = GetEventRequest { id: id.clone(), conversation_id };
        let delivery = client.get_event(request).await.unwrap().into_inner().delivery.unwrap();
        assert_eq!(text(&delivery), "found");
        let resumed = Stream::try_open(gateway, after(&delivery.cursor)).await;
        assert!(resumed.is_ok(), "its cursor can be resumed from");
    }
    let missing = GetEventRequest { id: uuid::Uuid::nil().to_string(), ..Default::default() };
    assert_eq!(client.get_event(missing).await.unwrap_err().code(), Code::NotFound);
    let broken = GetEventRequest { id: "7".into(), ..Default::default() };
    assert_eq!(client.get_event(broken).await.unwrap_err().code(), Code::InvalidArgument);

    let raw = client.get_raw(GetRawRequest { id: envelope(&kept).id.clone(), ..Default::default() }).await;
    let bytes = raw.unwrap().into_inner().raw.unwrap().bytes.unwrap();
    assert!(std::str::from_utf8(&bytes).unwrap().contains("m_kept"));
    let digest_only = client.get_raw(GetRawRequest { id, ..Default::default() }).await.unwrap_err();
    assert_eq!(digest_only.code(), Code::FailedPrecondition);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_engine_answers_queries() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(&folder.path().join("list")).start().await;
    listing_pages_through_the_log_oldest_first(&gateway, &[1, 9, 70, 1000]).await;
    an_event_is_found_by_its_id(&Setup::embedded(&folder.path().join("find")).start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rabbitmq_engine_answers_queries() {
    let folder = tempfile::tempdir().unwrap();
    let url = rabbitmq::shared().await.url();
    let gateway = Setup::rabbitmq(&folder.path().join("list"), &url, "list").start().await;
    // Each page is some round trips to the broker.
    listing_pages_through_the_log_oldest_first(&gateway, &[25, 1000]).await;
    let gateway = Setup::rabbitmq(&folder.path().join("find"), &url, "find").start().await;
    an_event_is_found_by_its_id(&gateway).await;
}
