//! What came of a call.

use connector_sdk::outbound::{Answer, Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason;
use serde_json::Value;

use super::{Fact, error::GraphError};

/// What Meta answered to a call with this effect, or how the call ended. `facts` say what errors mean; the first list
/// that knows one decides.
pub fn taken(answer: &Answer, effect: Effect, facts: &[&[Fact]]) -> Result<Value, Outcome> {
    match answer {
        Answer::Reply(reply) => read(reply, effect, facts),
        Answer::NotSent => Err(unavailable(None, Retry::Soon)),
        Answer::NoReply => Err(unknown_if_seen(effect, || unavailable(None, Retry::Soon))),
        // No call of Meta's channels begins with a file from elsewhere: Meta fetches public addresses itself.
        Answer::Fetched { .. } | Answer::NotFetched { .. } => {
            Err(Failure::permanent(SendReason::MediaUnavailable, None))
        }
    }
}

/// The error decides, not the status: errors come with 400, 401, 403, 429 and 5xx.
fn read(reply: &Reply, effect: Effect, facts: &[&[Fact]]) -> Result<Value, Outcome> {
    let body = reply.json();
    if let Some(error) = GraphError::read(&body) {
        return Err(error.outcome(reply, facts));
    }
    match reply.status {
        200..=299 if body.is_object() => Ok(body),
        // Not Meta's own words: something between us and Meta answered, and nobody knows what Meta did.
        200..=299 | 500..=502 | 504..=599 => Err(unknown_if_seen(effect, || {
            unavailable(Some(format!("http_{}", reply.status)), reply.retry_after.map_or(Retry::Soon, Retry::After))
        })),
        status => Err(Outcome::of_status(status, reply.retry_after)),
    }
}

/// A word of an answer; ids come as numbers too.
pub fn word(body: &Value, name: &str) -> Option<String> {
    let value = body.get(name)?;
    let number = || value.as_u64().map(|number| number.to_string());
    value.as_str().filter(|word| !word.is_empty()).map(ToOwned::to_owned).or_else(number)
}

/// What Meta calls a call that it answered with an error: `fbtrace_id`, which its support asks for.
pub fn request_id(reply: &Reply) -> Option<String> {
    reply.json().pointer("/error/fbtrace_id")?.as_str().map(Into::into)
}

fn unknown_if_seen(effect: Effect, otherwise: impl FnOnce() -> Outcome) -> Outcome {
    match effect {
        Effect::Visible => Outcome::Unknown,
        Effect::Repeatable | Effect::Keyed => otherwise(),
    }
}

fn unavailable(code: Option<String>, retry: Retry) -> Outcome {
    Failure::passing(SendReason::ChannelUnavailable, code, retry)
}
