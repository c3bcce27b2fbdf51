//! What answers mean: an object with 201, nothing with 204, or `{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED",…}`.
//! See <https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling>.

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    AuthBroken, ContentForbidden, ContentInvalid, ContentTooLarge, NotPermitted, Refused, TargetInvalid, Throttled,
};
use serde_json::Value;

/// The body, `Null` where there is none; else how the call ended. The status decides: codes are many and not all published.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, Outcome> {
    let body = reply.json();
    let is_success = (200..300).contains(&reply.status);
    if is_success && (body.is_object() || reply.body.is_empty()) {
        return Ok(body);
    }
    let words = ["serviceErrorCode", "code", "message"].iter().any(|name| body.get(name).is_some());
    if is_success || !words || reply.status >= 500 {
        return Err(reply.wordless(effect));
    }
    let reason = match reply.status {
        400 | 422 => ContentInvalid,
        401 => AuthBroken,
        403 => NotPermitted,
        404 => TargetInvalid,
        // The same comment again.
        409 => ContentForbidden,
        413 => ContentTooLarge,
        429 => Throttled,
        _ => Refused,
    };
    let retry = match reply.status {
        401 => Retry::NewToken,
        429 => reply.pause(),
        _ => Retry::Never,
    };
    let number = body.get("serviceErrorCode").and_then(Value::as_u64).filter(|code| *code > 0);
    let word = body.get("code").and_then(Value::as_str).and_then(word);
    let code = number.map(|code| code.to_string()).or_else(|| word.map(Into::into));
    Err(Failure::passing(reason, code.unwrap_or_else(|| format!("http_{}", reply.status)), retry))
}

/// A code as codes are.
fn word(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    Some(text).filter(|text| (1..=64).contains(&text.len()) && text.bytes().all(plain))
}
