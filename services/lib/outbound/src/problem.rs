//! Why a call that sends is refused.

use connector_sdk::outbound::Refusal;
use kenh_proto::v1::SendReason;
use kenh_store::StoreError;

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A field of the request is wrong.
    #[error("{field}: {advice}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What to do about it; nothing anybody wrote.
        advice: String,
    },
    /// It cannot be sent, for a reason of the closed list.
    #[error("{advice}")]
    Refused {
        /// Why.
        reason: SendReason,
        /// What to do about it; nothing anybody wrote.
        advice: String,
    },
    /// There is no such outbound message.
    #[error("there is no such outbound message (any more)")]
    NotFound,
    /// What was asked for does not go with where the message stands.
    #[error("{0}")]
    NotNow(String),
    /// The state store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Problem {
    pub(crate) fn refused(reason: SendReason, advice: impl Into<String>) -> Self {
        Self::Refused { reason, advice: advice.into() }
    }

    pub(crate) fn invalid(field: &'static str, advice: impl Into<String>) -> Self {
        Self::Invalid { field, advice: advice.into() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { reason: refusal.reason, advice: refusal.advice }
    }
}
