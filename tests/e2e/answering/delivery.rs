//! Receipts and echoes of what was sent.

use kenh_proto::v1::{Envelope, ReceiptStatus, SendState, envelope::Payload};
use kenh_tests::{
    gateway::{Gateway, PAGE},
    outbound::{look, person, say, send, until_state},
    provider::Manner,
    stream::{self, envelope},
    until,
    webhook::{messenger, messenger_batch, millis},
};
use serde_json::{Value, json};

use super::start;

fn item(person: &str, from_page: bool, more: Value) -> Value {
    let (sender, recipient) = if from_page { (PAGE, person) } else { (person, PAGE) };
    let mut item = json!({"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": millis()});
    let Value::Object(more) = more else { panic!("an object") };
    item.as_object_mut().unwrap().extend(more);
    item
}

async fn post(gateway: &Gateway, item: Value) {
    assert_eq!(messenger().post(gateway, &messenger_batch(&[item])).await, 200);
}

/// Status events of the stream, in order.
async fn statuses(stream: &mut stream::Stream, count: usize) -> Vec<(SendState, ReceiptStatus)> {
    let mut statuses = Vec::new();
    while statuses.len() < count {
        if let Envelope { payload: Some(Payload::MessageStatus(status)), .. } =
            envelope(&stream.delivery().await).clone()
        {
            statuses.push((status.state(), status.status()));
        }
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_tied_to_the_message_and_never_go_back() {
    let (gateway, _provider, _folder) = start().await;
    let mut stream = stream::Stream::open(&gateway, stream::latest()).await;
    let sent = send(&gateway, say(person("660001"), "k1", "hello")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    post(&gateway, item("660001", false, json!({"read": {"watermark": millis() + 1000}}))).await;
    until("it was read", || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Read }).await;
    post(&gateway, item("660001", false, json!({"delivery": {"mids": ["m_out_0001"], "watermark": millis() + 1000}})))
        .await;
    let accepted = (SendState::Accepted, ReceiptStatus::Sent);
    let read = (SendState::Accepted, ReceiptStatus::Read);
    // Each once more, in calls of their own: the channel was not sure that we heard it.
    for (number, kind) in ["delivery", "read", "delivery"].into_iter().enumerate() {
        let watermark = millis() + 2000 + u64::try_from(number).unwrap();
        post(&gateway, item("660001", false, json!({kind: {"mids": ["m_out_0001"], "watermark": watermark}}))).await;
    }
    assert_eq!(statuses(&mut stream, 2).await, [accepted, read]);
    let other = send(&gateway, say(person("660001"), "k2", "again")).await.unwrap();
    until_state(&gateway, &other.id, SendState::Accepted).await;
    assert_eq!(statuses(&mut stream, 1).await, [accepted], "the late receipt of delivery told nothing new");
    assert_eq!(look(&gateway, &sent.id).await.status(), ReceiptStatus::Read);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_is_faster_than_the_answer_is_kept() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::Slowly(std::time::Duration::from_millis(700))]);
    let sent = send(&gateway, say(person("660001"), "k1", "hello")).await.unwrap();
    until("the channel has it", || async { !provider.received().is_empty() }).await;
    post(&gateway, item("660001", false, json!({"delivery": {"mids": ["m_out_0001"]}}))).await;
    until("the receipt counts", || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Delivered }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_settles_what_was_unknown() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::TakenInSilence]);
    let sent = send(&gateway, say(person("660001"), "k1", "hello")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    let metadata = provider.received()[0].json()["message"]["metadata"].clone();
    let echo = json!({"message": {"mid": "m_echo", "is_echo": true, "text": "hello", "metadata": metadata}});
    post(&gateway, item("660001", true, echo)).await;
    let settled = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(settled.messages[0].provider_message_ids, ["m_echo"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channels_own_receipt_says_whose_it_is() {
    let (gateway, _provider, _folder) = start().await;
    let sent = send(&gateway, say(person("660001"), "k1", "hello")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let mut stream = stream::Stream::open(&gateway, stream::latest()).await;
    post(&gateway, item("660001", false, json!({"delivery": {"mids": ["m_out_0001"]}}))).await;
    let receipt = envelope(&stream.delivery().await).clone();
    assert!(matches!(receipt.payload, Some(Payload::Receipt(_))), "{receipt:?}");
    assert_eq!(receipt.target.unwrap().message_id, Some(sent.id));
}
