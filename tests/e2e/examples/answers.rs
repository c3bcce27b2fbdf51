//! Customers write, and are answered once.

use kenh_proto::v1::{StartAt, seek_subscription_request::To};
use kenh_tests::{
    gateway::{Gateway, PAGE},
    named::{parked, seek, stats},
    provider::Provider,
    until,
    webhook::{messenger, messenger_batch, messenger_now, messenger_text, millis},
};
use serde_json::{Value, json};

use super::{Example, FIRST, for_each_example, setup};

for_each_example!(a_customer_is_answered_once, what_cannot_be_answered_is_not);

/// Something between a person and the Page, right now.
async fn post(gateway: &Gateway, sender: &str, recipient: &str, what: (&str, Value)) {
    let mut item = json!({"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": millis()});
    item[what.0] = what.1;
    assert_eq!(messenger().post(gateway, &messenger_batch(&[item])).await, 200);
}

async fn all_is_acknowledged(gateway: &Gateway) {
    until("everything is acknowledged", || async {
        let stats = stats(gateway, "help-desk").await;
        stats.backlog == 0 && stats.unacknowledged == 0
    })
    .await;
}

async fn a_customer_is_answered_once(example: Example) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = setup(folder.path(), &provider).start().await;
    let mut desk = example.start(&gateway.api_url(), None, &[]);
    desk.says("subscribed to help-desk as help-desk@").await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Còn hàng không ạ")).await, 200);
    desk.says("ticket 1: answered\n").await;
    desk.says("ticket 1: ACCEPTED SENT\n").await;
    post(&gateway, "660001", PAGE, ("read", json!({"watermark": millis() + 1000}))).await;
    desk.says("ticket 1: ACCEPTED READ\n").await;
    assert_eq!(provider.texts(), [FIRST]);

    // Everything comes again: an operator has it gone through once more.
    seek(&gateway, "help-desk", To::At(StartAt::Earliest.into())).await;
    desk.says("ticket 1: seen before\n").await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_002, "m_2", "Xin chào")).await, 200);
    desk.says("ticket 2: ACCEPTED SENT\n").await;
    assert_eq!(provider.texts().len(), 2, "nobody is answered twice: {:?}", provider.texts());
    assert_eq!(provider.received()[1].json()["recipient"]["id"], "660002");

    assert!(desk.terminate().await.success(), "{}", desk.said());
    all_is_acknowledged(&gateway).await;
    assert!(!desk.said().contains("left without knowing"), "{}", desk.said());
    assert!(!desk.said().contains("chào"), "nobody's words are in the log: {}", desk.said());
}

async fn what_cannot_be_answered_is_not(example: Example) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = setup(folder.path(), &provider).start().await;
    let desk = example.start(&gateway.api_url(), None, &[]);
    desk.says("subscribed").await;
    // Written months ago: the channel's window is closed.
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "xưa rồi")).await, 200);
    desk.says("ticket 1: not answered: the time for answering is over\n").await;
    // What the business wrote with another tool.
    post(&gateway, PAGE, "660002", ("message", json!({"mid": "m_2", "text": "Dạ còn ạ", "is_echo": true}))).await;
    // Nothing but a picture.
    let picture = json!({"type": "image", "payload": {"url": "https://cdn.example.com/1.jpg"}});
    post(&gateway, "660003", PAGE, ("message", json!({"mid": "m_3", "attachments": [picture]}))).await;
    desk.says("not handled: this desk reads text only\n").await;
    until("it is parked", || async { !parked(&gateway).await.is_empty() }).await;
    let parked = parked(&gateway).await;
    assert_eq!((parked.len(), parked[0].reason.as_str()), (1, "this desk reads text only"));
    // The channel takes the last one and refuses it.
    let refusal = json!({"error": {"message": "No matching user found", "type": "OAuthException", "code": 100,
                                   "error_subcode": 2_018_001}});
    provider.next([kenh_tests::provider::Manner::Says(400, refusal)]);
    assert_eq!(messenger().post(&gateway, &messenger_now(660_004, "m_4", "Alô")).await, 200);
    desk.says("ticket 2: FAILED RECIPIENT_UNKNOWN\n").await;
    all_is_acknowledged(&gateway).await;
    assert_eq!(provider.texts(), [FIRST.replace('1', "2")], "one answer was tried");
}
