//! What callers read when something cannot be sent.

use std::collections::HashMap;

use connector_sdk::outbound::{Failure, Retry};
use kenh_outbound::Problem;
use kenh_proto::v1::{self, SendReason};
use tonic::{Code, Status};

use crate::status;

/// A refused call.
pub(super) fn refusal(problem: Problem) -> Status {
    match problem {
        Problem::Invalid { field, advice } => status::invalid(field, advice),
        Problem::Refused { reason, advice } => status::status(code(reason), name(reason), advice, HashMap::new()),
        Problem::NotFound => {
            let advice = "there is no such outbound message (any more)";
            status::status(Code::NotFound, "MESSAGE_NOT_FOUND", advice, HashMap::new())
        }
        Problem::NotNow(advice) => status::status(Code::FailedPrecondition, "MESSAGE_STATE", advice, HashMap::new()),
        Problem::Store(error) => status::store(&error),
    }
}

/// What a plan says of a request that would be refused. What is wrong with the request itself is an error there too.
pub(super) fn unsendable(problem: Problem) -> Result<v1::PlanSendResponse, Status> {
    let Problem::Refused { reason, advice } = problem else { return Err(refusal(problem)) };
    let failure = v1::SendFailure { advice, ..forbidden(reason) };
    Ok(v1::PlanSendResponse { sendable: false, plan: None, failure: Some(failure) })
}

pub(super) fn forbidden(reason: SendReason) -> v1::SendFailure {
    kenh_outbound::failure(&Failure { reason, code: None, retry: Retry::Never })
}

fn name(reason: SendReason) -> &'static str {
    reason.as_str_name().trim_start_matches("SEND_REASON_")
}

/// Invalid whatever the state of the world: `INVALID_ARGUMENT`. Possible at another time: `FAILED_PRECONDITION`.
const fn code(reason: SendReason) -> Code {
    match reason {
        SendReason::ContentUnsupported
        | SendReason::ContentTooLarge
        | SendReason::ContentInvalid
        | SendReason::ContentForbidden
        | SendReason::TemplateInvalid => Code::InvalidArgument,
        SendReason::IdempotencyConflict => Code::AlreadyExists,
        SendReason::ConversationUnknown | SendReason::AccountUnknown | SendReason::RecipientUnknown => Code::NotFound,
        SendReason::Throttled | SendReason::QuotaExhausted => Code::ResourceExhausted,
        SendReason::ChannelUnavailable => Code::Unavailable,
        SendReason::Unspecified
        | SendReason::WindowClosed
        | SendReason::TemplateRequired
        | SendReason::OptedOut
        | SendReason::MediaUnavailable
        | SendReason::AuthBroken
        | SendReason::NotPermitted
        | SendReason::AccountPaused
        | SendReason::QuietHours
        | SendReason::Expired
        | SendReason::Cancelled
        | SendReason::OutcomeUnknown
        | SendReason::TargetInvalid
        | SendReason::NotInControl
        | SendReason::Refused => Code::FailedPrecondition,
    }
}
