//! Calls of the channel.

use kenh_proto::v1::{
    ConnectorEvent, DeliveredEvents, DeliveryRefusal, DeliveryRefused, Envelope, ListEventsRequest, SignatureQuality,
    delivered_events, delivery_answer::Answer, envelope::Payload,
};
use kenh_tests::{
    gateway::kenh,
    process::{Process, said},
    stream::{self, Stream, envelope},
    until,
};

use reqwest::StatusCode;

use super::{post, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_read_by_the_process_and_stored_before_it_is_answered() {
    let (gateway, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::earliest()).await;
    // Nobody is there: the channel is told to come back, and nothing of it is kept.
    let absent = post(&gateway, "main", "nobody reads this").await.unwrap();
    assert_eq!(
        (absent.status(), absent.headers()["retry-after"].to_str().unwrap()),
        (StatusCode::SERVICE_UNAVAILABLE, "1")
    );
    assert_eq!(post(&gateway, "other", "x").await.unwrap().status(), 404);

    let mut process = Process::attach(&gateway).await;
    let main = process.registered.endpoints.iter().find(|endpoint| endpoint.name == "main").unwrap();
    assert_eq!(main.settings["secret"], "parlor-secret-0001");
    let answer = post(&gateway, "main", "Xin chào, còn phòng không?");
    let call = process.call().await;
    assert_eq!((call.endpoint.as_str(), call.method.as_str(), call.prove), ("main", "POST", true));
    assert_eq!(call.body, "Xin chào, còn phòng không?".as_bytes());
    assert!(call.headers.iter().any(|header| header.name == "x-event" && header.value == b"said"));
    assert!(!answer.is_finished(), "answered before anybody has read it");
    // What is the gateway's is its own, whatever the process says; an event that breaks the contract costs no other.
    let mut forged = said("guest-1", "m-1", "Xin chào, còn phòng không?");
    let draft = forged.envelope.as_mut().unwrap();
    (draft.channel, draft.id, draft.tenant) = ("zalo".into(), "forged".into(), "another".into());
    let shapeless = ConnectorEvent { envelope: Some(Envelope::default()), raw: b"item 2".to_vec() };
    let events = vec![forged, shapeless, said("guest-1", "m-3", "Hai người")];
    let ack = Some(delivered_events::Ack::Text("thanks".into()));
    process.answer(call.id, Answer::Events(DeliveredEvents { events, ack })).await;
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.unwrap(), "thanks");

    // Events of one conversation come in their order; what belongs to none has its own place.
    let mut all: Vec<_> = stream.deliveries(3).await.iter().map(|delivery| envelope(delivery).clone()).collect();
    let second = all.remove(all.iter().position(|event| event.conversation.is_none()).expect("the shapeless one"));
    let [first, third] = &all[..] else { panic!("{all:?}") };
    assert_eq!((first.dedupe_key.as_str(), third.dedupe_key.as_str()), ("m-1", "m-3"));
    assert_eq!((first.channel.as_str(), first.tenant.as_str()), ("x-parlor", "default"));
    assert_ne!(first.id, "forged");
    assert_eq!(first.account.as_ref().unwrap().external_id.as_deref(), Some("parlor-1"));
    assert_eq!(first.quality.as_ref().unwrap().signature(), SignatureQuality::Process);
    let Some(Payload::Unsupported(unsupported)) = &second.payload else { panic!("{second:?}") };
    assert_eq!(unsupported.reason, "connector_shape");
    assert!(unsupported.detail.as_ref().unwrap().contains("dedupe_key"), "{unsupported:?}");
    assert_eq!(second.raw.as_ref().unwrap().bytes.as_deref(), Some(&b"item 2"[..]));
    assert_eq!(third.conversation, first.conversation);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_process_refuses_is_401_and_what_it_does_not_answer_comes_again() {
    let (gateway, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::earliest()).await;
    let mut process = Process::attach(&gateway).await;
    let forged = post(&gateway, "main", "forged");
    let call = process.call().await;
    let refused = DeliveryRefused { reason: DeliveryRefusal::SignatureMismatch.into() };
    process.answer(call.id, Answer::Refused(refused)).await;
    assert_eq!(forged.await.unwrap().status(), 401);
    let (_, metrics) = gateway.admin_page("metrics").await.unwrap();
    let line = "kenh_deliveries_rejected_total{channel=\"x-parlor\",reason=\"signature_mismatch\"} 1";
    assert!(metrics.contains(line), "{metrics}");

    // It dies with a call in its hands: the other one is asked.
    let answer = post(&gateway, "main", "two are there");
    let held = process.call().await;
    let mut other = Process::attach(&gateway).await;
    drop(process);
    let call = other.call().await;
    assert_eq!(call.body, held.body);
    other.answer_events(call.id, vec![said("guest-1", "m-1", "two are there")]).await;
    assert_eq!(answer.await.unwrap().status(), 200);

    // The last one dies: the channel comes back later, when there is one again, and the event is there once.
    let answer = post(&gateway, "main", "one is there");
    other.call().await;
    drop(other);
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 503);
    // One that is silent is as good as none, and its answer is worth nothing afterwards.
    let mut slow = Process::attach(&gateway).await;
    let answer = post(&gateway, "main", "one is there");
    let late = slow.call().await;
    assert_eq!(answer.await.unwrap().status(), 503);
    slow.answer_events(late.id, vec![said("guest-1", "m-late", "too late to count")]).await;
    for again in 0..2 {
        let answer = post(&gateway, "main", "one is there");
        let call = slow.call().await;
        slow.answer_events(call.id, vec![said("guest-1", "m-2", "one is there")]).await;
        assert_eq!(answer.await.unwrap().status(), 200, "{again}");
    }
    let keys = [stream.delivery().await, stream.delivery().await];
    assert_eq!(keys.map(|delivery| envelope(&delivery).dedupe_key.clone()), ["m-1", "m-2"]);
    let all = stream::list(&gateway, ListEventsRequest::default()).await;
    assert_eq!(all.len(), 2, "{all:?}");
    let (_, metrics) = gateway.admin_page("metrics").await.unwrap();
    for outcome in ["answered", "late", "gone"] {
        let line =
            format!("kenh_connector_requests_total{{channel=\"x-parlor\",kind=\"deliveries\",outcome=\"{outcome}\"}}");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_the_gateway_has_proven_is_kept_where_nobody_reads_it_and_read_later() {
    let (gateway, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::earliest()).await;
    assert_eq!(post(&gateway, "kept", "kept for later").await.unwrap().status(), 200);
    let kept = envelope(&stream.delivery().await).clone();
    let Some(Payload::Unsupported(unsupported)) = &kept.payload else { panic!("{kept:?}") };
    assert_eq!(
        (unsupported.reason.as_str(), unsupported.detail.as_deref()),
        ("connector_unread", Some("connector_absent"))
    );
    assert_eq!(kept.quality.as_ref().unwrap().signature(), SignatureQuality::Token);
    let redrive = || async { kenh(&["parked", "redrive", "--unreadable", "--api", &gateway.api_url()], b"").await };
    until("it is parked", || async {
        let listed = kenh(&["parked", "list", "--unreadable", "--api", &gateway.api_url()], b"").await;
        String::from_utf8_lossy(&listed.stdout).contains(&kept.id)
    })
    .await;
    assert_eq!(redrive().await.status.code(), Some(1), "nobody can read it yet");
    let mut process = Process::attach(&gateway).await;
    let reading = async {
        let call = process.call().await;
        assert!(!call.prove && call.body == b"kept for later");
        // The gateway has proven it with the secret that it keeps to itself.
        assert!(call.headers.iter().all(|header| header.name != "x-parlor-token"), "{:?}", call.headers);
        process.answer_events(call.id, vec![said("guest-7", "m-7", "kept for later")]).await;
    };
    let (redriven, ()) = tokio::join!(redrive(), reading);
    assert!(redriven.status.success(), "{redriven:?}");
    assert_eq!(envelope(&stream.delivery().await).dedupe_key, "m-7");
    // And one that comes while a process is there is read at once.
    let answer = post(&gateway, "kept", "read at once");
    let call = process.call().await;
    assert!(!call.prove && call.headers.iter().all(|header| header.name != "x-parlor-token"), "{:?}", call.headers);
    process.answer_events(call.id, vec![said("guest-7", "m-8", "read at once")]).await;
    assert_eq!(answer.await.unwrap().status(), 200);
}
