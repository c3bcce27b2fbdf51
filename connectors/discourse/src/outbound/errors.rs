//! What answers mean: an object; `{"errors":["…"]}` with 422; `{"errors":["…"],"error_type":"rate_limit","extras":{"wait_seconds":7}}`.
//! The sentences are in the site's language, and may repeat what was sent: only known ones are named.

use std::time::Duration;

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry, coded};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ChannelUnavailable, ContentForbidden, ContentInvalid, ContentTooLarge, NotPermitted,
    RecipientUnknown, Refused, TargetInvalid, Throttled,
};
use serde_json::Value;

/// Parts of English sentences, in lower case.
const SENTENCES: &[(&str, SendReason)] = &[
    ("api username or key is invalid", AuthBroken),
    ("too short", ContentInvalid),
    ("too long", ContentTooLarge),
    ("too similar to what you recently posted", ContentForbidden),
    ("not clear, is it a complete sentence", ContentInvalid),
    ("must select a valid user", RecipientUnknown),
    ("cannot send a personal message to", RecipientUnknown),
    ("topic is closed", NotPermitted),
];

const TYPES: &[(&str, SendReason)] = &[
    ("rate_limit", Throttled),
    ("not_found", TargetInvalid),
    ("invalid_access", NotPermitted),
    ("not_logged_in", AuthBroken),
    ("invalid_parameters", ContentInvalid),
    ("read_only", ChannelUnavailable),
];

/// The answer; else how the call ended.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, Outcome> {
    let body = reply.json();
    let errors = body.get("errors").and_then(Value::as_array);
    let kind = body.get("error_type").and_then(Value::as_str);
    if (200..300).contains(&reply.status) && errors.is_none() {
        let taken = !body.is_null() || (reply.body.is_empty() && effect != Effect::Visible);
        return if taken { Ok(body) } else { Err(reply.wordless(effect)) };
    }
    if errors.is_none() && kind.is_none() || reply.status >= 500 && kind != Some("read_only") {
        return Err(reply.wordless(effect));
    }
    let sentence = errors.and_then(|errors| errors.first()?.as_str()).unwrap_or_default().to_lowercase();
    let known = SENTENCES.iter().find(|(part, _)| sentence.contains(part));
    let known_type = TYPES.iter().find(|(word, _)| kind == Some(*word));
    let reason = known.or(known_type).map_or(of_status(reply.status), |(_, reason)| *reason);
    let retry = if reason == AuthBroken {
        Retry::NewToken
    } else if matches!(reason, Throttled | ChannelUnavailable) {
        pause(reply, &body)
    } else {
        Retry::Never
    };
    let words = known.or(known_type).map_or("", |(words, _)| *words);
    let code = if words.is_empty() { reply.status.to_string() } else { coded(reply.status, words) };
    Err(Failure::passing(reason, code, retry))
}

fn of_status(status: u16) -> SendReason {
    match status {
        400 | 422 => ContentInvalid,
        401 => AuthBroken,
        403 => NotPermitted,
        404 | 410 => TargetInvalid,
        413 => ContentTooLarge,
        429 => Throttled,
        _ => Refused,
    }
}

fn pause(reply: &Reply, body: &Value) -> Retry {
    /// Nothing asks for more than a day.
    const LONGEST: u64 = 86_400;
    let told = body.pointer("/extras/wait_seconds").and_then(Value::as_u64).filter(|seconds| *seconds <= LONGEST);
    told.map_or_else(|| reply.pause(), |seconds| Retry::After(Duration::from_secs(seconds)))
}
