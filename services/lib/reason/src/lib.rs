//! Every stable reason of an error, and what goes with it: the gRPC code, whether trying again helps, what to do.
//!
//! What a reason means stands at its value in the contract (`errors.proto`, `sending.proto`). No other crate makes an
//! `ErrorInfo`, so that `proto/ERRORS.md`, which is generated from here, is complete.

mod error;
mod refusal;
mod send;

use kenh_proto::v1::{ErrorReason, SendReason};
use tonic::Code;

pub use refusal::{DOMAIN, Refusal, invalid};

/// Whether the same call may succeed when it is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It fails in the same way for ever.
    Never,
    /// Once something else has changed: a right, a setting, what the caller knows.
    Changed,
    /// After a while, by itself.
    Later,
}

/// What goes with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The code of a call that is refused for it.
    pub code: Code,
    /// Whether trying again helps.
    pub again: Again,
    /// What to do about it, for a person. One sentence without a full stop.
    pub advice: &'static str,
    /// Keys that the metadata of its `ErrorInfo` may have.
    pub metadata: &'static [&'static str],
}

/// A reason of either closed list of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Of a call or a stream.
    Error(ErrorReason),
    /// Of something that cannot be or was not sent.
    Send(SendReason),
}

impl From<ErrorReason> for Reason {
    fn from(reason: ErrorReason) -> Self {
        Self::Error(reason)
    }
}

impl From<SendReason> for Reason {
    fn from(reason: SendReason) -> Self {
        Self::Send(reason)
    }
}

impl Reason {
    /// As it stands in an `ErrorInfo`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error(reason) => reason.as_str_name().trim_start_matches("ERROR_REASON_"),
            Self::Send(reason) => reason.as_str_name().trim_start_matches("SEND_REASON_"),
        }
    }

    /// What goes with it.
    pub const fn facts(self) -> Facts {
        match self {
            Self::Error(reason) => error::facts(reason),
            Self::Send(reason) => send::facts(reason),
        }
    }
}
