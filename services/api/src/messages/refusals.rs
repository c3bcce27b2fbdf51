//! What callers read when something cannot be sent.

use connector_sdk::outbound::{Failure, Retry};
use kenh_outbound::Problem;
use kenh_proto::v1::{self, ErrorReason, SendReason};
use tonic::Status;

use crate::status;

/// A refused call.
pub(super) fn refusal(problem: Problem) -> Status {
    match problem {
        Problem::Invalid { field, advice } => status::invalid(field, advice),
        Problem::Refused { reason, advice } => status::refused(reason, advice),
        Problem::NotFound => {
            status::refused(ErrorReason::MessageNotFound, "there is no such outbound message (any more)")
        }
        Problem::NotNow(advice) => status::refused(ErrorReason::MessageState, advice),
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
