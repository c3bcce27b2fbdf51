//! What answers mean: `{"data":…}`, or a problem as RFC 7807 has it, or the older list of numbered errors.
//! See <https://docs.x.com/x-api/fundamentals/response-codes-and-errors>.

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    self, AccountPaused, AuthBroken, ChannelUnavailable, ContentForbidden, ContentInvalid, ContentTooLarge,
    MediaUnavailable, NotPermitted, OptedOut, QuotaExhausted, RecipientUnknown, Refused, TargetInvalid, Throttled,
};
use serde_json::Value;

/// What the last part of a problem's type means.
const PROBLEMS: &[(&str, SendReason)] = &[
    ("resource-not-found", TargetInvalid),
    ("invalid-request", ContentInvalid),
    ("not-authorized-for-resource", NotPermitted),
    ("not-authorized-for-field", NotPermitted),
    ("client-forbidden", NotPermitted),
    ("unsupported-authentication", NotPermitted),
    ("oauth1-permissions", NotPermitted),
    ("disallowed-resource", NotPermitted),
    ("usage-capped", QuotaExhausted),
    ("credits", QuotaExhausted),
    ("invalid-token", AuthBroken),
];

/// Numbers of the older errors.
const CODES: &[(&[u64], SendReason)] = &[
    // No such page or person; a person that is gone.
    (&[17, 34, 50, 108], RecipientUnknown),
    (&[63], RecipientUnknown),
    // The account itself is suspended, or locked until somebody looks after it.
    (&[64, 326], AccountPaused),
    (&[32, 89, 99], AuthBroken),
    (&[88], Throttled),
    (&[130, 131], ChannelUnavailable),
    // They do not follow, or do not take messages from this account.
    (&[150, 349], OptedOut),
    (&[151], Refused),
    (&[144, 385, 421], TargetInvalid),
    // As many posts, or messages, as a day has.
    (&[185], QuotaExhausted),
    (&[186, 354], ContentTooLarge),
    // Said already; looks automatic.
    (&[187, 226], ContentForbidden),
    (&[179, 261, 433], NotPermitted),
    (&[324, 325], MediaUnavailable),
];

/// `data`; else how the call ended. Some answers have both: what was done counts.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, Outcome> {
    let mut body = reply.json();
    let first = body.pointer("/errors/0");
    let code = first.and_then(|error| error.get("code")).and_then(Value::as_u64);
    let problem = [Some(&body), first].into_iter().flatten().find_map(|error| problem(error.get("type")?.as_str()?));
    let is_success = (200..300).contains(&reply.status);
    if is_success && body.get("data").is_some_and(Value::is_object) {
        return Ok(body.get_mut("data").map(Value::take).unwrap_or_default());
    }
    let has_words = code.is_some() || body.get("errors").is_some() || body.get("title").is_some();
    if !has_words || reply.status >= 500 {
        // When the window begins anew says nothing about when X is well again.
        let retry_after = reply.retry_after.filter(|_| reply.status == 429);
        return Err(Reply { retry_after, ..reply.clone() }.wordless(effect));
    }
    let reason = code.and_then(|code| CODES.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, reason)| *reason));
    let known = |(word, reason): &(&str, SendReason)| (problem == Some(*word)).then_some(*reason);
    let reason = reason.or_else(|| PROBLEMS.iter().find_map(known)).unwrap_or(match reply.status {
        401 => AuthBroken,
        403 => NotPermitted,
        404 => TargetInvalid,
        413 => ContentTooLarge,
        429 => Throttled,
        _ => Refused,
    });
    let retry = if reason == AuthBroken {
        Retry::NewToken
    } else if matches!(reason, Throttled | ChannelUnavailable) {
        reply.pause()
    } else {
        Retry::Never
    };
    let code = code.map(|code| code.to_string()).or_else(|| problem.map(Into::into));
    Err(Failure::passing(reason, code.unwrap_or_else(|| format!("http_{}", reply.status)), retry))
}

/// The last part of a problem's address, when it is one of X's words.
fn problem(kind: &str) -> Option<&str> {
    let word = kind.rsplit_once("/problems/").map(|(_, word)| word)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    ((1..=64).contains(&word.len()) && word.bytes().all(plain)).then_some(word)
}
