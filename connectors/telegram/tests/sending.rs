//! Settings of sending, and rules that no single golden shows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use connector_telegram::CONNECTOR;
use connector_testkit::Endpoint;
use serde_json::{Value, json};

const BOT: &str = "bot_id: '800001'\nsecret_tokens: s\n";
const ACCOUNT: &str = "accounts:\n  '800001':\n    token: 800001:AAF\n";

fn hello(to: &Value) -> Value {
    json!({"action": {"message": {"text": {"body": "hello"}}}, "to": to, "account": "800001"})
}

fn address(more: &str) -> String {
    let endpoint = Endpoint::of(&CONNECTOR, &format!("{BOT}{ACCOUNT}{more}"));
    let person = json!({"contact": {"scheme": "telegram_user_id", "value": "700001"}});
    endpoint.sent(&hello(&person))["pieces"][0][0]["call"].as_str().unwrap().to_owned()
}

#[test]
fn without_a_token_it_only_receives() {
    assert!(!Endpoint::of(&CONNECTOR, BOT).sends());
    assert!(Endpoint::of(&CONNECTOR, &format!("{BOT}{ACCOUNT}")).sends());
}

#[test]
fn the_token_stands_in_the_path_and_the_api_may_be_elsewhere() {
    assert_eq!(address(""), "POST https://api.telegram.org/bot{token}/sendMessage");
    let elsewhere = address("api_url: http://127.0.0.1:8081/");
    assert_eq!(elsewhere, "POST http://127.0.0.1:8081/bot{token}/sendMessage");
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    for (wrong, named) in [
        ("accounts:\n  '800002':\n    token: t\n", "telegram.accounts"),
        ("accounts:\n  '800001':\n    name: Bot\n", "telegram.accounts.800001.token"),
        ("accounts:\n  '800001':\n    token: t\napi_url: http://api.example.test\n", "telegram.api_url"),
        ("accounts:\n  '800001':\n    token: t\napi_url: https://api.example.test/{token}\n", "telegram.api_url"),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, &format!("{BOT}{wrong}")), [named], "{wrong}");
    }
}

#[test]
fn ids_of_chats_keep_all_digits() {
    for id in ["9007199254740993", "-1009007199254740993"] {
        let called = Endpoint::example(&CONNECTOR).sent(&hello(&json!({"group": id})));
        assert_eq!(called["pieces"][0][0]["body"]["chat_id"].to_string(), id);
    }
}
