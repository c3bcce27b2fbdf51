//! The error body of the Graph API: `{"error": {"message", "type", "code", "error_subcode", "fbtrace_id"}}`.
//! See <https://developers.facebook.com/docs/graph-api/guides/error-handling>.

use connector_sdk::outbound::{Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason;
use serde_json::Value;

use super::facts::{ANY, Fact, Meaning};

/// What an error says that can be built on.
pub(super) struct GraphError {
    code: i64,
    subcode: i64,
    /// Meta says that the same call may work later.
    transient: bool,
    /// Its text says that the window is closed: the subcodes of that are many, the sentence is one.
    outside_window: bool,
}

impl GraphError {
    /// The error of a body that has one.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let error = body.get("error")?;
        let number = |name: &str| {
            let value = error.get(name)?;
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        };
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        Some(Self {
            code: number("code").unwrap_or_default(),
            subcode: number("error_subcode").unwrap_or(ANY),
            transient: error.get("is_transient").and_then(Value::as_bool).unwrap_or(false),
            outside_window: message.contains("outside of allowed window"),
        })
    }

    /// How the call ended.
    pub(super) fn outcome(&self, reply: &Reply, facts: &[&[Fact]]) -> Outcome {
        let pause = reply.retry_after.map_or(Retry::Soon, Retry::After);
        let failed = |reason, retry| Failure::passing(reason, Some(self.name()), retry);
        match self.meaning(reply.status, facts) {
            Meaning::Fails(reason) => failed(reason, Retry::Never),
            Meaning::Passes(reason) => failed(reason, pause),
            // Nothing renews these tokens. The account stops until a person puts a new one into the settings, and what
            // waits is sent then: it would be wrong to fail a whole queue for it.
            Meaning::TokenDead => failed(SendReason::AuthBroken, Retry::NewToken),
            Meaning::Unknown => Outcome::Unknown,
        }
    }

    fn meaning(&self, status: u16, facts: &[&[Fact]]) -> Meaning {
        let find = |subcode| facts.iter().flat_map(|list| *list).find(|fact| fact.0 == self.code && fact.1 == subcode);
        if let Some(fact) = find(self.subcode).filter(|_| self.subcode != ANY) {
            return fact.2;
        }
        if self.code == 10 && self.outside_window {
            return Meaning::Fails(SendReason::WindowClosed);
        }
        if let Some(fact) = find(ANY) {
            return fact.2;
        }
        match (self.code, status) {
            // Nobody knows this error. What Meta says of errors in general.
            _ if self.transient => Meaning::Passes(SendReason::ChannelUnavailable),
            (200..=299, _) => Meaning::Fails(SendReason::NotPermitted),
            (_, 429) => Meaning::Passes(SendReason::Throttled),
            (_, 500..) => Meaning::Passes(SendReason::ChannelUnavailable),
            _ => Meaning::Fails(SendReason::Refused),
        }
    }

    /// As operators look it up: `10/2018278`.
    fn name(&self) -> String {
        if self.subcode == ANY { self.code.to_string() } else { format!("{}/{}", self.code, self.subcode) }
    }
}
