//! What nobody can deal with.

use kenh_proto::v1::{
    DiscardParkedRequest, GetParkedRequest, ListParkedRequest, NackAction, RedriveOutcome, RedriveParkedRequest,
    Subscription, list_parked_request::Of,
};
use kenh_tests::{
    gateway::Gateway,
    named::{Consumer, create, impatient, individual, parked, parked_events, stats},
    stream::text,
    until,
    webhook::messenger,
};
use tonic::Code;

use super::{A_WHILE, embedded, id, post};

async fn redrive(gateway: &Gateway, ids: &[&str]) -> Vec<(RedriveOutcome, u32)> {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    let results = parked_events(gateway).await.redrive_parked(RedriveParkedRequest { ids }).await.unwrap();
    results.into_inner().results.iter().map(|result| (result.outcome(), result.events)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_attempt_an_event_is_parked_and_its_conversation_goes_on() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, Subscription { max_attempts: 3, ..impatient("crm") }).await;
    post(&gateway, 0..1, "poison").await;
    post(&gateway, 0..1, "medicine").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let mut poison = consumer.delivery().await;
    for attempt in 1..=3 {
        assert_eq!((text(&poison), poison.attempt), ("0 poison", attempt));
        consumer.nack(&poison, NackAction::Retry, None, "cannot be stored").await;
        if attempt < 3 {
            poison = consumer.delivery().await;
        }
    }
    let medicine = consumer.delivery().await;
    assert_eq!(text(&medicine), "0 medicine");
    consumer.ack(&medicine).await;
    let [event] = parked(&gateway).await.try_into().unwrap();
    assert_eq!((event.subscription.as_str(), event.reason.as_str(), event.attempts), ("crm", "cannot be stored", 3));
    assert_eq!((event.event_id.clone(), stats(&gateway, "crm").await.parked), (id(&poison), 1));
    let shown = parked_events(&gateway).await.get_parked(GetParkedRequest { id: event.id.clone() }).await.unwrap();
    assert_eq!(shown.into_inner().envelope, poison.envelope, "whole");

    // Delivered again from the first attempt on, and gone once it is acknowledged.
    assert_eq!(redrive(&gateway, &[&event.id]).await, [(RedriveOutcome::Queued, 0)]);
    let again = consumer.delivery().await;
    assert_eq!((id(&again), again.attempt), (id(&poison), 1));
    consumer.ack(&again).await;
    assert!(parked(&gateway).await.is_empty());
    assert!(consumer.stream.is_quiet(A_WHILE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redriven_event_that_fails_again_is_parked_again_and_can_be_discarded() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..1, "poison").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let poison = consumer.delivery().await;
    consumer.nack(&poison, NackAction::Park, None, "").await;
    let event = parked(&gateway).await.remove(0);
    redrive(&gateway, &[&event.id]).await;
    let again = consumer.delivery().await;
    assert!(parked(&gateway).await[0].redriven, "it waits for its consumer");
    consumer.nack(&again, NackAction::Park, None, "no better").await;
    let [event] = parked(&gateway).await.try_into().unwrap();
    assert_eq!((event.redriven, event.reason.as_str()), (false, "no better"));
    let request = DiscardParkedRequest { ids: vec![event.id.clone()] };
    assert_eq!(parked_events(&gateway).await.discard_parked(request).await.unwrap().into_inner().discarded, 1);
    assert!(parked(&gateway).await.is_empty());
    assert_eq!(redrive(&gateway, &[&event.id]).await, [(RedriveOutcome::NotFound, 0)]);
    let status = parked_events(&gateway).await.get_parked(GetParkedRequest { id: event.id }).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_cannot_be_read_is_parked_listed_and_read_again() {
    let (gateway, _folder) = embedded().await;
    assert_eq!(messenger().post(&gateway, "{\"object\": \"page\", \"entry\": 7}").await, 200);
    let unknown = r#"{"object":"page","entry":[{"id":"770001","time":1767225600123,"messaging":[
        {"sender":{"id":"660001"},"recipient":{"id":"770001"},"timestamp":1767225600000,"telepathy":{"strength":3}}]}]}"#;
    // Understood, and of no type: nothing an operator could mend.
    let understood =
        unknown.replace(r#""telepathy":{"strength":3}"#, r#""message":{"mid":"m_u","is_unsupported":true}"#);
    assert_eq!(messenger().post(&gateway, &understood).await, 200);
    assert_eq!(messenger().post(&gateway, unknown).await, 200);
    until("both are parked", || async { parked(&gateway).await.len() == 2 }).await;
    let mut client = parked_events(&gateway).await;
    let of = |unreadable| ListParkedRequest { of: Some(Of::Unreadable(unreadable)), ..Default::default() };
    assert_eq!(client.list_parked(of(true)).await.unwrap().into_inner().events.len(), 2);
    assert!(client.list_parked(of(false)).await.unwrap().into_inner().events.is_empty());
    for event in parked(&gateway).await {
        assert_eq!((event.subscription.as_str(), event.channel.as_str()), ("", "messenger"));
        assert!(!event.reason.is_empty());
        let shown = client.get_parked(GetParkedRequest { id: event.id.clone() }).await.unwrap().into_inner();
        assert!(shown.envelope.unwrap().raw.unwrap().bytes.is_some(), "with its bytes");
        assert_eq!(redrive(&gateway, &[&event.id]).await, [(RedriveOutcome::StillUnreadable, 0)]);
    }
    assert_eq!(parked(&gateway).await.len(), 2, "they stay");
}
