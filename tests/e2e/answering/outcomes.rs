//! What channels say, and what becomes of it.

use std::time::Duration;

use kenh_proto::v1::{
    CancelMessageRequest, ListMessagesRequest, RetryMessageRequest, SendReason, SendState, envelope::Payload,
};
use kenh_tests::{
    outbound::{client, person, say, send, until_state},
    provider::Manner,
    stream::{self, envelope},
    until,
};
use prost_types::Timestamp;
use serde_json::json;
use tonic::Code;

use super::{reason, start};

fn graph_error(code: i64) -> serde_json::Value {
    json!({"error": {"message": "made up", "type": "OAuthException", "code": code, "fbtrace_id": "x"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_tried_again() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::Says(503, json!({})), Manner::SaysLater(429, 1, json!({}))]);
    let sent = send(&gateway, say(person("660001"), "k1", "hello")).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.attempts, 3);
    assert_eq!(provider.texts(), ["hello", "hello", "hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_good_is_not_tried_again_until_somebody_asks() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::Says(400, graph_error(100))]);
    let sent = send(&gateway, say(person("660001"), "k1", "hello")).await.unwrap();
    let failed = until_state(&gateway, &sent.id, SendState::Failed).await;
    assert_eq!(failed.failure.as_ref().unwrap().provider_code.as_deref(), Some("100"));
    let mut client = client(&gateway).await;
    let list = ListMessagesRequest { states: vec![SendState::Failed.into()], ..ListMessagesRequest::default() };
    let listed = client.list_messages(list).await.unwrap().into_inner();
    assert_eq!(listed.messages.len(), 1);
    let retry = RetryMessageRequest { id: sent.id.clone(), ..RetryMessageRequest::default() };
    client.retry_message(retry.clone()).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(provider.texts(), ["hello", "hello"]);
    let again = client.retry_message(retry).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "MESSAGE_STATE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_is_unknown_and_not_sent_again() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = stream::Stream::open(&gateway, stream::latest()).await;
    provider.next([Manner::TakenInSilence]);
    let first = send(&gateway, say(person("660001"), "k1", "did it arrive?")).await.unwrap();
    let second = send(&gateway, say(person("660001"), "k2", "the next one")).await.unwrap();
    let unknown = until_state(&gateway, &first.id, SendState::Unknown).await;
    assert_eq!(unknown.failure.unwrap().reason(), SendReason::OutcomeUnknown);
    until_state(&gateway, &second.id, SendState::Accepted).await;
    assert_eq!(provider.texts(), ["did it arrive?", "the next one"]);
    let told = envelope(&stream.delivery().await).clone();
    let Some(Payload::MessageStatus(status)) = told.payload else { panic!("{told:?}") };
    assert_eq!((status.message_id, status.state), (first.id, SendState::Unknown.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_conversation_keep_their_order_and_others_do_not_wait() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::SaysLater(503, 2, json!({}))]);
    let mut last = String::new();
    for number in 0..5 {
        last = send(&gateway, say(person("660001"), &format!("k{number}"), &format!("message {number}")))
            .await
            .unwrap()
            .id;
    }
    until("the first was refused for a while", || async { !provider.texts().is_empty() }).await;
    let other = send(&gateway, say(person("660002"), "other", "somebody else")).await.unwrap();
    until_state(&gateway, &other.id, SendState::Accepted).await;
    until_state(&gateway, &last, SendState::Accepted).await;
    let texts: Vec<_> = provider.texts().into_iter().filter(|text| text != "somebody else").collect();
    assert_eq!(texts, ["message 0", "message 0", "message 1", "message 2", "message 3", "message 4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_scheduled_waits_can_be_cancelled_and_runs_out() {
    let (gateway, provider, _folder) = start().await;
    let at = |seconds: i64| {
        let now = i64::try_from(kenh_tests::webhook::millis() / 1000).unwrap();
        Some(Timestamp { seconds: now + seconds, nanos: 0 })
    };
    let mut later = say(person("660001"), "later", "in an hour");
    later.options.as_mut().unwrap().send_at = at(3600);
    let later = send(&gateway, later).await.unwrap();
    assert_eq!(later.state(), SendState::Scheduled);
    // It holds nobody up.
    let now = send(&gateway, say(person("660001"), "now", "at once")).await.unwrap();
    until_state(&gateway, &now.id, SendState::Accepted).await;
    let cancelled = client(&gateway).await.cancel_message(CancelMessageRequest { id: later.id }).await.unwrap();
    assert_eq!(cancelled.into_inner().message.unwrap().state(), SendState::Cancelled);

    let mut soon = say(person("660001"), "soon", "in a moment");
    soon.options.as_mut().unwrap().send_at = at(2);
    let soon = send(&gateway, soon).await.unwrap();
    until_state(&gateway, &soon.id, SendState::Accepted).await;

    provider.next((0..20).map(|_| Manner::SaysLater(503, 1, json!({}))));
    let mut short = say(person("660003"), "short", "too late");
    short.options.as_mut().unwrap().expires_at = at(2);
    let short = send(&gateway, short).await.unwrap();
    let expired = until_state(&gateway, &short.id, SendState::Expired).await;
    assert_eq!(expired.failure.unwrap().reason(), SendReason::Expired);
    assert!(!provider.texts().iter().any(|text| text == "in an hour"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_keeps_failing_is_left_alone_for_a_while() {
    let (gateway, provider, _folder) = start().await;
    provider.next((0..500).map(|_| Manner::Says(503, json!({}))));
    for number in 0..5 {
        send(&gateway, say(person(&format!("66000{number}")), &format!("k{number}"), "x")).await.unwrap();
    }
    until("it has failed often enough", || async { provider.texts().len() >= 5 }).await;
    // Those that were under way by then.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let called = provider.texts().len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(provider.texts().len(), called, "nothing is called while the account rests");
}
