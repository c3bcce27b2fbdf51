//! What answers mean: `{"code":0,"message":"OK","request_id":"…","data":{…}}`, with status 200 whatever happened.
//! See <https://business-api.tiktok.com/portal/docs?id=1737172488964097>.

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ChannelUnavailable, ContentInvalid, NotPermitted, Refused, TargetInvalid, Throttled,
};
use serde_json::Value;

/// Codes and what they mean. What is not here is judged by its range. That the time for answering is over, or that ten messages
/// were sent in a row, has no code that is published: it is REFUSED, with TikTok's code.
const FACTS: &[(&[u64], SendReason)] = &[
    // No leave for this account or this part of the API.
    (&[40001, 40003], NotPermitted),
    (&[40000, 40002, 40004, 40005], ContentInvalid),
    (&[40006, 40007], TargetInvalid),
    // Too many calls: of the app, of the account, in a minute, in a day.
    (&[40016, 40100, 40133], Throttled),
    // A token that is wrong, has run out, or is not there.
    (&[40101, 40102, 40103, 40104, 40105, 40106, 40107, 40113], AuthBroken),
];

/// Codes from here on are failures of TikTok's own.
const OWN: u64 = 50_000;

/// `data`; else how the call ended.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, Outcome> {
    let mut body = reply.json();
    let Some(code) = body.get("code").and_then(Value::as_u64) else { return Err(reply.wordless(effect)) };
    if code == 0 {
        return Ok(body.get_mut("data").map(Value::take).unwrap_or_default());
    }
    let fact = FACTS.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, reason)| *reason);
    let reason = fact.unwrap_or(if code >= OWN { ChannelUnavailable } else { Refused });
    // It may have been sent all the same.
    if reason == ChannelUnavailable && effect == Effect::Visible {
        return Err(Outcome::Unknown);
    }
    let retry = if reason == AuthBroken {
        Retry::NewToken
    } else if matches!(reason, Throttled | ChannelUnavailable) {
        reply.pause()
    } else {
        Retry::Never
    };
    Err(Failure::passing(reason, code.to_string(), retry))
}
