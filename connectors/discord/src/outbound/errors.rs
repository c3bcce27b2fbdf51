//! What answers mean: an object, nothing with 204, or `{"code":50007,"message":"…"}`. The message may repeat what was sent.
//! See <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>.

use std::time::Duration;

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    self, AccountPaused, AuthBroken, ChannelUnavailable, ContentForbidden, ContentInvalid, ContentTooLarge,
    NotPermitted, OptedOut, RecipientUnknown, Refused, TargetInvalid, Throttled, WindowClosed,
};
use serde_json::Value;

/// What is worth another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// The interaction cannot be answered any more, or not by this token.
    TokenOver,
    /// There is no such message among those of the interaction.
    NoMessage,
}

/// Codes, and what they mean. A code that is not here is judged by the status.
const FACTS: &[(&[u64], SendReason)] = &[
    (&[10003, 10004, 10013, 50033], RecipientUnknown),
    (&[10008, 10065, 50005, 50021, 50068], TargetInvalid),
    (&[10015, 10062, 40060, 50027], WindowClosed),
    (&[10014, 50006, 50035, 50080, 50081, 50109, 40094], ContentInvalid),
    (&[20016, 20022, 20026, 20028, 20029, 31001, 31002], Throttled),
    (&[30010, 40005], ContentTooLarge),
    (&[40001, 50014, 50025], AuthBroken),
    (&[40002, 40332], AccountPaused),
    // They take no messages from members of the servers both are in, or have blocked the bot.
    (&[50007, 50278], OptedOut),
    (&[20009, 50001, 50003, 50008, 50013, 50083, 90001, 160_005], NotPermitted),
    (&[200_000, 200_001, 240_000], ContentForbidden),
    (&[130_000], ChannelUnavailable),
];

/// The answer; else how the call ended.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, (Outcome, Option<Hint>)> {
    let body = reply.json();
    if reply.status == 204 || ((200..300).contains(&reply.status) && body.is_object()) {
        return Ok(body);
    }
    let words = body.get("message").is_some_and(Value::is_string);
    if !words || reply.status >= 500 {
        return Err((reply.wordless(effect), None));
    }
    let code = body.get("code").and_then(Value::as_u64).filter(|code| *code > 0);
    let fact = FACTS.iter().find(|(codes, _)| code.is_some_and(|code| codes.contains(&code)));
    let reason = fact.map_or(of_status(reply.status), |(_, reason)| *reason);
    let retry = if reason == AuthBroken {
        Retry::NewToken
    } else if matches!(reason, Throttled | ChannelUnavailable) {
        pause(reply, &body)
    } else {
        Retry::Never
    };
    let hint = match code {
        Some(10015 | 10062 | 50027) => Some(Hint::TokenOver),
        Some(10008) => Some(Hint::NoMessage),
        _ => None,
    };
    let code = code.map_or_else(|| format!("http_{}", reply.status), |code| code.to_string());
    Err((Failure::passing(reason, code, retry), hint))
}

fn of_status(status: u16) -> SendReason {
    match status {
        400 => ContentInvalid,
        401 => AuthBroken,
        403 => NotPermitted,
        404 => TargetInvalid,
        413 => ContentTooLarge,
        429 => Throttled,
        _ => Refused,
    }
}

/// `retry_after` is in seconds, with fractions; the header has them rounded up.
fn pause(reply: &Reply, body: &Value) -> Retry {
    /// Nothing asks for more than a day.
    const LONGEST: f64 = 86_400.0;
    let told = body.get("retry_after").and_then(Value::as_f64).filter(|seconds| (0.0..=LONGEST).contains(seconds));
    told.map_or_else(|| reply.pause(), |seconds| Retry::After(Duration::from_secs_f64(seconds)))
}
