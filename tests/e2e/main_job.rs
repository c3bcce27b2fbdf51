//! Signed webhooks go in, typed envelopes come out.

use kenh_proto::v1::{Direction, ListEventsRequest, SignatureQuality, envelope::Payload};
use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq,
    stream::{self, Stream, earliest, envelope, latest, text},
    webhook::{messenger, messenger_text, zalo, zalo_text},
};

async fn webhooks_come_out_as_typed_envelopes(gateway: &Gateway) {
    let mut live = Stream::open(gateway, latest()).await;
    assert_eq!(messenger().post(gateway, &messenger_text(660_001, "m_1", "Xin chào")).await, 200);
    assert_eq!(zalo().post(gateway, &zalo_text(555, "z_1", "Còn hàng không ạ")).await, 200);

    let mut events = live.deliveries(2).await;
    events.sort_by_key(|delivery| envelope(delivery).channel.clone());
    let (messenger, zalo) = (envelope(&events[0]), envelope(&events[1]));
    assert_eq!((messenger.channel.as_str(), zalo.channel.as_str()), ("messenger", "zalo"));
    assert_eq!((text(&events[0]), text(&events[1])), ("Xin chào", "Còn hàng không ạ"));
    for envelope in [messenger, zalo] {
        assert_eq!(envelope.direction(), Direction::Inbound);
        assert_eq!(envelope.quality.as_ref().unwrap().signature(), SignatureQuality::Verified);
        assert!(!envelope.id.is_empty() && envelope.received_at.is_some() && envelope.occurred_at.is_some());
        assert_eq!(envelope.raw.as_ref().unwrap().sha256.len(), 32);
        assert!(envelope.raw.as_ref().unwrap().bytes.is_none(), "only the digest is kept");
    }
    assert_eq!(messenger.account.as_ref().unwrap().external_id.as_deref(), Some("770001"));
    assert_eq!(zalo.account.as_ref().unwrap().external_id.as_deref(), Some("7770001112223334445"));

    // The same events, from the log.
    let mut again = Stream::open(gateway, earliest()).await;
    let mut ids: Vec<_> = again.deliveries(2).await.iter().map(|delivery| envelope(delivery).id.clone()).collect();
    ids.sort();
    let mut wanted = [messenger.id.clone(), zalo.id.clone()];
    wanted.sort();
    assert_eq!(ids, wanted);
}

const WITHOUT_DEDUPE: &str = "dedupe: {enabled: false}\n";

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_come_out_as_typed_envelopes_on_the_embedded_engine() {
    let folder = tempfile::tempdir().unwrap();
    webhooks_come_out_as_typed_envelopes(&Setup::embedded(folder.path()).start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_come_out_as_typed_envelopes_on_rabbitmq() {
    let folder = tempfile::tempdir().unwrap();
    let url = rabbitmq::shared().await.url();
    webhooks_come_out_as_typed_envelopes(&Setup::rabbitmq(folder.path(), &url, "main-job").start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_of_every_channel_comes_out_and_nothing_is_unsupported_that_should_not_be() {
    let folder = tempfile::tempdir().unwrap();
    // Samples of a channel speak of the same few messages.
    let gateway = Setup::embedded(folder.path()).with(WITHOUT_DEDUPE).start().await;
    let mut samples = 0;
    for (channel, slug) in [(messenger(), "messenger"), (zalo(), "zalo")] {
        let registration = connector_catalog::find(slug).unwrap();
        samples += registration.samples.len();
        for sample in registration.samples {
            let body = sample.body.replace("2000000000000000002", "1000000000000000001");
            assert_eq!(channel.post(&gateway, &body).await, 200, "{slug} {}", sample.name);
        }
    }
    let events = stream::list(&gateway, ListEventsRequest::default()).await;
    assert!(events.len() >= samples, "{} events of {samples} samples", events.len());
    for delivery in &events {
        let envelope = envelope(delivery);
        assert!(envelope.payload.is_some() && envelope.raw.is_some(), "{}", envelope.dedupe_key);
        if let Some(Payload::Unsupported(unsupported)) = &envelope.payload {
            let raw = envelope.raw.as_ref().unwrap().bytes.as_ref().expect("an unsupported event keeps its bytes");
            assert!(!raw.is_empty(), "{unsupported:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_gives_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).with(WITHOUT_DEDUPE).start().await;
    let body = messenger_text(660_001, "m_same", "twice");
    for _ in 0..2 {
        assert_eq!(messenger().post(&gateway, &body).await, 200);
    }
    let events = stream::list(&gateway, ListEventsRequest::default()).await;
    // Both are stored, as they would be outside the window: a consumer knows the repeat by its id.
    assert_eq!(events.len(), 2);
    assert_eq!(envelope(&events[0]).id, envelope(&events[1]).id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_keeps_raw_bytes_keeps_them_as_sent() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let (channel, body) = (messenger(), messenger_text(660_001, "m_raw", "kept"));
    channel.post_to(&gateway.url("messenger", "keeping"), &body).await.unwrap();
    let events = stream::list(&gateway, ListEventsRequest::default()).await;
    let raw = envelope(&events[0]).raw.clone().unwrap();
    let item = raw.bytes.expect("the bytes are kept");
    assert!(body.contains(std::str::from_utf8(&item).unwrap()), "they are the item's, as sent");
}
