//! A channel from configuration alone: the help desk of `deploy/examples/webhook`, from its own file.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use kenh_proto::v1::{
    Destination, Direction, ListEventsRequest, SendReason, SendState, SignatureQuality, destination::To,
    envelope::Payload,
};
use kenh_tests::{
    gateway::{Gateway, Setup, kenh},
    issuer::{Issuer, SigningKey, seconds},
    outbound::{look, say, send, until_state},
    provider::{Manner, Provider},
    repository,
    stream::{self, Stream, envelope},
    until,
    webhook::{Channel, client, of},
};
use serde_json::{Value, json};

use super::answering::DISPATCH;

const SECRET: &str = "desk-signing-secret-0001";
const TOKEN: &str = "desk-api-token-0001";
const EXAMPLES: [&str; 4] = ["form", "helpdesk", "reviews", "shop"];

fn file(example: &str, name: &str) -> String {
    fs::read_to_string(repository().join("deploy/examples/webhook").join(example).join(name)).unwrap()
}

/// The configuration of an example with secrets in it.
fn filled(example: &str) -> String {
    let yaml =
        file(example, "kenh.yaml").replace("${env:KENH_DESK_SECRET}", SECRET).replace("${env:KENH_DESK_TOKEN}", TOKEN);
    let form = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let yaml = yaml.replace("${env:KENH_FORM_SECRET}", form);
    let pieces = yaml.split("${env:").enumerate().map(|(n, piece)| match (n, piece.split_once('}')) {
        (0, _) | (_, None) => piece.to_owned(),
        (_, Some((_, rest))) => format!("secret-of-more-than-20-characters{rest}"),
    });
    pieces.collect()
}

/// Everything below `channels:`, with the provider's address in place of the desk's.
fn channels(provider: &Provider) -> String {
    let yaml = filled("helpdesk").replace("https://desk.example.test/api", &format!("{}/api", provider.url()));
    yaml.split_once("channels:\n").unwrap().1.to_owned()
}

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = Setup::embedded(folder.path()).with(DISPATCH).channels(&channels(&provider));
    (setup.start().await, provider, folder)
}

/// Who calls as the desk does.
fn desk(secret: &str) -> Channel {
    of("webhook", &format!("verify: {{scheme: zendesk, secrets: {secret}}}\naccount: desk\nevents: empty\n"))
}

fn ticket(id: &str) -> Destination {
    Destination {
        channel: "webhook".into(),
        account: "desk".into(),
        to: Some(To::ConversationId(id.into())),
        ..Destination::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_comes_out_typed_and_its_answer_goes_back_by_the_template() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let url = gateway.url("webhook", "helpdesk");
    let now = SystemTime::now();
    let answer = desk(SECRET).call_at(&url, &file("helpdesk", "delivery.json"), now).await.unwrap();
    assert_eq!(answer.status(), 200);
    let event = envelope(&stream.delivery().await).clone();
    let Some(Payload::Message(message)) = &event.payload else { panic!("{:?}", event.payload) };
    assert_eq!(message.text.as_ref().unwrap().body, "Đèn tôi mua hôm qua không sáng.");
    assert_eq!(event.direction(), Direction::Inbound);
    assert_eq!(event.quality.as_ref().unwrap().signature(), SignatureQuality::Verified);
    let account = event.account.as_ref().unwrap();
    assert_eq!((account.endpoint.as_str(), account.external_id.as_deref()), ("helpdesk", Some("desk")));

    // A repeat is known by its id, at whatever time it is signed.
    let later = desk(SECRET).call_at(&url, &file("helpdesk", "delivery.json"), now + Duration::from_secs(2)).await;
    assert_eq!(later.unwrap().status(), 200);

    let conversation = event.conversation.unwrap().id;
    let taken =
        json!({"audit": {"events": [{"type": "Notification", "id": 1}, {"type": "Comment", "id": 7_700_002_u64}]}});
    provider.next([Manner::Says(200, taken)]);
    let words = "Chúng tôi gửi đèn mới {token}";
    let arguments = ["send", "--api", &gateway.api_url(), "--to", &conversation, words];
    let output = kenh(&arguments, b"").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let call = provider.received().remove(0);
    assert_eq!((call.method.as_str(), call.path.as_str()), ("PUT", "/api/v2/tickets/35.json"));
    // kenh@example.test/token:desk-api-token-0001
    assert_eq!(call.headers["authorization"], "Basic a2VuaEBleGFtcGxlLnRlc3QvdG9rZW46ZGVzay1hcGktdG9rZW4tMDAwMQ==");
    assert_eq!(call.json(), json!({"ticket": {"comment": {"body": words, "public": true}}}));
    let status = loop {
        let delivery = stream.delivery().await;
        if let Some(Payload::MessageStatus(status)) = &envelope(&delivery).payload {
            break status.clone();
        }
        assert!(!matches!(envelope(&delivery).payload, Some(Payload::Message(_))), "the repeat came out");
    };
    let message = until_state(&gateway, &status.message_id, SendState::Accepted).await;
    assert_eq!(message.messages[0].provider_message_ids, ["7700002"]);
    assert!(!gateway.log().contains(TOKEN) && !gateway.log().contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_or_old_is_refused_and_not_kept() {
    let (gateway, _provider, _folder) = start().await;
    let url = gateway.url("webhook", "helpdesk");
    let body = file("helpdesk", "delivery.json");
    let now = SystemTime::now();
    let status = |channel: Channel, at: SystemTime| {
        let (url, body) = (url.clone(), body.clone());
        async move { channel.call_at(&url, &body, at).await.unwrap().status().as_u16() }
    };
    assert_eq!(status(desk("guessed"), now).await, 401);
    assert_eq!(status(desk(SECRET), now - Duration::from_secs(302)).await, 401, "replayed");
    assert_eq!(status(desk(SECRET), now + Duration::from_secs(600)).await, 401, "of the future");
    assert_eq!(client().post(&url).body(body.clone()).send().await.unwrap().status(), 401, "unsigned");
    assert!(stream::list(&gateway, ListEventsRequest::default()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_means_what_the_configuration_says() {
    let (gateway, provider, _folder) = start().await;
    let url = gateway.url("webhook", "helpdesk");
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let posted = desk(SECRET).call_at(&url, &file("helpdesk", "delivery.json"), SystemTime::now()).await.unwrap();
    assert_eq!(posted.status(), 200);
    let conversation = envelope(&stream.delivery().await).conversation.clone().unwrap().id;
    let gone = json!({"error": "RecordNotFound", "description": "Not found"});
    provider.next([Manner::Says(404, gone)]);
    let sent = send(&gateway, say(ticket(&conversation), "k1", "Xin chào")).await.unwrap();
    let failed = until_state(&gateway, &sent.id, SendState::Failed).await;
    let failure = failed.failure.unwrap();
    assert_eq!(failure.reason(), SendReason::TargetInvalid);
    assert_eq!(failure.provider_code.as_deref(), Some("RecordNotFound"));
    // An error of its own, after it may have taken the message: nobody knows, and nothing is sent again.
    provider.next([Manner::Says(500, json!({"error": "oops"}))]);
    let sent = send(&gateway, say(ticket(&conversation), "k2", "Xin chào")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    assert_eq!(provider.received().len(), 2);
    assert_eq!(look(&gateway, &sent.id).await.state(), SendState::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_program_could_read_is_read_again_once_the_program_is_mended() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let right = channels(&provider);
    let comment = r#".type == "zen:event-type:ticket.comment_added" and .event.comment.is_public"#;
    // The file's examples would tell at once.
    let examples = right.find("      examples:").unwrap()..right.find("      accounts:").unwrap();
    let mut wrong = right.clone();
    wrong.replace_range(examples, "");
    let wrong = wrong.replace(comment, r#"error("not yet")"#);
    let mut gateway = Setup::embedded(folder.path()).with(DISPATCH).channels(&wrong).start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let url = gateway.url("webhook", "helpdesk");
    let posted = desk(SECRET).call_at(&url, &file("helpdesk", "delivery.json"), SystemTime::now()).await.unwrap();
    assert_eq!(posted.status(), 200, "it is kept");
    let delivery = stream.delivery().await;
    let Some(Payload::Unsupported(unsupported)) = &envelope(&delivery).payload else { panic!("unsupported") };
    assert_eq!(unsupported.reason, "mapping_failed");
    assert_eq!(envelope(&delivery).raw.as_ref().unwrap().bytes(), file("helpdesk", "delivery.json").as_bytes());
    gateway.kill().await;

    let gateway = Setup::embedded(folder.path()).with(DISPATCH).channels(&right).start().await;
    let listed = kenh(&["parked", "list", "--api", &gateway.api_url(), "--json"], b"").await;
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("mapping_failed"), "{listed}");
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let redriven = kenh(&["parked", "redrive", "--api", &gateway.api_url(), "--unreadable"], b"").await;
    assert!(redriven.status.success(), "{}", String::from_utf8_lossy(&redriven.stderr));
    let delivery = stream.delivery().await;
    assert!(matches!(envelope(&delivery).payload, Some(Payload::Message(_))), "{:?}", envelope(&delivery).payload);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_checked_and_normalized_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    for example in EXAMPLES {
        let config = folder.path().join(format!("{example}.yaml"));
        fs::write(&config, filled(example)).unwrap();
        let config = config.to_str().unwrap();
        let checked = kenh(&["config", "check", "--config", config], b"").await;
        assert!(checked.status.success(), "{example}: {}", String::from_utf8_lossy(&checked.stderr));
        let mut arguments = vec!["normalize", "webhook", "--config", config, "--endpoint", example, "--no-verify"];
        let headers = if example == "shop" { file(example, "delivery.headers") } else { String::new() };
        arguments.extend(headers.lines().flat_map(|header| ["--header", header]));
        let delivery = file(example, "delivery.json");
        let output = kenh(&arguments, delivery.as_bytes()).await;
        assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let printed: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected: Vec<Value> = serde_json::from_str(&file(example, "events.json")).unwrap();
        assert_eq!(printed.len(), expected.len(), "{example}");
        for (printed, expected) in printed.iter().zip(&expected) {
            assert_eq!(printed["dedupeKey"], expected["dedupeKey"], "{example}");
            assert_eq!(printed["message"], expected["message"], "{example}");
            assert_eq!(printed["quality"]["signature"], "SIGNATURE_QUALITY_UNSIGNED", "{example}");
        }
        // Without the flag the call has to be signed.
        arguments.retain(|argument| *argument != "--no-verify");
        let refused = kenh(&arguments, delivery.as_bytes()).await;
        assert_eq!(refused.status.code(), Some(1), "{example}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("refused: "), "{example}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_program_and_an_example_that_fails_are_told_by_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kenh.yaml");
    let yaml = filled("helpdesk");
    for (right, wrong, told) in [
        (
            "ltrimstr(\"zen:ticket:\")",
            "ltrimster(\"zen:ticket:\")",
            "line 1, column 13 of the program: there is no filter ltrimster/1",
        ),
        (
            "title: .detail.subject",
            "title: .detail.title",
            "examples[1].expect: events[0].conversation.title: expected \"Broken lamp\"",
        ),
        ("{ticket: {comment: {body: .text,", "{ticket: {comment: {body: .text},", "send.message.body: line 1"),
    ] {
        assert!(yaml.contains(right));
        fs::write(&config, yaml.replace(right, wrong)).unwrap();
        let checked = kenh(&["config", "check", "--config", config.to_str().unwrap()], b"").await;
        let said = String::from_utf8_lossy(&checked.stderr);
        assert_eq!(checked.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuers_published_keys_prove_calls_also_once_it_replaces_them() {
    let (folder, mut issuer) = (tempfile::tempdir().unwrap(), Issuer::default());
    let (old, new, foreign) = (SigningKey::es256("k1"), SigningKey::es256("k2"), SigningKey::es256("k1"));
    issuer.publish(&[&old]);
    issuer.start().await;
    let url = issuer.url();
    let metadata = format!("{url}/.well-known/openid-configuration");
    let verify = format!("{{scheme: jwks, openid_metadata: \"{metadata}\", issuer: \"{url}\", audience: us}}");
    let channel = format!("  webhook:\n    main:\n      account: desk\n      events: empty\n      verify: {verify}\n");
    let gateway = Setup::embedded(folder.path()).channels(&channel).start().await;
    let post = async |key: &SigningKey, audience: &str| {
        let claims = json!({"iss": url, "aud": audience, "exp": seconds(600)});
        let call = client().post(gateway.url("webhook", "main"));
        let call = call.header("authorization", format!("Bearer {}", key.token(&claims))).body("{}");
        call.send().await.unwrap().status().as_u16()
    };
    until("the issuer's keys are known", || async { post(&old, "us").await == 200 }).await;
    assert_eq!((post(&old, "them").await, post(&foreign, "us").await), (401, 401));
    issuer.publish(&[&new]);
    until("the new key is asked for", || async { post(&new, "us").await == 200 }).await;
    assert_eq!(post(&old, "us").await, 401);
}
