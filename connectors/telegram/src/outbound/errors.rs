//! What answers of the Bot API mean: `{"ok":true,"result":…}` or
//! `{"ok":false,"error_code":400,"description":"…","parameters":{…}}`. Its errors have a number and an English sentence; the
//! sentence may repeat what was sent, so only known ones are named.
//! See <https://core.telegram.org/bots/api#making-requests>.

use std::time::Duration;

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry, coded};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ChannelUnavailable, ContentInvalid, ContentTooLarge, ContentUnsupported, MediaUnavailable,
    NotPermitted, OptedOut, RecipientUnknown, Refused, TargetInvalid, Throttled,
};
use serde_json::Value;

/// What is worth another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// The group has this id now.
    Migrated(i64),
    /// Telegram could not make use of what is behind an address.
    Address,
    /// The message has a caption in place of a text.
    Caption,
    /// It says so already.
    NotModified,
}

/// Number; part of the sentence, in lower case; meaning; hint.
type Fact = (i64, &'static str, SendReason, Option<Hint>);

/// All of them are for good. The first that fits decides.
#[rustfmt::skip]
const FACTS: &[Fact] = &[
    (400, "chat not found", RecipientUnknown, None),
    (400, "user not found", RecipientUnknown, None),
    (400, "peer_id_invalid", RecipientUnknown, None),
    (400, "message is too long", ContentTooLarge, None),
    (400, "caption is too long", ContentTooLarge, None),
    (400, "file is too big", ContentTooLarge, None),
    (400, "can't parse entities", ContentInvalid, None),
    (400, "text is empty", ContentInvalid, None),
    (400, "button_data_invalid", ContentInvalid, None),
    (400, "button_url_invalid", ContentInvalid, None),
    (400, "reaction_invalid", ContentInvalid, None),
    (400, "wrong file identifier", MediaUnavailable, Some(Hint::Address)),
    (400, "failed to get http url content", MediaUnavailable, Some(Hint::Address)),
    (400, "wrong type of the web page content", MediaUnavailable, Some(Hint::Address)),
    (400, "webpage_curl_failed", MediaUnavailable, Some(Hint::Address)),
    (400, "webpage_media_empty", MediaUnavailable, Some(Hint::Address)),
    (400, "message is not modified", ContentInvalid, Some(Hint::NotModified)),
    (400, "there is no text in the message to edit", TargetInvalid, Some(Hint::Caption)),
    (400, "message to be replied not found", TargetInvalid, None),
    (400, "message to edit not found", TargetInvalid, None),
    (400, "message to delete not found", TargetInvalid, None),
    (400, "message to react not found", TargetInvalid, None),
    (400, "message can't be edited", TargetInvalid, None),
    (400, "message can't be deleted", TargetInvalid, None),
    (400, "message thread not found", TargetInvalid, None),
    (400, "message_id_invalid", TargetInvalid, None),
    (400, "not enough rights", NotPermitted, None),
    (400, "have no rights to send", NotPermitted, None),
    (400, "chat_write_forbidden", NotPermitted, None),
    (400, "business_connection_invalid", NotPermitted, None),
    (403, "bot was blocked by the user", OptedOut, None),
    (403, "bot was kicked", OptedOut, None),
    (403, "user is deactivated", RecipientUnknown, None),
    (403, "bot can't initiate conversation", RecipientUnknown, None),
    (403, "group chat was deleted", RecipientUnknown, None),
    // A server of one's own that is older than the method.
    (404, "method not found", ContentUnsupported, None),
];

/// `result`; else how the call ended. The error decides, not the status, which is the same number.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, (Outcome, Option<Hint>)> {
    let mut body = reply.json();
    match body.get("ok").and_then(Value::as_bool) {
        Some(true) => Ok(body.get_mut("result").map(Value::take).unwrap_or_default()),
        Some(false) => Err(refused(reply, &body)),
        None => Err((reply.wordless(effect), None)),
    }
}

fn refused(reply: &Reply, body: &Value) -> (Outcome, Option<Hint>) {
    let number = body.get("error_code").and_then(Value::as_i64).unwrap_or_else(|| reply.status.into());
    let parameter = |name: &str| body.get("parameters")?.get(name)?.as_i64();
    let sentence = body.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    if let Some(id) = parameter("migrate_to_chat_id") {
        return (Failure::permanent(RecipientUnknown, coded(number, "chat migrated")), Some(Hint::Migrated(id)));
    }
    if let Some((_, part, reason, hint)) = FACTS.iter().find(|(of, part, ..)| *of == number && sentence.contains(part))
    {
        return (Failure::permanent(*reason, coded(number, part)), *hint);
    }
    let asked = parameter("retry_after").and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
    let pause = asked.into_iter().chain(reply.retry_after).max().map_or(Retry::Soon, Retry::After);
    let (reason, retry) = match number {
        // A token that cannot be one is answered with 404.
        401 | 404 => (AuthBroken, Retry::NewToken),
        403 => (NotPermitted, Retry::Never),
        413 => (ContentTooLarge, Retry::Never),
        429 => (Throttled, pause),
        // 409: somebody else is at work with this bot.
        409 | 500.. => (ChannelUnavailable, pause),
        _ => (Refused, Retry::Never),
    };
    (Failure::passing(reason, number.to_string(), retry), None)
}
