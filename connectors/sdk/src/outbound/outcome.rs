//! How sending a piece ended.

use std::{collections::BTreeMap, time::Duration};

use kenh_proto::v1::SendReason;

use super::Refusal;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took it.
    Accepted(Accepted),
    /// The channel did not.
    Failed(Failure),
    /// Whether the channel took it cannot be known.
    Unknown,
}

/// What the channel took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The channel's ids of it, as its webhooks will name it; none where it gives none.
    pub ids: Vec<String>,
    /// What else it said, by short stable names: `quota_remaining`.
    pub notes: BTreeMap<&'static str, String>,
}

impl Accepted {
    /// With one id.
    pub fn id(id: impl Into<String>) -> Self {
        Self { ids: vec![id.into()], ..Self::default() }
    }
}

/// Why the channel did not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why, from the closed list.
    pub reason: SendReason,
    /// The channel's own code: digits and words of the channel, never anybody's text.
    pub code: Option<String>,
    /// Whether to try again.
    pub retry: Retry,
}

/// Whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Never: it would fail again.
    Never,
    /// After the dispatcher's own pause, which grows.
    Soon,
    /// Not before this time has passed.
    After(Duration),
    /// At once with a new token, once: this one does not work any more.
    NewToken,
}

impl Failure {
    /// For good.
    pub fn permanent(reason: SendReason, code: impl Into<Option<String>>) -> Outcome {
        Outcome::Failed(Self { reason, code: code.into(), retry: Retry::Never })
    }

    /// For now.
    pub fn passing(reason: SendReason, code: impl Into<Option<String>>, retry: Retry) -> Outcome {
        Outcome::Failed(Self { reason, code: code.into(), retry })
    }
}

/// A step that finds what planning would refuse now: time has passed since.
impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Failure::permanent(refusal.reason, None)
    }
}

impl Outcome {
    /// What an answer that is none of the channel's own words means: by HTTP's own rules.
    pub fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        let code = Some(format!("http_{status}"));
        let pause = retry_after.map_or(Retry::Soon, Retry::After);
        match status {
            408 | 425 | 429 => Failure::passing(SendReason::Throttled, code, pause),
            401 => Failure::passing(SendReason::AuthBroken, code, Retry::NewToken),
            403 => Failure::permanent(SendReason::NotPermitted, code),
            413 => Failure::permanent(SendReason::ContentTooLarge, code),
            500..=599 => Failure::passing(SendReason::ChannelUnavailable, code, pause),
            _ => Failure::permanent(SendReason::Refused, code),
        }
    }
}
