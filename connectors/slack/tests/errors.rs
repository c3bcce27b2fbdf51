//! What every documented error means. Written down from Slack's own lists, apart from the connector's table.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use connector_slack::CONNECTOR;
use connector_testkit::Endpoint;
use serde_json::{Value, json};

/// Errors; reason; retry.
const LISTED: &[(&[&str], &str, &str)] = &[
    (&["channel_not_found", "is_archived", "user_not_found", "user_disabled"], "RECIPIENT_UNKNOWN", "Never"),
    (&["not_in_channel", "restricted_action", "missing_scope", "no_permission"], "NOT_PERMITTED", "Never"),
    (&["msg_too_long", "msg_blocks_too_long"], "CONTENT_TOO_LARGE", "Never"),
    (&["no_text", "invalid_blocks", "invalid_arguments"], "CONTENT_INVALID", "Never"),
    (
        &["message_not_found", "cant_update_message", "cant_delete_message", "edit_window_closed"],
        "TARGET_INVALID",
        "Never",
    ),
    (&["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"], "AUTH_BROKEN", "NewToken"),
    (&["ratelimited"], "THROTTLED", "After(9s)"),
    (&["service_unavailable"], "CHANNEL_UNAVAILABLE", "After(9s)"),
    (&["nobody_knows_this"], "REFUSED", "Never"),
];

fn ended(action: &Value, answer: &Value) -> Value {
    let fixture = json!({"action": action, "to": {"group": "C00000001"}, "account": "T00000001", "answers": [answer]});
    let sent = Endpoint::example(&CONNECTOR).sent(&fixture);
    sent["pieces"][0].as_array().and_then(|steps| steps.last().cloned()).unwrap()
}

fn error(word: &str) -> Value {
    json!({"status": 200, "retry_after": 9, "body": {"ok": false, "error": word}})
}

#[test]
fn every_listed_error_means_what_the_list_says() {
    let hello = json!({"message": {"text": {"body": "hello"}}});
    for (words, reason, retry) in LISTED {
        for word in *words {
            let expected = json!({"failed": format!("SEND_REASON_{reason}"), "code": word, "retry": retry});
            assert_eq!(ended(&hello, &error(word)), expected, "{word}");
        }
    }
}

#[test]
fn what_may_have_been_done_is_unknown_unless_doing_it_again_changes_nothing() {
    let hello = json!({"message": {"text": {"body": "hello"}}});
    let taken_back = json!({"delete": {"provider_message_id": "1767225600.000100"}});
    for word in ["internal_error", "fatal_error", "request_timeout"] {
        assert_eq!(ended(&hello, &error(word)), "unknown", "{word}");
        let again = json!({"failed": "SEND_REASON_CHANNEL_UNAVAILABLE", "code": word, "retry": "After(9s)"});
        assert_eq!(ended(&taken_back, &error(word)), again, "{word}");
    }
}
