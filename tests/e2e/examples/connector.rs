//! The connector of `deploy/examples/connector-python`, started as its README says.

use std::fs;

use kenh_proto::v1::{
    Destination, Identity, ListEventsRequest, SendReason, SendState, SignatureQuality, destination::To,
    envelope::Payload,
};
use kenh_tests::{
    gateway::{Gateway, Setup, kenh},
    leaks,
    outbound::{say, send, until_state},
    ports, repository,
    stream::{self, Stream, envelope},
    webhook,
};
use serde_json::{Value, json};

use super::{
    desk::Example,
    parlor::{Parlor, SECRET, TOKEN},
};

const FOLDER: &str = "deploy/examples/connector-python";
const DISPATCH: &str = "dispatch:\n  sweep: 100ms\n  longest_pause: 200ms\n";

/// The example's configuration with secrets in it.
fn filled(parlor: &str, secret: &str) -> String {
    let yaml = fs::read_to_string(repository().join(FOLDER).join("kenh.yaml")).unwrap();
    let yaml = yaml.replace("${env:PARLOR_SECRET}", secret).replace("${env:PARLOR_TOKEN}", TOKEN);
    yaml.replace("${env:PARLOR_URL}", parlor)
}

/// Calls as Parlor does; the status.
async fn post(gateway: &Gateway, body: &str, signature: &str) -> u16 {
    let call = webhook::client().post(gateway.url("x-parlor", "main")).header("x-parlor-signature", signature);
    call.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

fn said(id: &str, guest: &str, text: &str) -> Value {
    leaks::unsaid(text);
    json!({"id": id, "type": "said", "guest": guest, "name": "Mai", "at": webhook::millis(), "text": text})
}

fn guest(id: &str) -> Destination {
    let identity = Identity { scheme: "external_id".into(), value: id.into(), ..Identity::default() };
    Destination { channel: "x-parlor".into(), to: Some(To::Contact(identity)), ..Destination::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_channel_is_connected_and_loses_nothing_when_its_process_is_killed() {
    let (folder, parlor, example) = (tempfile::tempdir().unwrap(), Parlor::start().await, Example::connector().await);
    let channels = filled(&parlor.url, SECRET);
    let channels = channels.split_once("channels:\n").unwrap().1;
    let gateway = Setup::embedded(folder.path()).with(DISPATCH).channels(channels).start().await;
    let mut stream = Stream::open(&gateway, stream::earliest()).await;
    let mut process = example.start(&gateway.api_url(), None, &["--feed"]);
    process.says("attached").await;

    let body = fs::read_to_string(repository().join(FOLDER).join("fixtures/messages.json")).unwrap();
    assert_eq!(post(&gateway, &body, &Parlor::sign(&body)).await, 200);
    let kinds: Vec<_> = stream.deliveries(3).await.iter().map(|delivery| envelope(delivery).payload.clone()).collect();
    let message = kinds.iter().find_map(|kind| match kind {
        Some(Payload::Message(message)) => message.text.clone(),
        _ => None,
    });
    assert_eq!(message.unwrap().body, "Còn phòng cho hai người không?");
    assert!(kinds.iter().any(|kind| matches!(kind, Some(Payload::Receipt(_)))), "{kinds:?}");
    assert!(kinds.iter().any(|kind| matches!(kind, Some(Payload::Unsupported(_)))), "{kinds:?}");
    assert_eq!(post(&gateway, &body, &Parlor::sign("another body")).await, 401);
    assert_eq!(post(&gateway, &body, "").await, 401);

    // What no call brings comes over the feed.
    parlor.tell(said("f-1", "g-8", "đặt bàn cho bốn người"));
    let fed = envelope(&stream.delivery().await).clone();
    assert_eq!(
        (fed.dedupe_key.as_str(), fed.quality.as_ref().unwrap().signature()),
        ("f-1", SignatureQuality::Process)
    );
    process.says("stored").await;

    let sent = send(&gateway, say(guest("g-7"), "k1", "Dạ còn ạ, mời quý khách")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let (token, given) = parlor.given().remove(0);
    assert_eq!((token, &given["guest"]), (format!("Bearer {TOKEN}"), &json!("g-7")));
    assert_eq!(given["text"], "Dạ còn ạ, mời quý khách");

    process.kill().await;
    let lost = json!({"events": [said("m-9", "g-7", "tôi đến trễ mười phút")]}).to_string();
    kenh_tests::until("the gateway has noticed", || async { post(&gateway, &lost, &Parlor::sign(&lost)).await == 503 })
        .await;
    let waits = send(&gateway, say(guest("g-7"), "k2", "Chúng tôi giữ bàn")).await.unwrap();
    let failure = until_state(&gateway, &waits.id, SendState::Retrying).await.failure.unwrap();
    assert_eq!(failure.reason(), SendReason::ChannelUnavailable);
    parlor.tell(said("f-2", "g-8", "thêm một ghế trẻ em"));

    // It comes back, reads its feed from the beginning, and nothing is there twice.
    let mut process = example.start(&gateway.api_url(), None, &["--feed"]);
    process.says("stored before").await;
    until_state(&gateway, &waits.id, SendState::Accepted).await;
    assert_eq!(post(&gateway, &lost, &Parlor::sign(&lost)).await, 200);
    let inbound = |delivery: &kenh_proto::v1::Delivery| {
        let event = envelope(delivery);
        (event.channel == "x-parlor" && !matches!(event.payload, Some(Payload::MessageStatus(_))))
            .then(|| event.dedupe_key.clone())
    };
    kenh_tests::until("all of it is there", || async {
        stream::list(&gateway, ListEventsRequest::default()).await.iter().filter_map(inbound).count() >= 6
    })
    .await;
    let all = stream::list(&gateway, ListEventsRequest::default()).await;
    let mut keys: Vec<_> = all.iter().filter_map(inbound).filter(|key| !key.starts_with("sha256:")).collect();
    keys.sort();
    assert_eq!(keys, ["f-1", "f-2", "m-1", "m-2", "m-9"]);
    assert_eq!(parlor.given().len(), 2);
    assert!(process.terminate().await.success(), "{}", process.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_kit_says_what_the_example_keeps_and_what_it_breaks() {
    let example = Example::connector().await;
    let (fixtures, config) = (example.folder().join("fixtures"), example.folder().join("kenh.yaml"));
    fs::write(&config, filled("http://127.0.0.1:9", "parlor-demo-secret")).unwrap();
    let check = || async {
        let listen = format!("127.0.0.1:{}", ports::free());
        let process = example.start(&format!("http://{listen}"), None, &[]);
        let (fixtures, config) = (fixtures.to_str().unwrap(), config.to_str().unwrap());
        let arguments = ["connector", "check", "x-parlor", fixtures, "--config", config, "--listen", &listen];
        let output = kenh(&arguments, b"").await;
        drop(process);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = check().await;
    assert_eq!(code, Some(0), "{said}");
    for rule in ["is read", "with any byte changed", "outlives broken bodies", "costs its neighbours nothing"] {
        assert!(said.lines().any(|line| line.starts_with("ok") && line.contains(rule)), "{rule} in\n{said}");
    }
    // Connectors that are not what they should be.
    let reading = example.folder().join("parlor/reading.py");
    let sound = fs::read_to_string(&reading).unwrap();
    for (whole, broken, rule) in [
        ("if not hmac.compare_digest(", "if not presented and not hmac.compare_digest(", "with any byte changed"),
        ("except (KeyError, TypeError, ValueError, AttributeError, OverflowError)", "except OverflowError", "is read"),
        ("dedupe_key=item[\"id\"]", "dedupe_key=str(id(item))", "reads the same again"),
    ] {
        assert!(sound.contains(whole), "{whole}");
        fs::write(&reading, sound.replace(whole, broken)).unwrap();
        let (code, said) = check().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.lines().any(|line| line.starts_with("BROKEN") && line.contains(rule)), "{rule} in\n{said}");
    }
}
