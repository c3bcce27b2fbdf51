//! Zalo: files, templates by phone number, its errors with status 200.

use kenh_proto::v1::{
    Destination, Identity, Media, MediaKind, Message, OutboundMessage, Part, SendMessageRequest, SendOptions,
    SendReason, SendState, Template, destination::To, part::Content,
};
use kenh_tests::{
    gateway::{Gateway, OA, Setup, ZALO_APP},
    leaks::MARK,
    outbound::{look, send, until_state, words},
    provider::{Manner, Provider},
    until,
    webhook::{millis, zalo},
};
use serde_json::json;
use tonic::Code;

use super::{plan, reason, setup, start};

const PHONE: &str = "84912345678";

fn to(scheme: &str, value: &str) -> Destination {
    let person = Identity { scheme: scheme.into(), value: value.into(), ..Identity::default() };
    Destination { channel: "zalo".into(), account: OA.into(), to: Some(To::Contact(person)), ..Destination::default() }
}

fn request(to: Destination, key: &str, message: Message) -> SendMessageRequest {
    let options = SendOptions { idempotency_key: key.into(), ..SendOptions::default() };
    SendMessageRequest { destination: Some(to), message: Some(message), options: Some(options) }
}

fn with(content: Content) -> Message {
    Message { parts: vec![Part { content: Some(content) }], ..Message::default() }
}

fn template() -> Message {
    let values = [("customer".to_owned(), format!("Lan {MARK}"))].into();
    with(Content::Template(Template { id: Some("7895417".into()), values, ..Template::default() }))
}

async fn say(gateway: &Gateway, key: &str) -> OutboundMessage {
    send(gateway, request(to("zalo_uid", "5550001112223334445"), key, words(&format!("{MARK} {key}")))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_uploaded_and_sent_and_only_what_was_seen_is_not_repeated() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let private = "dispatch:\n  timeout: 1s\n  sweep: 100ms\n  longest_pause: 200ms\n  fetch:\n    allow_private_addresses: true\n";
    let gateway = Setup::embedded(folder.path()).with(private).answering(&provider.url()).start().await;
    let url = provider.file("/price-list.pdf", "application/pdf", b"%PDF-1.4 some bytes of a price list");
    let list = Media { kind: MediaKind::File.into(), url: Some(url), ..Media::default() };
    // The upload is busy once, and its answer is lost once: nobody saw either.
    provider.next([Manner::Says(200, json!({"error": -200, "message": "busy"})), Manner::TakenInSilence]);
    let message = request(to("zalo_uid", "5550001112223334445"), "k1", with(Content::Media(list)));
    let sent = send(&gateway, message).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let paths: Vec<_> = provider.received().iter().map(|call| call.path.clone()).collect();
    let upload = "/v2.0/oa/upload/file";
    assert_eq!(paths, [upload, upload, upload, "/v3.0/oa/message/cs"]);
    let body = provider.received()[3].json();
    assert_eq!(body["message"]["attachment"]["payload"]["token"], "file-token-0003", "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_with_status_200_is_an_error_and_throttling_waits() {
    let (gateway, provider, _folder) = start().await;
    let says = |code: i64| Manner::Says(200, json!({"error": code, "message": format!("made up {MARK}")}));
    for (key, code, reason) in [
        ("k1", -230, SendReason::WindowClosed),
        ("k2", -213, SendReason::OptedOut),
        ("k4", -99_999, SendReason::Refused),
    ] {
        provider.next([says(code)]);
        let sent = say(&gateway, key).await;
        let failed = until_state(&gateway, &sent.id, SendState::Failed).await.failure.unwrap();
        assert_eq!((failed.reason(), failed.provider_code), (reason, Some(code.to_string())), "{key}");
    }
    let before = provider.received().len();
    provider.next([Manner::SaysLater(200, 1, json!({"error": -32, "message": "made up"}))]);
    let sent = say(&gateway, "k5").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!((sent.attempts, provider.received().len() - before), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowance_that_is_used_up_is_known_to_plans_and_costs_nothing_else() {
    let (gateway, provider, _folder) = start().await;
    let other = |mut message: Message| {
        let Some(Content::Template(template)) = &mut message.parts[0].content else { panic!("a template") };
        template.id = Some("7895418".into());
        message
    };
    // The template's daily allowance: it comes back at midnight, and the message waits for that.
    provider.next([Manner::Says(200, json!({"error": -147, "message": "made up"}))]);
    let sent = send(&gateway, request(to("phone", PHONE), "k1", template())).await.unwrap();
    until("the channel has said so", || async {
        look(&gateway, &sent.id).await.failure.is_some_and(|failure| failure.reason() == SendReason::QuotaExhausted)
    })
    .await;
    let asked = || request(to("phone", PHONE), "k2", template());
    until("plans know it", || async { !plan(&gateway, asked()).await.sendable }).await;
    let planned = plan(&gateway, asked()).await;
    assert_eq!(planned.failure.unwrap().reason(), SendReason::QuotaExhausted);
    assert!(
        planned
            .plan
            .unwrap()
            .policy
            .unwrap()
            .until
            .is_some_and(|until| until.seconds.cast_unsigned() * 1000 > millis())
    );
    let refused = send(&gateway, asked()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "QUOTA_EXHAUSTED"));
    // Another template and ordinary words have allowances of their own.
    let sent = send(&gateway, request(to("phone", PHONE), "k3", other(template()))).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let sent = say(&gateway, "k4").await;
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(provider.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_unknown_outcome_is_settled_by_its_tracking_id_and_not_sent_again() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = setup(folder.path(), &provider);
    let mut gateway = setup.clone().start().await;
    provider.next([Manner::TakenInSilence]);
    let sent = send(&gateway, request(to("phone", PHONE), "k1", template())).await.unwrap();
    until("the channel has it", || async { !provider.received().is_empty() }).await;
    gateway.kill().await;
    drop(gateway);
    gateway = setup.start().await;
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    let call = provider.received()[0].clone();
    assert_eq!((call.path.as_str(), call.json()["phone"].as_str()), ("/message/template", Some(PHONE)));
    let receipt = json!({"sender": {"id": OA}, "recipient": {"id": PHONE}, "event_name": "user_received_message",
        "message": {"delivery_time": millis().to_string(), "msg_id": "zns0000000000000001",
            "tracking_id": call.json()["tracking_id"]},
        "app_id": ZALO_APP, "timestamp": millis().to_string()});
    assert_eq!(zalo().post(&gateway, &receipt.to_string()).await, 200);
    let settled = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(settled.messages[0].provider_message_ids, ["zns0000000000000001"]);
    until("the receipt counts", || async {
        look(&gateway, &sent.id).await.status() == kenh_proto::v1::ReceiptStatus::Delivered
    })
    .await;
    assert_eq!(provider.received().len(), 1, "sent once");
}
