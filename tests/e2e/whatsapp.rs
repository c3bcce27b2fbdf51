//! WhatsApp: answering by a person's id, statuses that come later, the window and templates.

use kenh_proto::v1::{
    Destination, Identity, MarkReadRequest, Media, MediaKind, Message, MessageStatus, Part, ReceiptStatus,
    SendMessageRequest, SendReason, SendState, SendTypingRequest, ShowTyping, Template, destination::To,
    envelope::Payload, part::Content,
};
use kenh_tests::{
    gateway::{APP_SECRET, Gateway, Setup, VERIFY_TOKEN, kenh},
    leaks,
    outbound::{client, look, say, send, until_state},
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    until,
    webhook::{millis, whatsapp},
};
use serde_json::{Value, json};
use tonic::Code;

use super::answering::{DISPATCH, plan, reason};

const NUMBER: &str = "40001";
const TOKEN: &str = "whatsapp-system-token-0001";
const PERSON: &str = "VN.1000200030004000";

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    leaks::unsaid(TOKEN);
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let settings = format!(
        "  whatsapp:\n    main:\n      app_secrets: {APP_SECRET}\n      verify_token: {VERIFY_TOKEN}\n      \
         api_url: {}\n      accounts:\n        \"{NUMBER}\": {{ token: {TOKEN} }}\n",
        provider.url()
    );
    (Setup::embedded(folder.path()).with(DISPATCH).channels(&settings).start().await, provider, folder)
}

async fn post(gateway: &Gateway, value: Value) {
    let mut whole = json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": NUMBER}});
    whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    let change = json!({"field": "messages", "value": whole});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "30001", "changes": [change]}]});
    assert_eq!(whatsapp().post(gateway, &body.to_string()).await, 200);
}

/// What a person without a number wrote, some seconds ago.
async fn wrote(gateway: &Gateway, id: &str, text: &str, ago: u64) {
    leaks::unsaid(text);
    let at = (millis() / 1000 - ago).to_string();
    let message = json!({"from_user_id": PERSON, "id": id, "timestamp": at, "type": "text", "text": {"body": text}});
    post(gateway, json!({"contacts": [{"user_id": PERSON}], "messages": [message]})).await;
}

async fn status(gateway: &Gateway, id: &str, status: &str, more: Value) {
    let mut item = json!({"id": id, "status": status, "timestamp": (millis() / 1000).to_string(),
        "recipient_user_id": PERSON});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post(gateway, json!({"statuses": [item]})).await;
}

fn person() -> Destination {
    let identity = Identity { scheme: "whatsapp_user_id".into(), value: PERSON.into(), ..Identity::default() };
    Destination {
        channel: "whatsapp".into(),
        account: NUMBER.into(),
        to: Some(To::Contact(identity)),
        ..Destination::default()
    }
}

fn with_part(key: &str, content: Content) -> SendMessageRequest {
    let mut request = say(person(), key, "x");
    let parts = vec![Part { content: Some(content) }];
    request.message = Some(Message { parts, ..Message::default() });
    request
}

fn template(key: &str) -> SendMessageRequest {
    let values = [("1".to_owned(), "A-17".to_owned())].into();
    let (id, locale) = (Some("order_ready".to_owned()), Some("vi".to_owned()));
    with_part(key, Content::Template(Template { id, locale, values, ..Template::default() }))
}

fn error(code: u64) -> Value {
    json!({"error": {"message": "made up", "type": "OAuthException", "code": code, "fbtrace_id": "x"}})
}

/// The next status event of a kind.
async fn told(stream: &mut Stream, wanted: ReceiptStatus) -> MessageStatus {
    loop {
        if let Some(Payload::MessageStatus(status)) = &envelope(&stream.delivery().await).payload
            && status.status() == wanted
        {
            return status.clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_number_is_answered_and_statuses_are_tied_and_never_go_back() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    wrote(&gateway, "wamid.IN1", "Is my lamp ready?", 1).await;
    let conversation = envelope(&stream.delivery().await).conversation.clone().unwrap().id;
    let mut request = say(person(), "k1", "Yes, it is ready");
    request.destination.as_mut().unwrap().to = Some(To::ConversationId(conversation.clone()));
    let sent = send(&gateway, request).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["wamid.OUT0001"]);
    let call = provider.received().remove(0);
    assert!(call.path.starts_with("/v25.0/40001/messages?appsecret_proof="), "{}", call.path);
    assert_eq!(call.headers["authorization"], format!("Bearer {TOKEN}"));
    let body = call.json();
    assert_eq!((&body["recipient"], body.get("to")), (&json!(PERSON), None));
    assert_eq!(body["biz_opaque_callback_data"], format!("{}.0", sent.id));
    // Later ones first: WhatsApp promises no order.
    for word in ["read", "sent", "delivered"] {
        status(&gateway, "wamid.OUT0001", word, json!({})).await;
    }
    let read = told(&mut stream, ReceiptStatus::Read).await;
    assert_eq!((read.message_id, read.provider_message_ids), (sent.id.clone(), vec!["wamid.OUT0001".to_owned()]));
    let other = send(&gateway, say(person(), "k2", "Come any time")).await.unwrap();
    until_state(&gateway, &other.id, SendState::Accepted).await;
    let next = told(&mut stream, ReceiptStatus::Sent).await;
    assert_eq!(next.message_id, other.id, "what came late told nothing new of the first");
    assert_eq!(look(&gateway, &sent.id).await.status(), ReceiptStatus::Read);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_took_and_could_not_deliver_fails_late_with_its_reason() {
    let (gateway, _provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    for (key, id, code, expected, retryable) in [
        ("k1", "wamid.OUT0001", 131_047, SendReason::WindowClosed, false),
        ("k2", "wamid.OUT0002", 131_026, SendReason::RecipientUnknown, false),
        ("k3", "wamid.OUT0003", 131_053, SendReason::MediaUnavailable, true),
        ("k4", "wamid.OUT0004", 130_472, SendReason::Refused, false),
    ] {
        let sent = send(&gateway, say(person(), key, "Are you there?")).await.unwrap();
        until_state(&gateway, &sent.id, SendState::Accepted).await;
        let errors = json!([{"code": code, "title": "made up", "error_data": {"details": "made up"}}]);
        status(&gateway, id, "failed", json!({"errors": errors, "biz_opaque_callback_data": format!("{}.0", sent.id)}))
            .await;
        let failed = told(&mut stream, ReceiptStatus::Failed).await;
        assert_eq!((failed.message_id.as_str(), failed.part), (sent.id.as_str(), Some(0)));
        let failure = failed.failure.unwrap();
        assert_eq!((failure.reason(), failure.retryable), (expected, retryable), "{code}");
        assert_eq!(failure.provider_code, Some(code.to_string()));
        let kept = look(&gateway, &sent.id).await;
        assert_eq!(kept.status(), ReceiptStatus::Failed);
        assert_eq!(kept.messages[0].failure.as_ref().unwrap(), &failure, "a look says what the event said");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_messages_wait_and_a_refused_one_fails() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::SaysLater(429, 1, error(130_429)), Manner::Says(500, error(131_016))]);
    let sent = send(&gateway, say(person(), "k1", "Patience is a virtue")).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!((sent.attempts, provider.texts().len()), (3, 3));
    provider.next([Manner::Says(400, error(132_001))]);
    let refused = send(&gateway, template("k2")).await.unwrap();
    let refused = until_state(&gateway, &refused.id, SendState::Failed).await.failure.unwrap();
    assert_eq!((refused.reason(), refused.provider_code.as_deref()), (SendReason::TemplateInvalid, Some("132001")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_settles_what_was_unknown() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::TakenInSilence]);
    let sent = send(&gateway, say(person(), "k1", "Did this arrive?")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    let reference = provider.received()[0].json()["biz_opaque_callback_data"].clone();
    status(&gateway, "wamid.OUT77", "delivered", json!({"biz_opaque_callback_data": reference})).await;
    let settled = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(settled.messages[0].provider_message_ids, ["wamid.OUT77"]);
    assert_eq!(provider.received().len(), 1, "it was not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_templates_alone_are_sent_and_plans_say_so() {
    let (gateway, provider, _folder) = start().await;
    wrote(&gateway, "wamid.IN1", "That was two days ago", 2 * 86_400).await;
    until("the window is known", || async { !plan(&gateway, say(person(), "p", "Still there?")).await.sendable }).await;
    let planned = plan(&gateway, say(person(), "p", "Still there?")).await;
    assert_eq!(planned.failure.unwrap().reason(), SendReason::WindowClosed);
    let refused = send(&gateway, say(person(), "k1", "Still there?")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "WINDOW_CLOSED"));
    assert!(provider.received().is_empty());
    assert!(plan(&gateway, template("p")).await.sendable);
    let sent = send(&gateway, template("k2")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let body = provider.received()[0].json();
    assert_eq!((&body["type"], &body["template"]["name"]), (&json!("template"), &json!("order_ready")));
    assert_eq!(body["template"]["language"]["code"], "vi");
    let api = gateway.api_url();
    let to = ["send", "--api", &api, "--channel", "whatsapp", "--contact", "phone:+84 90 123 45 67"];
    let what = ["--template", "order_ready", "--locale", "en_US", "--value", "1=A-18"];
    let output = kenh(&[&to[..], &what[..]].concat(), b"").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let body = provider.received()[1].json();
    assert_eq!((&body["to"], &body["template"]["language"]["code"]), (&json!("84901234567"), &json!("en_US")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_and_sent_by_its_id() {
    let (gateway, provider, _folder) = start().await;
    let (name, content) = (Some("offer.pdf".to_owned()), Some(b"%PDF-1.7 made up".to_vec()));
    let file = Media { kind: MediaKind::File.into(), name, content, ..Media::default() };
    let sent = send(&gateway, with_part("k1", Content::Media(file))).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    let calls = provider.received();
    let [upload, message] = calls.as_slice() else { panic!("two calls: {}", calls.len()) };
    assert!(upload.path.starts_with("/v25.0/40001/media?"), "{}", upload.path);
    let form = String::from_utf8_lossy(&upload.body);
    for field in ["name=\"messaging_product\"", "application/pdf", "filename=\"offer.pdf\"", "%PDF-1.7 made up"] {
        assert!(form.contains(field), "{field}");
    }
    assert_eq!(message.json()["document"], json!({"id": "950001", "filename": "offer.pdf"}));
    assert_eq!(sent.notes["media_id"], "950001");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_typing_name_the_message_that_is_answered() {
    let (gateway, provider, _folder) = start().await;
    let mut client = client(&gateway).await;
    let provider_message_id = Some("wamid.IN1".to_owned());
    let read = MarkReadRequest {
        destination: Some(person()),
        mark_read: Some(kenh_proto::v1::MarkRead { provider_message_id: provider_message_id.clone() }),
        options: None,
    };
    client.mark_read(read).await.unwrap();
    until("it is told", || async { provider.received().len() == 1 }).await;
    let typing = SendTypingRequest {
        destination: Some(person()),
        typing: Some(ShowTyping { active: true, provider_message_id }),
        options: None,
    };
    client.send_typing(typing).await.unwrap();
    until("both are told", || async { provider.received().len() == 2 }).await;
    let bodies: Vec<_> = provider.received().iter().map(kenh_tests::provider::Received::json).collect();
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1"});
    assert_eq!(bodies[0], read);
    assert_eq!(bodies[1]["typing_indicator"], json!({"type": "text"}));
}
