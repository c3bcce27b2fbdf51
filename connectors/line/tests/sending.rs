//! Settings of sending, and rules that no single golden shows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use connector_line::CONNECTOR;
use connector_testkit::Endpoint;
use serde_json::{Value, json};

const CHANNEL: &str = "channel_secrets: s\n";
const ACCOUNT: &str = "accounts:\n  U00000000000000000000000000000001:\n    token: t\n";
const TO: &str = "U0000000000000000000000000000aaaa";

fn sent(endpoint: &Endpoint, parts: &Value, answers: &Value) -> Value {
    endpoint.sent(&json!({
        "action": {"message": {"text": {"body": "hello"}, "parts": parts}},
        "to": {"contact": {"scheme": "line_user_id", "value": TO}},
        "account": "U00000000000000000000000000000001",
        "answers": answers,
    }))
}

fn keys(sent: &Value) -> Vec<String> {
    let calls = sent["pieces"].as_array().unwrap().iter().flat_map(|piece| piece.as_array().unwrap());
    let headers = calls.filter_map(|step| step["headers"].as_array()).flatten().filter_map(Value::as_str);
    headers.filter_map(|header| header.strip_prefix("X-Line-Retry-Key: ")).map(ToOwned::to_owned).collect()
}

#[test]
fn without_an_account_it_only_receives() {
    assert!(!Endpoint::of(&CONNECTOR, CHANNEL).sends());
    assert!(Endpoint::of(&CONNECTOR, &format!("{CHANNEL}{ACCOUNT}")).sends());
}

#[test]
fn every_piece_has_a_key_of_its_own_that_stays_the_same() {
    let endpoint = Endpoint::example(&CONNECTOR);
    let pictures: Vec<_> = (0..6)
        .map(|n| json!({"media": {"kind": "MEDIA_KIND_IMAGE", "url": format!("https://files.example.test/{n}.png")}}))
        .collect();
    let taken = json!({"status": 200, "body": {"sentMessages": []}});
    let first = keys(&sent(&endpoint, &json!(pictures), &json!([taken, taken])));
    assert_eq!(first.len(), 2);
    assert_ne!(first[0], first[1]);
    assert_eq!(keys(&sent(&endpoint, &json!(pictures), &json!([taken, taken]))), first);
    let shape: Vec<_> = first[0].split('-').map(str::len).collect();
    assert_eq!(shape, [8, 4, 4, 4, 12], "LINE wants a UUID");
}

#[test]
fn a_repeat_is_a_success_for_a_push_alone() {
    let endpoint = Endpoint::example(&CONNECTOR);
    let known = json!([{"status": 409, "body": {"message": "The retry key is already accepted"}}]);
    assert_eq!(sent(&endpoint, &json!([]), &known)["pieces"][0][1], json!({"accepted": [], "notes": {}}));
}

#[test]
fn the_api_may_be_elsewhere() {
    let endpoint = Endpoint::of(&CONNECTOR, &format!("{CHANNEL}{ACCOUNT}api_url: http://127.0.0.1:8081/\n"));
    let called = sent(&endpoint, &json!([]), &json!([]));
    assert_eq!(called["pieces"][0][0]["call"], "POST http://127.0.0.1:8081/v2/bot/message/push");
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    for (wrong, named) in [
        ("accounts:\n  shop:\n    token: t\n", "line.accounts"),
        (
            "accounts:\n  U00000000000000000000000000000001:\n    name: Shop\n",
            "line.accounts.U00000000000000000000000000000001.token",
        ),
        ("accounts:\n  U00000000000000000000000000000001:\n    token: t\napi_url: ftp://a\n", "line.api_url"),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, &format!("{CHANNEL}{wrong}")), [named], "{wrong}");
    }
}
