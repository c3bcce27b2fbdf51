//! What answers mean. Errors are `{"message":"…","details":[{"message":"…","property":"…"}]}` with a status that is not 2xx;
//! there are no codes. See <https://developers.line.biz/en/reference/messaging-api/#error-responses>.

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry, coded};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ContentInvalid, ContentTooLarge, NotPermitted, QuotaExhausted, RecipientUnknown, Refused,
    Throttled,
};
use serde_json::Value;

/// How a call ended that gave nothing.
#[derive(Debug)]
pub(super) enum Ended {
    /// So.
    As(Outcome),
    /// The reply token was used, or its minute is over.
    TokenSpent,
}

/// Status; part of the sentence, in lower case; meaning. The first that fits decides.
type Fact = (u16, &'static str, SendReason);

#[rustfmt::skip]
const FACTS: &[Fact] = &[
    // Not a friend of the account, or no longer on LINE.
    (400, "failed to send messages", RecipientUnknown),
    (400, "the property, 'to'", RecipientUnknown),
    (400, "", ContentInvalid),
    (403, "", NotPermitted),
    (404, "", RecipientUnknown),
    (413, "", ContentTooLarge),
    (415, "", ContentInvalid),
    (429, "monthly limit", QuotaExhausted),
];

/// The body of a success. What was done before by the same key is one: 409.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, Ended> {
    let body = reply.json();
    match reply.status {
        200..=299 if body.is_object() => Ok(body),
        409 if effect == Effect::Keyed => Ok(body),
        200..=299 | 500.. => Err(Ended::As(reply.wordless(effect))),
        status => Err(refused(reply, status, &body)),
    }
}

fn refused(reply: &Reply, status: u16, body: &Value) -> Ended {
    let sentence = body.get("message").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    if status == 400 && sentence.contains("invalid reply token") {
        return Ended::TokenSpent;
    }
    let code = Some(status.to_string());
    if status == 401 {
        return Ended::As(Failure::passing(AuthBroken, code, Retry::NewToken));
    }
    Ended::As(match FACTS.iter().find(|(of, part, _)| *of == status && sentence.contains(part)) {
        Some((_, "", reason)) => Failure::permanent(*reason, code),
        Some((_, part, reason)) => Failure::permanent(*reason, coded(status, part)),
        None if status == 429 => Failure::passing(Throttled, code, reply.pause()),
        None => Failure::permanent(Refused, code),
    })
}
