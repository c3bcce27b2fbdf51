//! What answers mean: `{"status":0,"status_message":"ok","message_token":…}`, with HTTP status 200 whatever happened.
//! See <https://developers.viber.com/docs/api/rest-bot-api/#error-codes>.

use std::collections::BTreeMap;

use connector_sdk::outbound::{Accepted, Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ContentInvalid, ContentUnsupported, NotPermitted, OptedOut, QuotaExhausted, RecipientUnknown,
    Refused, Throttled,
};
use serde_json::Value;

/// Codes and what they mean. A code that is not here is REFUSED.
const FACTS: &[(&[u64], SendReason)] = &[
    // An address; data; a member that is missing.
    (&[1, 3, 4], ContentInvalid),
    (&[2], AuthBroken),
    // Not on Viber; on no device that knows bots.
    (&[5, 11], RecipientUnknown),
    // Never subscribed, or no longer.
    (&[6], OptedOut),
    // The bot is blocked, gone, suspended, has no webhook, has no right.
    (&[7, 8, 9, 10, 15], NotPermitted),
    (&[12], Throttled),
    // What the device of the receiver, or the API, is too old for.
    (&[13, 14], ContentUnsupported),
    // In a chat that was begun elsewhere; broadcasts; a country; payments.
    (&[16, 17, 18, 19, 20, 21, 22], NotPermitted),
    // Free messages out of a session; money.
    (&[23, 24], QuotaExhausted),
];

/// How the call ended.
pub(super) fn ended(reply: &Reply) -> Outcome {
    let body = reply.json();
    let Some(status) = body.get("status").and_then(Value::as_u64) else { return reply.wordless(Effect::Visible) };
    if status == 0 {
        return Outcome::Accepted(accepted(&body));
    }
    let fact = FACTS.iter().find(|(codes, _)| codes.contains(&status));
    let reason = fact.map_or(Refused, |(_, reason)| *reason);
    let retry = match status {
        2 => Retry::NewToken,
        12 => reply.pause(),
        _ => Retry::Never,
    };
    Failure::passing(reason, status.to_string(), retry)
}

/// The token is a number beyond 2^53: receipts name the message by it.
fn accepted(body: &Value) -> Accepted {
    let number = |name: &str| body.get(name).and_then(Value::as_u64).map(|number| number.to_string());
    let notes: BTreeMap<_, _> = number("billing_status").map(|status| ("billing_status", status)).into_iter().collect();
    Accepted { ids: number("message_token").into_iter().collect(), notes }
}
