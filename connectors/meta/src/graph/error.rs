//! The error body of the Graph API: `{"error": {"message", "type", "code", "error_subcode", "fbtrace_id"}}`.
//! See <https://developers.facebook.com/docs/graph-api/guides/error-handling>.

use std::time::Duration;

use connector_sdk::outbound::{Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason;
use serde_json::Value;

use super::facts::{ANY, Fact, Meaning, find};

/// Codes of permissions that are missing.
const PERMISSIONS: std::ops::RangeInclusive<i64> = 200..=299;

/// What an error says that can be built on.
pub(super) struct GraphError {
    /// Absent where the error is none of the Graph API's.
    code: Option<i64>,
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
            code: number("code"),
            subcode: number("error_subcode").unwrap_or(ANY),
            transient: error.get("is_transient").and_then(Value::as_bool).unwrap_or(false),
            outside_window: message.contains("outside of allowed window"),
        })
    }

    /// How the call ended.
    pub(super) fn outcome(&self, reply: &Reply, facts: &[&[Fact]]) -> Outcome {
        let pause = reply.retry_after.map_or(Retry::Soon, Retry::After);
        let failed = |reason, retry| Failure::passing(reason, self.name(), retry);
        match self.meaning(reply.status, facts) {
            Meaning::Fails(reason) => failed(reason, Retry::Never),
            Meaning::Passes(reason) => failed(reason, pause),
            Meaning::PassesAfter(reason, seconds) => {
                let rest = Duration::from_secs(seconds);
                failed(reason, Retry::After(reply.retry_after.map_or(rest, |stated| stated.max(rest))))
            }
            // Nothing renews these tokens. The account stops until a person puts a new one into the settings, and what
            // waits is sent then: it would be wrong to fail a whole queue for it.
            Meaning::TokenDead => failed(SendReason::AuthBroken, Retry::NewToken),
            Meaning::Unknown => Outcome::Unknown,
        }
    }

    fn meaning(&self, status: u16, facts: &[&[Fact]]) -> Meaning {
        let find = |subcode| find(facts, self.code?, subcode);
        if let Some(meaning) = find(self.subcode).filter(|_| self.subcode != ANY) {
            return meaning;
        }
        if self.code == Some(10) && self.outside_window {
            return Meaning::Fails(SendReason::WindowClosed);
        }
        if let Some(meaning) = find(ANY) {
            return meaning;
        }
        match (self.code, status) {
            // Nobody knows this error. What Meta says of errors in general.
            _ if self.transient => Meaning::Passes(SendReason::ChannelUnavailable),
            (Some(code), _) if PERMISSIONS.contains(&code) => Meaning::Fails(SendReason::NotPermitted),
            (_, 429) => Meaning::Passes(SendReason::Throttled),
            (_, 500..) => Meaning::Passes(SendReason::ChannelUnavailable),
            _ => Meaning::Fails(SendReason::Refused),
        }
    }

    /// As operators look it up: `10/2018278`.
    fn name(&self) -> Option<String> {
        let code = self.code?;
        Some(if self.subcode == ANY { code.to_string() } else { format!("{code}/{}", self.subcode) })
    }
}

/// Why something was not delivered after it had been taken: the same codes come in webhooks, there without subcodes.
pub fn undelivered(code: Option<&str>, facts: &[&[Fact]]) -> Failure {
    let number: Option<i64> = code.and_then(|code| code.parse().ok());
    let permission = number.filter(|code| PERMISSIONS.contains(code)).map(|_| Meaning::Fails(SendReason::NotPermitted));
    let known = number.and_then(|code| find(facts, code, ANY)).or(permission);
    let (reason, retry) = match known {
        Some(Meaning::Fails(reason)) => (reason, Retry::Never),
        Some(Meaning::Passes(reason)) => (reason, Retry::Soon),
        Some(Meaning::PassesAfter(reason, seconds)) => (reason, Retry::After(Duration::from_secs(seconds))),
        Some(Meaning::TokenDead) => (SendReason::AuthBroken, Retry::NewToken),
        Some(Meaning::Unknown) | None => (SendReason::Refused, Retry::Never),
    };
    Failure { reason, code: code.map(Into::into), retry }
}
