//! Rules of sending that no single golden shows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use connector_discord::CONNECTOR;
use connector_testkit::Endpoint;
use serde_json::{Value, json};

const BASE: &str = "public_keys: test:key\naccounts: {'1000000000000000001': {token: t}}\n";

fn sent(more: &str, fixture: &Value) -> Value {
    let answers = json!([{"status": 200, "body": {"id": "7", "channel_id": "6"}}]);
    let mut whole = json!({
        "action": {"message": {"text": {"body": "hello"}}},
        "to": {"group": "6"},
        "account": "1000000000000000001",
        "answers": answers,
    });
    let members = whole.as_object_mut().unwrap();
    members.extend(fixture.as_object().unwrap().clone());
    Endpoint::of(&CONNECTOR, &format!("{BASE}{more}")).sent(&whole)["pieces"][0][0].clone()
}

#[test]
fn what_follows_an_interaction_is_seen_by_one_person_where_that_is_set() {
    let token = json!({"reply_token": "aW50"});
    assert_eq!(sent("", &token)["body"].get("flags"), None);
    assert_eq!(sent("ephemeral: true", &token)["body"]["flags"], json!(64));
    assert_eq!(sent("ephemeral: true", &json!({}))["body"].get("flags"), None, "a bot's own messages cannot be");
    let silent = json!({"reply_token": "aW50", "options": {"silent": "true"}});
    assert_eq!(sent("ephemeral: true", &silent)["body"]["flags"], json!(64 + 4096));
}

#[test]
fn what_cannot_be_a_token_does_not_get_into_an_address() {
    for token in ["..", "a/b", "a?b", "", "{token}"] {
        let call = sent("", &json!({"reply_token": token}));
        assert_eq!(call["call"], "POST https://discord.com/api/v10/channels/6/messages", "{token}");
    }
}

#[test]
fn the_interactions_token_is_in_no_call() {
    let call = sent("", &json!({"reply_token": "c2VjcmV0LXRva2Vu"})).to_string();
    assert!(call.contains("{reply_token}") && !call.contains("c2VjcmV0"), "{call}");
}
