//! What bad input gets.

use std::time::Duration;

use kenh_proto::v1::{ListEventsRequest, envelope::Payload};
use kenh_runtime::clock;
use kenh_tests::{
    gateway::{Gateway, Setup, VERIFY_TOKEN},
    stream::{self, envelope, text},
    until,
    webhook::{client, messenger, messenger_batch, messenger_item, messenger_text, slack, zalo, zalo_text},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn gateway() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Setup::embedded(folder.path()).start().await, folder)
}

async fn stored(gateway: &Gateway) -> Vec<kenh_proto::v1::Delivery> {
    stream::list(gateway, ListEventsRequest::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_is_refused_and_nothing_is_stored() {
    let (gateway, _folder) = gateway().await;
    let body = messenger_text(660_001, "m_1", "hello");
    let right = messenger().sign(body.as_bytes())[0].1.clone();
    let other = messenger().sign(b"another body")[0].1.clone();
    let digits = right.trim_start_matches("sha256=").to_owned();
    let wrong = [
        None,
        Some(String::new()),
        Some(other),
        Some(digits.clone()),
        Some(format!("sha1={digits}")),
        Some(right.strip_suffix(|_| true).unwrap().to_owned()),
        Some(format!("{right}0")),
        Some("sha256=pvRsZCdbGgZXcVBpPPDAxDKMQcyKQ0yR4ETp+JkT9xM=".to_owned()),
    ];
    let count = wrong.len();
    for signature in wrong {
        let mut call = client().post(gateway.url("messenger", "main")).body(body.clone());
        if let Some(signature) = &signature {
            call = call.header("x-hub-signature-256", signature);
        }
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{signature:?}");
        let said = answer.text().await.unwrap();
        assert!(!said.contains(&digits) && !said.contains("hello"), "{said}");
    }
    assert!(stored(&gateway).await.is_empty());
    let refused = gateway.metric("kenh_deliveries_rejected_total", "channel=\"messenger\"").await;
    assert!((refused - f64::from(u32::try_from(count).unwrap())).abs() < 0.1, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_is_refused_on_every_channel() {
    let (gateway, _folder) = gateway().await;
    for (channel, url, body) in [
        (messenger(), gateway.url("messenger", "main"), messenger_text(660_001, "m_1", "hello")),
        (zalo(), gateway.url("zalo", "main"), zalo_text(555, "z_1", "hello")),
    ] {
        let mut call = client().post(&url).body(body.replace("hello", "hallo"));
        for (name, value) in channel.sign(body.as_bytes()) {
            call = call.header(name, value);
        }
        assert_eq!(call.send().await.unwrap().status(), 401);
    }
    assert!(stored(&gateway).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let (gateway, _folder) = gateway().await;
    let mut declared = TcpStream::connect(("127.0.0.1", gateway.web)).await.unwrap();
    let head = "POST /v1/webhooks/messenger/main HTTP/1.1\r\nHost: kenh\r\nContent-Length: 50000000\r\n\r\n";
    declared.write_all(head.as_bytes()).await.unwrap();
    assert!(answer(&mut declared).await.starts_with("HTTP/1.1 413"), "not a byte of the body was sent");

    let mut chunked = TcpStream::connect(("127.0.0.1", gateway.web)).await.unwrap();
    let head = "POST /v1/webhooks/messenger/main HTTP/1.1\r\nHost: kenh\r\nTransfer-Encoding: chunked\r\n\r\n";
    chunked.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 1 << 20], b"\r\n"].concat();
    let mut sent = 0;
    // The gateway may close before it has been sent five of them.
    while sent < 5 && chunked.write_all(&chunk).await.is_ok() {
        sent += 1;
    }
    assert!(answer(&mut chunked).await.starts_with("HTTP/1.1 413"));
    assert!(stored(&gateway).await.is_empty());
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 1024];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.expect("in time");
    String::from_utf8_lossy(&bytes[..read.unwrap_or(0)]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_closes_its_side_is_answered() {
    let (gateway, _folder) = gateway().await;
    let body = messenger_text(660_002, "m_half", "said, and closed");
    let signed = messenger().sign(body.as_bytes()).into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let head = "POST /v1/webhooks/messenger/main HTTP/1.1\r\nHost: kenh\r\n";
    let head = format!("{head}{}Content-Length: {}\r\n\r\n", signed.collect::<Vec<_>>().concat(), body.len());
    let mut half = TcpStream::connect(("127.0.0.1", gateway.web)).await.unwrap();
    half.write_all((head + &body).as_bytes()).await.unwrap();
    half.shutdown().await.unwrap();
    let answered = answer(&mut half).await;
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered:?}");
    assert_eq!(stored(&gateway).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_coming_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).env("KENH_INGRESS__BODY_TIMEOUT", "200ms").start().await;
    let mut slow = TcpStream::connect(("127.0.0.1", gateway.web)).await.unwrap();
    let head = "POST /v1/webhooks/messenger/main HTTP/1.1\r\nHost: kenh\r\nContent-Length: 100\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    assert!(answer(&mut slow).await.starts_with("HTTP/1.1 408"));
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_json_with_a_right_signature_is_kept_whole() {
    let (gateway, _folder) = gateway().await;
    for broken in ["{\"object\":\"page\",\"entry\":[", "", "[1,2", "not json at all"] {
        assert_eq!(messenger().post(&gateway, broken).await, 200, "{broken:?}");
    }
    let events = stored(&gateway).await;
    assert_eq!(events.len(), 4);
    for delivery in &events {
        let Some(Payload::Unsupported(unsupported)) = &envelope(delivery).payload else { panic!("{delivery:?}") };
        assert_eq!(unsupported.reason, "invalid_json");
    }
    let raw = envelope(&events[0]).raw.as_ref().unwrap();
    assert_eq!(raw.bytes.as_deref(), Some("{\"object\":\"page\",\"entry\":[".as_bytes()));
    assert!(raw.headers.contains_key("x-hub-signature-256"), "it can be proven again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_body_is_kept_whole_and_reaches_a_subscriber() {
    let (gateway, _folder) = gateway().await;
    let mut live = stream::Stream::open(&gateway, stream::latest()).await;
    let broken = format!("{{\"object\":\"page\",\"entry\":[\"{}", "x".repeat((4 << 20) - 40));
    assert_eq!(messenger().post(&gateway, &broken).await, 200);
    let delivery = live.delivery().await;
    assert_eq!(envelope(&delivery).raw.as_ref().unwrap().bytes.as_ref().unwrap().len(), broken.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_bytes_at_once_than_allowed_are_told_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path()).env("KENH_INGRESS__MAX_IN_FLIGHT_BYTES", "4MiB");
    let gateway = setup.env("KENH_INGRESS__MAX_IN_FLIGHT", "4").start().await;
    let mut slow = TcpStream::connect(("127.0.0.1", gateway.web)).await.unwrap();
    let head = "POST /v1/webhooks/messenger/main HTTP/1.1\r\nHost: kenh\r\nContent-Length: 4000000\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    let long = messenger_text(660_001, "m_long", &"x".repeat(300_000));
    until("the slow call holds its bytes", || async { messenger().post(&gateway, &long).await == 503 }).await;
    drop(slow);
    until("its bytes are free again", || async { messenger().post(&gateway, &long).await == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_item_costs_its_neighbours_nothing() {
    let (gateway, _folder) = gateway().await;
    let mut items: Vec<Value> = (0..1000).map(|n| messenger_item(660_000 + n, &format!("m_{n}"), "fine")).collect();
    items[10] = json!("a text where an object belongs");
    items[20] = json!({"sender": {"id": "1"}, "something_new": {"x": 1}});
    items[30]["message"]["text"] = json!(12);
    items[40] = Value::Null;
    assert_eq!(messenger().post(&gateway, &messenger_batch(&items)).await, 200);
    let events = stored(&gateway).await;
    assert_eq!(events.len(), 1000);
    let unsupported = |delivery: &&_| matches!(envelope(delivery).payload, Some(Payload::Unsupported(_)));
    assert_eq!(events.iter().filter(unsupported).count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_are_typed_or_kept_and_never_lost() {
    let (gateway, _folder) = gateway().await;
    let lone_surrogate = messenger_text(660_001, "m_a", "SURROGATE").replace("SURROGATE", "a\\ud800b");
    let nul = messenger_text(660_001, "m_b", "a\u{0}b");
    let big_ids = messenger_text(660_001, "m_c", "big").replace("\"660001\"", "12345678901234567890123");
    let duplicate = messenger_text(660_001, "m_d", "last").replace("\"text\":", "\"text\":\"first\",\"text\":");
    let invalid_utf8 = messenger_text(660_001, "m_e", "UTF8");
    for body in [&lone_surrogate, &nul, &big_ids, &duplicate, &invalid_utf8] {
        assert_eq!(messenger().post(&gateway, body).await, 200, "{body}");
    }
    for timestamp in ["17672256001", "176722560012", "1767225600123"] {
        let body = zalo_text(555, timestamp, "old").replace("\"1767225600123\"", &format!("\"{timestamp}\""));
        assert_eq!(zalo().post(&gateway, &body).await, 200, "{body}");
    }
    let events = stored(&gateway).await;
    assert_eq!(events.len(), 8);
    let find = |id: &str| {
        let found = |delivery: &&_| envelope(delivery).provider_message_id.as_deref() == Some(id);
        events.iter().find(found).unwrap_or_else(|| panic!("{id} is typed"))
    };
    assert_eq!((text(find("m_a")), text(find("m_b")), text(find("m_d"))), ("a\u{fffd}b", "a\u{0}b", "last"));
    assert_eq!(envelope(find("m_a")).quality.as_ref().unwrap().degraded, ["lone_surrogate"]);
    let big = envelope(find("m_c")).contact.as_ref().unwrap().identities[0].value.clone();
    assert_eq!(big, "12345678901234567890123", "to the last digit");
    assert!(envelope(find("17672256001")).occurred_at.is_none(), "a time that cannot be meant is left out");
    assert!(envelope(find("1767225600123")).occurred_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_methods_that_do_not_exist_are_named_as_such() {
    let (gateway, _folder) = gateway().await;
    let base = format!("http://127.0.0.1:{}", gateway.web);
    for path in ["/v1/webhooks/messenger/other", "/v1/webhooks/nowhere/main", "/v1/webhooks/messenger", "/", "/metrics"]
    {
        let answer = client().post(format!("{base}{path}")).body("{}").send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    let put = client().put(gateway.url("messenger", "main")).body("{}").send().await.unwrap();
    assert_eq!((put.status().as_u16(), put.headers()["allow"].to_str().unwrap()), (405, "GET, POST"));
    assert_eq!(client().get(gateway.url("zalo", "main")).send().await.unwrap().status(), 405, "Zalo has no handshake");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messenger_handshake_answers_the_challenge_and_nobody_else() {
    let (gateway, _folder) = gateway().await;
    let get = async |query: &str| {
        let answer = client().get(format!("{}?{query}", gateway.url("messenger", "main"))).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let right = format!("hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=1158201444");
    assert_eq!(get(&right).await, (200, "1158201444".into()));
    assert_eq!(get(&right.replace("hub.", "hub%2E")).await, (200, "1158201444".into()));
    assert_eq!(get("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1").await.0, 403);
    assert_eq!(get("hub.mode=subscribe").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn slacks_challenge_is_answered_to_slack_alone() {
    let (gateway, _folder) = gateway().await;
    let url = gateway.url("slack", "main");
    let body = r#"{"token":"t","challenge":"c-123","type":"url_verification"}"#;
    let answer = slack().call_at(&url, body, clock::now()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert_eq!(answer.text().await.unwrap(), "c-123");
    let stale = slack().call_at(&url, body, clock::now() - Duration::from_secs(400)).await.unwrap();
    let unsigned = client().post(&url).body(body).send().await.unwrap();
    for refused in [stale, unsigned] {
        assert_eq!(refused.status(), 401);
        assert!(!refused.text().await.unwrap().contains("c-123"));
    }
    let event = r#"{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_uninstalled"}}"#;
    let answer = slack().call_at(&url, event, clock::now()).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, ""));
    assert_eq!(stored(&gateway).await.len(), 1, "the challenge is no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn zalos_domain_verification_page_is_served() {
    let (gateway, _folder) = gateway().await;
    let url = format!("http://127.0.0.1:{}/zalo_verifierAbc-123.html", gateway.web);
    let page = client().get(url).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = page.text().await.unwrap();
    assert!(page.contains("zalo-platform-site-verification") && page.contains("Abc-123"), "{page}");
}
