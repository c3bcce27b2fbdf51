//! Settings of sending, and rules that no single golden shows.

use connector_testkit::Endpoint;
use connector_viber::CONNECTOR;
use serde_json::{Value, json};

const BOT: &str = "account_id: 'pa:1'\nauth_tokens: t\n";
const ACCOUNT: &str = "accounts:\n  'pa:1':\n    token: t\nsender_name: Shop\n";

fn sent(more: &str, answers: &Value) -> Value {
    Endpoint::of(&CONNECTOR, &format!("{BOT}{ACCOUNT}{more}")).sent(&json!({
        "action": {"message": {"text": {"body": "hello"}}},
        "to": {"contact": {"scheme": "viber_user_id", "value": "abc/+=="}},
        "account": "pa:1",
        "answers": answers,
    }))
}

#[test]
fn without_a_token_it_only_receives() {
    assert!(!Endpoint::of(&CONNECTOR, BOT).sends());
    assert!(Endpoint::of(&CONNECTOR, &format!("{BOT}{ACCOUNT}")).sends());
}

#[test]
fn the_id_of_a_message_keeps_all_digits() {
    let body = r#"{"status":0,"status_message":"ok","message_token":18446744073709551615}"#;
    let taken = sent("", &json!([{"status": 200, "body": body}]));
    assert_eq!(taken["pieces"][0][1]["accepted"], json!(["18446744073709551615"]));
}

#[test]
fn people_see_who_writes_and_the_token_stands_in_a_header() {
    let called =
        sent("sender_avatar: https://shop.example.test/a.png\napi_url: http://127.0.0.1:8081/pa/\n", &json!([]));
    let call = &called["pieces"][0][0];
    assert_eq!(call["call"], "POST http://127.0.0.1:8081/pa/send_message");
    assert_eq!(call["headers"], json!(["X-Viber-Auth-Token: {token}"]));
    assert_eq!(call["body"]["sender"], json!({"name": "Shop", "avatar": "https://shop.example.test/a.png"}));
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    for (wrong, named) in [
        ("accounts:\n  'pa:2':\n    token: t\nsender_name: Shop\n", "viber.accounts"),
        ("accounts:\n  'pa:1':\n    name: Shop\nsender_name: Shop\n", "viber.accounts.pa:1.token"),
        ("accounts:\n  'pa:1':\n    token: t\n", "viber.sender_name"),
        ("accounts:\n  'pa:1':\n    token: t\nsender_name: A name of more than 28 characters\n", "viber.sender_name"),
        ("accounts:\n  'pa:1':\n    token: t\nsender_name: Shop\nsender_avatar: me.png\n", "viber.sender_avatar"),
        (
            "accounts:\n  'pa:1':\n    token: t\nsender_name: Shop\nrequests_per_second: 0\n",
            "viber.requests_per_second",
        ),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, &format!("{BOT}{wrong}")), [named], "{wrong}");
    }
}
