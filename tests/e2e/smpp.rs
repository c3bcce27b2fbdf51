//! SMS over SMPP, on a message centre nobody here wrote, with TLS.

use kenh_proto::v1::{
    Destination, Envelope, Identity, ListEventsRequest, ReceiptStatus, SendReason, SendState, SignatureQuality,
    destination::To, envelope::Payload,
};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks::MARK,
    outbound::{look, say, send, until_state},
    postgres::Cluster,
    rabbitmq,
    smsc::{PASSWORD, Smsc},
    stream::{self, envelope},
    until,
};
use serde_json::json;

use super::answering::DISPATCH;

/// An endpoint of a message centre, with further settings below `smpp`.
fn on(setup: Setup, smsc: &Smsc, more: &str) -> Setup {
    let (port, certificate) = (smsc.port(), smsc.certificate());
    let channel = format!(
        "  sms:\n    smsc:\n      provider: smpp\n      user: gw\n      accounts: {{ \"8099\": {{}} }}\n      smpp:\n        \
         host: 127.0.0.1\n        port: {port}\n        ca_file: {}\n        password: {PASSWORD}\n        {}\n",
        certificate.display(),
        more.replace('\n', "\n        ")
    );
    let dispatch = format!("{DISPATCH}  breaker: {{ pause: 300ms }}\n");
    setup.with("poller:\n  longest_pause: 300ms\n").with(&dispatch).channels(&channel)
}

fn setup(folder: &tempfile::TempDir, smsc: &Smsc, more: &str) -> Setup {
    on(Setup::embedded(folder.path()), smsc, more)
}

fn person() -> Destination {
    let identity = Identity { scheme: "phone".into(), value: "0900000001".into(), ..Identity::default() };
    let to = Some(To::Contact(identity));
    Destination { channel: "sms".into(), account: "8099".into(), to, ..Destination::default() }
}

/// Messages of people that the log holds.
async fn messages(gateway: &Gateway) -> Vec<(Envelope, String)> {
    let all = stream::list(gateway, ListEventsRequest::default()).await;
    let message = |event: &Envelope| match &event.payload {
        Some(Payload::Message(message)) => message.text.as_ref().map(|text| text.body.clone()),
        _ => None,
    };
    let events = all.iter().map(|delivery| envelope(delivery).clone()).filter(|event| event.channel == "sms");
    events.filter_map(|event| message(&event).map(|text| (event, text))).collect()
}

async fn until_texts(gateway: &Gateway, wanted: &[&str]) {
    until("the messages are events", || async { messages(gateway).await.len() >= wanted.len() }).await;
    let texts: Vec<_> = messages(gateway).await.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, wanted);
}

/// A part of a message, in UCS-2 with a header.
fn part(reference: u8, total: u8, number: u8, octets: &[u8]) -> Vec<u8> {
    [&[5, 0, 3, reference, total, number], octets].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn long_messages_go_both_ways_over_one_bind_and_a_receipt_finds_its_message() {
    let (folder, smsc) = (tempfile::tempdir().unwrap(), Smsc::start().await);
    let gateway = setup(&folder, &smsc, "receipt_ids: decimal").start().await;
    smsc.until_said("bound", 1).await;
    let text = format!("{MARK} Đơn hàng của bạn đã được giao thành công 😀, cảm ơn bạn đã mua hàng tại cửa hàng.");
    // Cut through the surrogate pair, and the parts come in another order.
    let octets = utf16(&text);
    let pair = octets.chunks(2).position(|unit| unit[0] == 0xd8).unwrap() * 2 + 2;
    smsc.deliver(2, 0x40, 8, &part(7, 2, 2, &octets[pair..])).await;
    smsc.deliver(1, 0x40, 8, &part(7, 2, 1, &octets[..pair])).await;
    until_texts(&gateway, &[&text]).await;
    assert_eq!((smsc.answered(1).await, smsc.answered(2).await), (0, 0));
    let (event, _) = messages(&gateway).await.remove(0);
    let quality = event.quality.unwrap();
    assert_eq!((quality.signature(), quality.degraded.len()), (SignatureQuality::Fetched, 0));
    assert_eq!(event.account.unwrap().external_id.as_deref(), Some("8099"));

    // Each receipt comes before the answer, and has the id in another form.
    smsc.tell(json!({"receipts": "hex"})).await;
    let sent = send(&gateway, say(person(), "k1", &text)).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    let submitted = smsc.until_said("submitted", 2).await;
    let words: String = submitted.iter().filter_map(|one| one["text"].as_str()).collect();
    assert_eq!((words.as_str(), submitted.len()), (text.as_str(), 2));
    let headers: Vec<_> = submitted.iter().map(|one| one["udh"][0].as_str().unwrap()).collect();
    let reference = headers[0].strip_suffix("0201");
    assert!(reference.is_some() && reference == headers[1].strip_suffix("0202"), "{headers:?}");
    assert_eq!((submitted[0]["registered"].as_u64(), submitted[0]["coding"].as_u64()), (Some(1), Some(8)));
    assert_eq!(sent.messages.len(), 2);
    assert_eq!(sent.messages[0].provider_message_ids, ["2587"]);
    until("it was delivered", || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Delivered }).await;
    assert_eq!(smsc.said("bound").await, ["transceiver"], "one bind for all of it");
    assert!(!gateway.log().contains(PASSWORD), "the password is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_off_goes_through_later_and_what_is_not_answered_is_unknown() {
    let (folder, smsc) = (tempfile::tempdir().unwrap(), Smsc::start().await);
    let gateway = setup(&folder, &smsc, "bind: separate\nversion: 5.0\nreceipt_ids: decimal").start().await;
    smsc.tell(json!({"throttle": 2, "receipts": "hex"})).await;
    let sent = send(&gateway, say(person(), "k1", "Don hang da giao")).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!((sent.attempts, smsc.said("submitted").await.len()), (3, 3));
    let mut binds = smsc.said("bound").await;
    binds.sort_by_key(ToString::to_string);
    assert_eq!(binds, ["receiver", "transmitter"]);
    assert_eq!(smsc.said("version").await, [0x50, 0x50]);
    let delivered = || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Delivered };
    until("the receipt on the other bind finds it", delivered).await;
    smsc.tell(json!({"silent": true})).await;
    let sent = send(&gateway, say(person(), "k2", "Don hang da giao")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    assert_eq!(smsc.said("submitted").await.len(), 4, "it is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_bind_is_told_once_with_what_to_do_and_ends_by_itself() {
    let (folder, smsc) = (tempfile::tempdir().unwrap(), Smsc::start().await);
    smsc.tell(json!({"refuse": 0x0e})).await;
    let gateway = setup(&folder, &smsc, "").start().await;
    smsc.until_said("refused", 3).await;
    let broken = || async { gateway.metric("kenh_account_state", "channel=\"sms\",state=\"auth_broken\"").await };
    until("the account is broken before anything is sent", || async { broken().await >= 1.0 }).await;
    let sent = send(&gateway, say(person(), "k1", "Don hang da giao")).await.unwrap();
    until("it waits for the account", || async {
        let message = look(&gateway, &sent.id).await;
        message.failure.is_some_and(|why| {
            why.reason() == SendReason::AuthBroken && why.provider_code.as_deref() == Some("ESME_RINVPASWD")
        })
    })
    .await;
    let log = gateway.log();
    let told = log.lines().filter(|line| line.contains("check the password") && line.contains("\"WARN\""));
    assert_eq!(told.count(), 1, "{log}");
    assert!(gateway.metric("kenh_bind_failures_total", "reason=\"refused\"").await >= 3.0);
    smsc.tell(json!({"refuse": 0})).await;
    smsc.until_said("bound", 1).await;
    until("the account is whole again", || async { broken().await < 1.0 }).await;
    until_state(&gateway, &sent.id, SendState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_message_outlives_a_killed_gateway_and_is_told_once() {
    let (folder, smsc) = (tempfile::tempdir().unwrap(), Smsc::start().await);
    let setup = setup(&folder, &smsc, "");
    let mut gateway = setup.clone().start().await;
    smsc.until_said("bound", 1).await;
    smsc.deliver(1, 0x40, 8, &part(7, 3, 1, &utf16("Một, "))).await;
    smsc.deliver(2, 0x40, 8, &part(7, 3, 3, &utf16("ba."))).await;
    assert_eq!((smsc.answered(1).await, smsc.answered(2).await), (0, 0), "what is answered is kept");
    gateway.kill().await;
    drop(gateway);
    let gateway = setup.start().await;
    smsc.until_said("bound", 2).await;
    smsc.deliver(3, 0, 0, b"OK").await;
    assert_eq!(smsc.answered(3).await, 0);
    // One that was answered comes again under another number, as answers are lost on the way; and so does the last one.
    for (id, number, text) in [(4, 1, "Một, "), (5, 2, "hai, "), (6, 2, "hai, ")] {
        smsc.deliver(id, 0x40, 8, &part(7, 3, number, &utf16(text))).await;
        assert_eq!(smsc.answered(id).await, 0);
    }
    until_texts(&gateway, &["OK", "Một, hai, ba."]).await;
    smsc.deliver(7, 0, 0, b"OK").await;
    assert_eq!(smsc.answered(7).await, 0);
    until_texts(&gateway, &["OK", "Một, hai, ba."]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_receives_and_the_other_goes_on_with_half_a_message() {
    let (folder, smsc, database) = (tempfile::tempdir().unwrap(), Smsc::start().await, Cluster::start().await);
    let broker = rabbitmq::shared().await.url();
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", database.url());
    let replica = |name: &str| {
        let setup = Setup::rabbitmq(&folder.path().join(name), &broker, "smsc").with(&store);
        on(setup, &smsc, "receipt_ids: decimal")
    };
    let api = replica("api").roles("api,dispatch").start().await;
    let mut one = replica("one").roles("poller").start().await;
    smsc.until_said("bound", 1).await;
    let other = replica("other").roles("poller").start().await;
    smsc.deliver(1, 0x40, 8, &part(7, 2, 1, &utf16("Một, "))).await;
    assert_eq!(smsc.answered(1).await, 0);
    // What a third process sends goes over a bind of its own, and its receipt comes to the one that receives.
    smsc.tell(json!({"receipts": "hex"})).await;
    let sent = send(&api, say(person(), "k1", "Don hang da giao")).await.unwrap();
    until_state(&api, &sent.id, SendState::Accepted).await;
    until("it was delivered", || async { look(&api, &sent.id).await.status() == ReceiptStatus::Delivered }).await;
    assert_eq!(smsc.said("bound").await, ["transceiver", "transmitter"], "only one receives");
    one.kill().await;
    until("the other one receives", || async { smsc.said("bound").await.len() == 3 }).await;
    smsc.deliver(2, 0x40, 8, &part(7, 2, 2, &utf16("hai."))).await;
    assert_eq!(smsc.answered(2).await, 0);
    until_texts(&api, &["Một, hai."]).await;
    drop(other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_told_when_its_time_is_over() {
    let (folder, smsc) = (tempfile::tempdir().unwrap(), Smsc::start().await);
    let gateway = setup(&folder, &smsc, "assembly_timeout: 300ms").start().await;
    smsc.until_said("bound", 1).await;
    smsc.deliver(1, 0x40, 8, &part(7, 3, 1, &utf16("Một"))).await;
    until_texts(&gateway, &["Một […]"]).await;
    let (event, _) = messages(&gateway).await.remove(0);
    assert_eq!(event.quality.unwrap().degraded, ["incomplete"]);
    assert!(gateway.metric("kenh_messages_incomplete_total", "").await >= 1.0);
    // What is no message of a person is kept, and answered.
    smsc.deliver(2, 0, 4, &[1, 2, 3]).await;
    assert_eq!(smsc.answered(2).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_centre_that_goes_or_falls_silent_is_bound_again() {
    let (folder, smsc) = (tempfile::tempdir().unwrap(), Smsc::start().await);
    let gateway = setup(&folder, &smsc, "enquire_every: 200ms\nresponse_timeout: 1s").start().await;
    smsc.until_said("bound", 1).await;
    smsc.tell(json!({"mute": true})).await;
    smsc.until_said("bound", 2).await;
    assert!(gateway.metric("kenh_bind_failures_total", "reason=\"silent\"").await >= 1.0);
    let smsc = smsc.restarted().await;
    smsc.until_said("bound", 1).await;
    let text = format!("{MARK} con hang khong");
    smsc.deliver(1, 0, 0, text.as_bytes()).await;
    until_texts(&gateway, &[&text]).await;
    gateway.terminate().await;
    smsc.until_said("unbound", 1).await;
}
