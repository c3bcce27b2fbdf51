//! The commands, as typed.

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    gateway::{Gateway, Setup, kenh},
    ports,
    stream::{self, envelope},
    until,
    webhook::{messenger, messenger_text},
};
use serde_json::Value;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn normalize_takes_any_body_without_a_configuration() {
    let body = messenger_text(660_001, "m_1", "Xin chào");
    let output = kenh(&["normalize", "messenger", "--no-verify"], body.as_bytes()).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["message"]["text"]["body"], "Xin chào");
    assert_eq!(lines[0]["quality"]["signature"], "SIGNATURE_QUALITY_UNSIGNED");

    for body in ["{", "", "[]", "null", "{\"object\":\"page\",\"entry\":[7]}"] {
        let output = kenh(&["normalize", "messenger", "--no-verify"], body.as_bytes()).await;
        assert!(output.status.success() && !output.stdout.is_empty(), "{body}: kept as an unsupported event");
    }
    let probe = kenh(&["normalize", "zalo", "--no-verify"], b"{}").await;
    assert_eq!((probe.status.code(), probe.stdout.is_empty()), (Some(1), true), "no event came out");
    assert!(text(&probe.stderr).contains("console_probe"), "{}", text(&probe.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_marked_whether_the_call_says_so_or_the_event() {
    let slack = r#"{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_uninstalled"}}"#;
    let line = r#"{"destination":"U1","events":[{"type":"follow","deliveryContext":{"isRedelivery":true}}]}"#;
    let first = line.replace("true", "false");
    let header = "X-Slack-Retry-Num: 1";
    for (arguments, body, repeated) in [
        (&["normalize", "slack", "--no-verify", "--header", header][..], slack, true),
        (&["normalize", "slack", "--no-verify"], slack, false),
        (&["normalize", "line", "--no-verify"], line, true),
        (&["normalize", "line", "--no-verify"], &first, false),
    ] {
        let printed: Value = serde_json::from_slice(&kenh(arguments, body.as_bytes()).await.stdout).unwrap();
        assert_eq!(printed["quality"]["redelivered"].as_bool().unwrap_or_default(), repeated, "{arguments:?} {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn normalize_prints_what_serve_publishes() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path());
    let config = setup.config();
    let gateway = setup.start().await;
    let body = messenger_text(660_001, "m_1", "once more, please");
    assert_eq!(messenger().post(&gateway, &body).await, 200);
    let published = stream::list(&gateway, ListEventsRequest::default()).await.remove(0).envelope.unwrap();

    let signature = format!("X-Hub-Signature-256: {}", messenger().sign(body.as_bytes())[0].1);
    let config = config.to_str().unwrap();
    let call = ["normalize", "messenger", "--config", config, "--endpoint", "main", "--header", &signature];
    let headers = ["--header", "Content-Type: application/json"];
    let output = kenh(&[&call[..], &headers].concat(), body.as_bytes()).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut printed = kenh_proto::envelope_from_json(text(&output.stdout).trim()).unwrap();
    assert!(printed.received_at.is_some());
    printed.received_at = published.received_at;
    assert_eq!(printed, published);

    let output = kenh(&call, b"another body").await;
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true));
    assert!(text(&output.stderr).contains("refused: the signature does not match"), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn simulate_signs_with_the_configured_secrets_and_every_call_is_a_new_event() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path());
    let config = setup.config();
    let gateway = setup.start().await;
    let config = config.to_str().unwrap();
    let run = async |arguments: &[&str]| kenh(&[&["simulate", "--config", config], arguments].concat(), b"").await;
    let output = run(&["zalo", "user_send_text", "--count", "3"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let events = stream::list(&gateway, ListEventsRequest::default()).await;
    let mut ids: Vec<_> = events.iter().map(|delivery| envelope(delivery).id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let output = run(&["messenger", "message_text", "--endpoint", "nowhere"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let output = run(&["zalo", "no_such_event"]).await;
    assert!(text(&output.stderr).contains("no sample no_such_event"), "{}", text(&output.stderr));
    let list = kenh(&["simulate", "zalo"], b"").await;
    assert!(text(&list.stdout).lines().any(|line| line == "user_send_text"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tail_prints_json_lines_and_ends_after_as_many_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    for number in 0..3 {
        assert_eq!(messenger().post(&gateway, &messenger_text(number, &format!("m_{number}"), "x")).await, 200);
    }
    let api = gateway.api_url();
    let output = kenh(&["tail", "--api", &api, "--from", "earliest", "--count", "2"], b"").await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    assert!(lines.lines().all(|line| kenh_proto::envelope_from_json(line).is_ok()) && lines.lines().count() == 2);

    let output = kenh(&["tail", "--api", &api, "--from", "no cursor"], b"").await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("after_cursor"), "{}", text(&output.stderr));
    let output = kenh(&["tail", "--api", &api, "--kind", "mesage"], b"").await;
    assert_eq!(output.status.code(), Some(2));
    let nobody = format!("http://127.0.0.1:{}", ports::free());
    let output = kenh(&["tail", "--api", &nobody], b"").await;
    assert!(text(&output.stderr).contains("refused"), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_shows_an_event_of_every_sample_and_ends_well() {
    let ports = [ports::free(), ports::free(), ports::free()].map(|port| port.to_string());
    let arguments = ["demo", "--once", "--port", &ports[0], "--api-port", &ports[1], "--admin-port", &ports[2]];
    let output = kenh(&arguments, b"").await;
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    let samples: usize = connector_catalog::CONNECTORS.iter().map(|registration| registration.samples.len()).sum();
    assert!(shown.lines().filter(|line| line.starts_with("20")).count() >= samples, "{shown}");
    assert!(shown.contains("openssl dgst -sha256 -hmac demo-messenger-app-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_asks_a_running_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let health = async |gateway: &Gateway| {
        kenh(&["health", "--admin", &format!("http://127.0.0.1:{}", gateway.admin)], b"").await.status.code()
    };
    assert_eq!(health(&gateway).await, Some(0));
    let url = format!("amqp://guest:guest@127.0.0.1:{}/%2f", ports::free());
    let lost = Setup::rabbitmq(&folder.path().join("lost"), &url, "health").spawn();
    kenh_tests::until("it answers", || async { lost.admin_page("healthz").await.is_some() }).await;
    assert_eq!(health(&lost).await, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_flags_and_channels_are_explained() {
    let wrong = kenh(&["serve", "--rol", "api"], b"").await;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("--role"), "the right flag is named");
    let wrong = kenh(&["serve", "--channel", "zallo"], b"").await;
    assert_eq!(wrong.status.code(), Some(2));
    let channels: Vec<_> = connector_catalog::CONNECTORS.iter().map(|registration| registration.channel).collect();
    let there_are = format!("there are: {}", channels.join(", "));
    assert!(text(&wrong.stderr).contains(&there_are), "{}", text(&wrong.stderr));
    let alone = kenh(&["serve", "--role", "api"], b"").await;
    assert_eq!(alone.status.code(), Some(2), "the embedded log is one process's");
    for command in ["serve", "demo", "config", "normalize", "simulate", "tail", "health"] {
        let help = kenh(&[command, "--help"], b"").await;
        assert!(help.status.success() && text(&help.stdout).contains("Usage:"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_created_looked_at_moved_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "hello")).await, 200);
    let url = gateway.api_url();
    let run = async |arguments: &[&str]| {
        let output = kenh(&[&["subscription"], arguments, &["--api", &url]].concat(), b"").await;
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (code, created, _) = run(&["create", "crm", "--from", "earliest", "--kind", "message"]).await;
    assert_eq!((code, json(&created)["maxAttempts"].as_u64()), (Some(0), Some(10)));
    let (_, listed, _) = run(&["list"]).await;
    assert_eq!(listed, created);
    let stats = json(&run(&["stats", "crm"]).await.1);
    assert_eq!((stats["backlog"].as_u64(), stats["partitions"].as_array().unwrap().len()), (Some(1), 4));
    let (code, cursor, _) = run(&["seek", "crm", "latest"]).await;
    assert!(code == Some(0) && !cursor.trim().is_empty());
    assert_eq!(json(&run(&["stats", "crm"]).await.1)["backlog"].as_u64(), Some(0));
    assert_eq!(run(&["delete", "crm"]).await.0, Some(0));
    let (code, _, error) = run(&["stats", "crm"]).await;
    assert_eq!(code, Some(1));
    assert!(error.contains("there is no subscription \"crm\""), "{error}");
    let (code, _, error) = run(&["create", "crm", "--kind", "telepathy"]).await;
    assert!(code == Some(2) && error.contains("--kind: there is no kind telepathy"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_parked_is_listed_shown_tried_again_and_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    assert_eq!(messenger().post(&gateway, "[\"a person's words\"]").await, 200);
    let url = gateway.api_url();
    let run = async |arguments: &[&str]| {
        let output = kenh(&[&["parked"], arguments, &["--api", &url]].concat(), b"").await;
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    until("it is parked", || async { !run(&["list"]).await.1.is_empty() }).await;
    let listed = run(&["list", "--unreadable", "--channel", "messenger"]).await.1;
    let event: Value = serde_json::from_str(&listed).unwrap();
    assert!(event["channel"] == "messenger" && !listed.contains("words"), "{listed}");
    let id = event["id"].as_str().unwrap();
    let shown: Value = serde_json::from_str(&run(&["show", id]).await.1).unwrap();
    assert!(shown["raw"]["bytes"].is_string(), "the whole of it: {shown}");
    let (code, said, error) = run(&["redrive", id]).await;
    assert_eq!((code, said.trim()), (Some(1), format!("{id} still cannot be read").as_str()), "{error}");
    assert_eq!(run(&["redrive"]).await.0, Some(2), "of which ones is not said");
    assert_eq!(run(&["discard", "--unreadable"]).await.1.trim(), "1 discarded");
    assert_eq!(run(&["list"]).await, (Some(0), String::new(), String::new()));
    let (code, _, error) = run(&["show", id]).await;
    assert!(code == Some(1) && error.contains("there is no parked event"), "{error}");
}
