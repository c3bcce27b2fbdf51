//! Reading Zalo's answers. Errors ride on HTTP 200: the body's `error` counts, not the status.

use std::collections::BTreeMap;

use connector_sdk::outbound::{Accepted, Answer, Failure, Outcome, Reply, Sending};
use kenh_proto::v1::SendReason;
use serde_json::Value;

use super::errors::{self, Api, Circumstances};

/// What was asked, which decides how the answer is read.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) api: Api,
    /// Without a `quota` in the answer the message was charged.
    pub(super) charges: bool,
    /// A file was uploaded for it.
    pub(super) own_upload: bool,
}

/// How a call that somebody sees has ended.
pub(super) fn ended(asked: Asked, answer: &Answer, sending: &Sending<'_>) -> Outcome {
    let reply = match answer {
        Answer::Reply(reply) => reply,
        Answer::NotSent => return unreachable_channel(),
        // A fetched file is no answer to a call: what became of the call is as unknown as without any.
        Answer::NoReply | Answer::Fetched { .. } | Answer::NotFetched { .. } => return Outcome::Unknown,
    };
    match read(asked, reply, sending) {
        Ok(data) => Outcome::Accepted(accepted(&data, asked.charges)),
        Err(Some(outcome)) => outcome,
        // No word of Zalo's own. A proxy that gave up, or a body cut short, says nothing about the message.
        Err(None) if matches!(reply.status, 200..=299 | 500..=502 | 504..=599) => Outcome::Unknown,
        Err(None) => Outcome::of_status(reply.status, reply.retry_after),
    }
}

/// What a call that nobody sees has given; else how sending ends.
pub(super) fn data(asked: Asked, answer: &Answer, sending: &Sending<'_>) -> Result<Value, Outcome> {
    let Answer::Reply(reply) = answer else { return Err(unreachable_channel()) };
    read(asked, reply, sending).map_err(|outcome| match outcome {
        Some(outcome) => outcome,
        None if (200..300).contains(&reply.status) => unreachable_channel(),
        None => Outcome::of_status(reply.status, reply.retry_after),
    })
}

fn unreachable_channel() -> Outcome {
    Failure::passing(SendReason::ChannelUnavailable, None, connector_sdk::outbound::Retry::Soon)
}

/// `data` of a success; else what its code means, and nothing when it has none.
fn read(asked: Asked, reply: &Reply, sending: &Sending<'_>) -> Result<Value, Option<Outcome>> {
    let mut body = reply.json();
    match body.get("error").and_then(whole) {
        Some(0) => Ok(body.get_mut("data").map(Value::take).unwrap_or_default()),
        Some(code) => {
            let Asked { api, own_upload, .. } = asked;
            let given = Circumstances { api, now: sending.now, retry_after: reply.retry_after, own_upload };
            Err(Some(errors::failure(code, given)))
        }
        None => Err(None),
    }
}

/// Messages have a `message_id`, templates to phone numbers a `msg_id`. `quota` is in one case what is left of the free
/// or paid allowance, in the other of the day's.
fn accepted(data: &Value, charges: bool) -> Accepted {
    let id = data.get("message_id").or_else(|| data.get("msg_id")).and_then(text);
    let quota = data.get("quota").filter(|quota| quota.is_object());
    let of_quota = |names: [&str; 2]| names.into_iter().find_map(|name| quota?.get(name).and_then(text));
    let notes = [
        ("quota_remaining", of_quota(["remain", "remainingQuota"])),
        ("quota_total", of_quota(["total", "dailyQuota"])),
        ("quota_type", of_quota(["quota_type", "quotaType"])),
        ("charged", (charges && data.is_object()).then(|| quota.is_none().to_string())),
    ];
    let notes: BTreeMap<_, _> = notes.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Accepted { ids: id.into_iter().collect(), notes }
}

/// A text or number that says something.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A whole number, also as text: Zalo writes numbers either way.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}
