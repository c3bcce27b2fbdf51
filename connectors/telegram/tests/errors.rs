//! What every documented error means. Written down from Telegram's own words, apart from the connector's table.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use connector_telegram::CONNECTOR;
use connector_testkit::Endpoint;
use serde_json::{Value, json};

/// Number, description, reason, code, retry.
#[rustfmt::skip]
const LISTED: &[(u16, &str, &str, &str, &str)] = &[
    (400, "Bad Request: chat not found", "RECIPIENT_UNKNOWN", "400/chat_not_found", "Never"),
    (400, "Bad Request: user not found", "RECIPIENT_UNKNOWN", "400/user_not_found", "Never"),
    (400, "Bad Request: PEER_ID_INVALID", "RECIPIENT_UNKNOWN", "400/peer_id_invalid", "Never"),
    (400, "Bad Request: message is too long", "CONTENT_TOO_LARGE", "400/message_is_too_long", "Never"),
    (400, "Bad Request: message caption is too long", "CONTENT_TOO_LARGE", "400/caption_is_too_long", "Never"),
    (400, "Bad Request: file is too big", "CONTENT_TOO_LARGE", "400/file_is_too_big", "Never"),
    (400, "Bad Request: can't parse entities: in \"words\"", "CONTENT_INVALID", "400/can_t_parse_entities", "Never"),
    (400, "Bad Request: message text is empty", "CONTENT_INVALID", "400/text_is_empty", "Never"),
    (400, "Bad Request: BUTTON_DATA_INVALID", "CONTENT_INVALID", "400/button_data_invalid", "Never"),
    (400, "Bad Request: BUTTON_URL_INVALID", "CONTENT_INVALID", "400/button_url_invalid", "Never"),
    (400, "Bad Request: message to be replied not found", "TARGET_INVALID", "400/message_to_be_replied_not_found", "Never"),
    (400, "Bad Request: message thread not found", "TARGET_INVALID", "400/message_thread_not_found", "Never"),
    (400, "Bad Request: MESSAGE_ID_INVALID", "TARGET_INVALID", "400/message_id_invalid", "Never"),
    (400, "Bad Request: not enough rights to send text messages to the chat", "NOT_PERMITTED", "400/not_enough_rights", "Never"),
    (400, "Bad Request: have no rights to send a message", "NOT_PERMITTED", "400/have_no_rights_to_send", "Never"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN", "NOT_PERMITTED", "400/chat_write_forbidden", "Never"),
    (400, "Bad Request: BUSINESS_CONNECTION_INVALID", "NOT_PERMITTED", "400/business_connection_invalid", "Never"),
    (400, "Bad Request: words nobody knows", "REFUSED", "400", "Never"),
    (401, "Unauthorized", "AUTH_BROKEN", "401", "NewToken"),
    (403, "Forbidden: bot was blocked by the user", "OPTED_OUT", "403/bot_was_blocked_by_the_user", "Never"),
    (403, "Forbidden: bot was kicked from the supergroup chat", "OPTED_OUT", "403/bot_was_kicked", "Never"),
    (403, "Forbidden: user is deactivated", "RECIPIENT_UNKNOWN", "403/user_is_deactivated", "Never"),
    (403, "Forbidden: bot can't initiate conversation with a user", "RECIPIENT_UNKNOWN", "403/bot_can_t_initiate_conversation", "Never"),
    (403, "Forbidden: the group chat was deleted", "RECIPIENT_UNKNOWN", "403/group_chat_was_deleted", "Never"),
    (403, "Forbidden: bot is not a member of the channel chat", "NOT_PERMITTED", "403", "Never"),
    (404, "Not Found: method not found", "CONTENT_UNSUPPORTED", "404/method_not_found", "Never"),
    (404, "Not Found", "AUTH_BROKEN", "404", "NewToken"),
    (409, "Conflict: terminated by setWebhook request", "CHANNEL_UNAVAILABLE", "409", "Soon"),
    (413, "Request Entity Too Large", "CONTENT_TOO_LARGE", "413", "Never"),
    (429, "Too Many Requests: retry after 5", "THROTTLED", "429", "Soon"),
    (500, "Internal Server Error: restart", "CHANNEL_UNAVAILABLE", "500", "Soon"),
    (502, "Bad Gateway", "CHANNEL_UNAVAILABLE", "502", "Soon"),
];

fn outcome(answer: &Value) -> Value {
    let fixture = json!({
        "action": {"message": {"text": {"body": "hello"}}},
        "to": {"contact": {"scheme": "telegram_user_id", "value": "700001"}},
        "account": "800001",
        "answers": [answer],
    });
    Endpoint::example(&CONNECTOR).sent(&fixture)["pieces"][0]
        .as_array()
        .and_then(|steps| steps.last().cloned())
        .unwrap()
}

#[test]
fn every_listed_error_means_what_the_list_says() {
    for (number, description, reason, code, retry) in LISTED {
        let body = json!({"ok": false, "error_code": number, "description": description});
        let expected = json!({"failed": format!("SEND_REASON_{reason}"), "code": code, "retry": retry});
        assert_eq!(outcome(&json!({"status": number, "body": body})), expected, "{number} {description}");
    }
}

#[test]
fn the_longest_time_telegram_asks_for_counts() {
    let throttled = |parameters: Value, header: Option<u64>| {
        let body =
            json!({"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": parameters});
        outcome(&json!({"status": 429, "body": body, "retry_after": header}))["retry"].clone()
    };
    assert_eq!(throttled(json!({"retry_after": 17}), None), "After(17s)");
    assert_eq!(throttled(json!({"retry_after": 17}), Some(30)), "After(30s)");
    assert_eq!(throttled(json!({}), Some(3)), "After(3s)");
    assert_eq!(throttled(json!({"retry_after": -1}), None), "Soon");
}
