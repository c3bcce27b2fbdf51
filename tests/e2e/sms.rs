//! SMS by web providers: a signed one that posts forms (Twilio), and one that has a token in its address and calls with GET
//! (eSMS).

use kenh_proto::v1::{
    Destination, Direction, Envelope, Identity, ListEventsRequest, PlanSendRequest, ReceiptStatus, SendState,
    SignatureQuality, destination::To, envelope::Payload,
};
use kenh_tests::{
    gateway::{Gateway, Setup, kenh},
    outbound::{client as messages, look, say, send, until_state},
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    until,
    webhook::{client, sms},
};

use super::answering::DISPATCH;

const TOKEN: &str = "address-token-for-tests-0001";
const OURS: &str = "+84280000001";

fn settings(api: &str) -> String {
    format!(
        "  sms:\n    twilio:\n      provider: twilio\n      user: AC1\n      secrets: twilio-auth-token-0001\n      \
         public_url: https://gw.example.test/v1/webhooks/sms/twilio\n      api_url: {api}\n      accounts:\n        \
         \"{OURS}\": {{ token: twilio-token-0001 }}\n    esms:\n      provider: esms\n      user: KEY1\n      \
         secrets: {TOKEN}\n      api_url: {api}\n      diacritics: fold\n      accounts:\n        \
         MYSHOP: {{ token: esms-secret-0001 }}\n"
    )
}

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = Setup::embedded(folder.path()).with(DISPATCH).channels(&settings(&provider.url()));
    (setup.start().await, provider, folder)
}

fn twilio() -> kenh_tests::webhook::Channel {
    let settings = "provider: twilio\nuser: AC1\nsecrets: twilio-auth-token-0001\n\
                    public_url: https://gw.example.test/v1/webhooks/sms/twilio\n";
    sms(settings)
}

async fn post(gateway: &Gateway, body: &str) -> u16 {
    twilio().post_to(&gateway.url("sms", "twilio"), body).await.unwrap().as_u16()
}

async fn get(gateway: &Gateway, token: &str, query: &str) -> u16 {
    let url = format!("{}{token}?{query}", gateway.url("sms", "esms"));
    client().get(url).send().await.unwrap().status().as_u16()
}

fn message(sid: &str, body: &str) -> String {
    format!("MessageSid={sid}&From=%2B84900000001&To=%2B84280000001&Body={body}&NumMedia=0&SmsStatus=received")
}

fn status(sid: &str, status: &str) -> String {
    format!("MessageSid={sid}&From=%2B84280000001&To=%2B84900000001&MessageStatus={status}")
}

fn report(id: &str, reference: &str) -> String {
    format!(
        "SMSID={id}&SendFailed=0&SendStatus=5&SendSuccess=1&TotalPrice=500&TotalReceiver=1&TotalSent=1\
         &RequestId={reference}&TypeId=2&telcoid=1&phonenumber=84900000001"
    )
}

fn contact(envelope: &Envelope) -> &str {
    &envelope.contact.as_ref().unwrap().identities[0].value
}

fn number(account: &str) -> Destination {
    let identity = Identity { scheme: "phone".into(), value: "0900000001".into(), ..Identity::default() };
    Destination {
        channel: "sms".into(),
        account: account.into(),
        to: Some(To::Contact(identity)),
        ..Destination::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_reports_of_both_sorts_of_provider_come_out() {
    let (gateway, _provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    assert_eq!(post(&gateway, &message("SM1", "Xin+ch%C3%A0o")).await, 200);
    assert_eq!(post(&gateway, &status("SM9", "delivered")).await, 200);
    let path = format!("/{TOKEN}");
    let mo = "sender=84900000001&content=TEST+xin&serviceNumber=8079&keyword=TEST&cpid=cp01&smsid=900001\
              &receiverTime=20260101120000";
    assert_eq!(get(&gateway, &path, mo).await, 200);
    assert_eq!(get(&gateway, &path, &report("id-1", "req-1")).await, 200);

    let events: Vec<_> = stream.deliveries(4).await.iter().map(|delivery| envelope(delivery).clone()).collect();
    let quality = |event: &Envelope| event.quality.as_ref().unwrap().signature();
    for event in &events {
        assert_eq!((event.channel.as_str(), contact(event)), ("sms", "+84900000001"));
    }
    // Each endpoint is an account of its own; within one the order is that of the calls.
    let of = |endpoint: &str| {
        let is_of = |event: &&Envelope| event.account.as_ref().unwrap().endpoint == endpoint;
        events.iter().filter(is_of).cloned().collect::<Vec<_>>()
    };
    for (endpoint, proof) in [("twilio", SignatureQuality::Verified), ("esms", SignatureQuality::Token)] {
        let mut found = of(endpoint);
        found.sort_by_key(Envelope::direction);
        assert_eq!(found.len(), 2, "{endpoint}");
        assert!(found.iter().all(|event| quality(event) == proof), "{endpoint}");
        assert!(matches!(&found[0].payload, Some(Payload::Message(_))), "{endpoint}");
        assert_eq!(found[0].direction(), Direction::Inbound);
        let Some(Payload::Receipt(receipt)) = &found[1].payload else { panic!("a receipt of {endpoint}") };
        assert_eq!(receipt.status(), ReceiptStatus::Delivered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_calls_are_refused_and_nothing_of_them_is_kept() {
    let (gateway, _provider, _folder) = start().await;
    let url = gateway.url("sms", "twilio");
    let forged = sms(
        "provider: twilio\nuser: AC1\nsecrets: guessed\npublic_url: https://gw.example.test/v1/webhooks/sms/twilio\n",
    );
    assert_eq!(forged.post_to(&url, &message("SM1", "x")).await.unwrap(), 401);
    let signed = twilio().sign(message("SM1", "x").as_bytes());
    let call = signed.into_iter().fold(client().post(&url), |call, (name, value)| call.header(name, value));
    assert_eq!(call.body(message("SM1", "y")).send().await.unwrap().status(), 401, "another body");
    for path in ["", "/", "/guessed-token-of-20-bytes", &format!("/{TOKEN}x")] {
        let answered = get(&gateway, path, &report("id-1", "req-1")).await;
        assert!(matches!(answered, 401 | 404), "{path}: {answered}");
    }
    // A second token in a header spoils the one in the address.
    let both = client().get(format!("{}/{TOKEN}?{}", gateway.url("sms", "esms"), report("id-1", "r")));
    assert_eq!(both.header("x-kenh-token", TOKEN).send().await.unwrap().status(), 401);
    // Where a channel does not deliver by GET, a token in the address changes nothing.
    let other = client().get(format!("{}/{TOKEN}", gateway.url("slack", "main"))).send().await.unwrap();
    assert_eq!(other.status(), 405);
    assert!(stream::list(&gateway, ListEventsRequest::default()).await.is_empty());
    assert!(!gateway.log().contains(TOKEN), "the token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_the_command_line_reaches_a_provider_that_takes_forms() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    // What people write is never taken for the place of a token.
    let words = "Đã giao {token}";
    let arguments = [
        "send",
        "--api",
        &gateway.api_url(),
        "--channel",
        "sms",
        "--account",
        OURS,
        "--contact",
        "phone:0900000001",
        words,
    ];
    let output = kenh(&arguments, b"").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let call = provider.received().remove(0);
    assert_eq!(call.path, "/2010-04-01/Accounts/AC1/Messages.json");
    // AC1:twilio-token-0001
    assert_eq!(call.headers["authorization"], "Basic QUMxOnR3aWxpby10b2tlbi0wMDAx");
    let form = String::from_utf8(call.body.to_vec()).unwrap();
    assert_eq!(form, "To=%2B84900000001&From=%2B84280000001&Body=%C4%90%C3%A3+giao+%7Btoken%7D");
    // What came of it is told by the provider, and tied to the message by its id.
    assert_eq!(post(&gateway, &status("SM0001", "undelivered")).await, 200);
    let status = loop {
        let delivery = stream.delivery().await;
        if let Some(Payload::MessageStatus(status)) = &envelope(&delivery).payload
            && status.status() == ReceiptStatus::Failed
        {
            break status.clone();
        }
    };
    assert_eq!(status.state(), SendState::Accepted);
    let message = look(&gateway, &status.message_id).await;
    assert_eq!(message.messages[0].provider_message_ids, ["SM0001"]);
    assert_eq!(message.plan.unwrap().segmentation[0].encoding, "ucs2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_json_is_sent_each_message_once_though_it_is_silent() {
    let (gateway, provider, _folder) = start().await;
    // It takes the first call and never says so; the next one it knows by its key.
    let known = serde_json::json!({"CodeResult": "124", "CountRegenerate": 0, "ErrorMessage": "RequestId existed"});
    provider.next([Manner::TakenInSilence, Manner::Says(200, known)]);
    let sent = send(&gateway, say(number("MYSHOP"), "k1", "Đơn hàng đã giao {token}")).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    let calls = provider.received();
    assert_eq!(calls.len(), 2);
    let body = calls[0].json();
    assert_eq!(calls[1].json(), body, "the same call again");
    assert_eq!(calls[0].path, "/MainService.svc/json/SendMultipleMessage_V4_post_json/");
    assert_eq!(body["SecretKey"], "esms-secret-0001");
    assert_eq!((&body["Phone"], &body["Content"]), (&"0900000001".into(), &"Don hang da giao {token}".into()));
    // Its id was never told: the report is tied by our own reference.
    let reference = format!("{}.0", sent.id);
    assert_eq!(body["RequestId"], reference.as_str());
    assert_eq!(get(&gateway, &format!("/{TOKEN}"), &report("id-7", &reference)).await, 200);
    let mut events = Stream::open(&gateway, stream::earliest()).await;
    let receipt = loop {
        let delivery = events.delivery().await;
        if let Some(Payload::Receipt(_)) = &envelope(&delivery).payload {
            break envelope(&delivery).clone();
        }
    };
    assert_eq!(receipt.target.unwrap().message_id.as_deref(), Some(sent.id.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_message_whose_id_is_known_is_its_status() {
    let (gateway, provider, _folder) = start().await;
    let sent = send(&gateway, say(number("MYSHOP"), "k1", "Don hang da giao")).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(provider.received().len(), 1);
    let id = &sent.messages[0].provider_message_ids[0];
    assert_eq!(get(&gateway, &format!("/{TOKEN}"), &report(id, "another")).await, 200);
    until("it was delivered", || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Delivered }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_a_message_costs() {
    let (gateway, provider, _folder) = start().await;
    let plan = |account: &str, text: &str| {
        let request = PlanSendRequest { request: Some(say(number(account), "", text)) };
        let gateway = &gateway;
        async move {
            let planned = messages(gateway).await.plan_send(request).await.unwrap().into_inner();
            assert!(planned.sendable);
            planned.plan.unwrap()
        }
    };
    let text = "Đơn hàng của bạn đã được giao thành công, cảm ơn bạn đã mua hàng tại cửa hàng.";
    let kept = plan(OURS, text).await;
    assert_eq!(kept.provider_messages, 1);
    let cut = &kept.segmentation[0];
    assert_eq!((cut.encoding.as_str(), cut.units, cut.segments), ("ucs2", 78, 2));
    assert_eq!(cut.notes, ["unicode", "foldable", "several_segments"]);
    let folded = plan("MYSHOP", text).await;
    let cut = &folded.segmentation[0];
    assert_eq!((cut.encoding.as_str(), cut.units, cut.segments), ("gsm7", 78, 1));
    assert_eq!(folded.parts[0].code.as_deref(), Some("folded"));
    assert!(provider.received().is_empty(), "a plan sends nothing");
}
