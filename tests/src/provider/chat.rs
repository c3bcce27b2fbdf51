//! What Telegram, LINE, Slack, Viber, Teams, X, Discord and TikTok say when they take something.

use serde_json::{Value, json};

/// The answer of the API a path belongs to, if it is one of theirs. `host` is where the call went.
pub(super) fn taken(path: &str, number: usize, host: &str) -> Option<Value> {
    let method = path.rsplit('/').next()?;
    if path.starts_with("/bot") {
        let result = match method {
            "answerCallbackQuery" | "deleteMessage" | "setMessageReaction" | "sendChatAction" => json!(true),
            _ => json!({"message_id": number, "date": 1_772_532_000, "chat": {"id": 700_001, "type": "private"}}),
        };
        return Some(json!({"ok": true, "result": result}));
    }
    if path.starts_with("/v2/bot/message/") {
        let sent = json!([{"id": format!("line-{number:04}"), "quoteToken": format!("quote-{number:04}")}]);
        return Some(json!({"sentMessages": sent}));
    }
    if path.starts_with("/2/dm_conversations/") {
        return Some(
            json!({"data": {"dm_conversation_id": "1-2", "dm_event_id": format!("20800000000000{number:05}")}}),
        );
    }
    if path.starts_with("/discord/") {
        return Some(json!({"id": format!("14000000000000{number:05}"), "channel_id": "1200000000000000006"}));
    }
    if path == "/open_api/v1.3/business/message/send/" {
        return Some(
            json!({"code": 0, "message": "OK", "data": {"message": {"message_id": format!("tt-{number:04}")}}}),
        );
    }
    if path.starts_with("/teams/v3/conversations/") {
        return Some(json!({"id": format!("17672257{number:05}")}));
    }
    match path {
        "/login/oauth2/v2.0/token" => {
            Some(json!({"token_type": "Bearer", "expires_in": 3600, "access_token": format!("bot-token-{number:04}")}))
        }
        "/slack/chat.postMessage" => {
            Some(json!({"ok": true, "channel": "D00000001", "ts": format!("1767225700.{number:06}")}))
        }
        "/slack/files.getUploadURLExternal" => {
            let url = format!("http://{host}/slack-files/{number}");
            Some(json!({"ok": true, "upload_url": url, "file_id": format!("F{number:08}")}))
        }
        "/slack/conversations.open" => Some(json!({"ok": true, "channel": {"id": "D00000001"}})),
        "/pa/send_message" => {
            let token = 6_012_345_678_901_234_000_u64 + u64::try_from(number).unwrap_or_default();
            Some(json!({"status": 0, "status_message": "ok", "message_token": token, "billing_status": 1}))
        }
        _ if path.starts_with("/slack/") => Some(json!({"ok": true})),
        _ => None,
    }
}
