//! The table of [`SendReason`].

use kenh_proto::v1::SendReason;
use tonic::Code;

use crate::{
    Again::{self, Changed, Later, Never},
    Facts,
};

const fn row(code: Code, again: Again, advice: &'static str) -> Facts {
    Facts { code, again, advice, metadata: &[] }
}

/// What goes with a reason. Wrong whatever the state of the world: `INVALID_ARGUMENT`. Possible at another time:
/// `FAILED_PRECONDITION`.
pub(crate) const fn facts(reason: SendReason) -> Facts {
    use Code::{AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted, Unavailable};
    match reason {
        SendReason::Unspecified | SendReason::Refused => {
            row(FailedPrecondition, Never, "the channel refused it: look up its code")
        }
        SendReason::WindowClosed => row(
            FailedPrecondition,
            Changed,
            "the time for answering is over: send a template, or wait until the contact writes",
        ),
        SendReason::TemplateRequired => row(FailedPrecondition, Never, "only a pre-approved template may be sent"),
        SendReason::QuotaExhausted => {
            row(ResourceExhausted, Changed, "the account's allowance is used up: buy more, or wait until it is renewed")
        }
        SendReason::OptedOut => {
            row(FailedPrecondition, Changed, "the contact does not want messages from this account")
        }
        SendReason::RecipientUnknown => row(NotFound, Never, "the channel knows no such contact of this account"),
        SendReason::ContentUnsupported => row(InvalidArgument, Never, "the channel has no form for it"),
        SendReason::ContentTooLarge => {
            row(InvalidArgument, Never, "make it shorter or smaller; GetCapabilities tells the bounds")
        }
        SendReason::ContentInvalid => {
            row(InvalidArgument, Never, "the channel found the content wrong: look up its code")
        }
        SendReason::ContentForbidden => row(InvalidArgument, Never, "the channel's policy forbids the content"),
        SendReason::MediaUnavailable => row(
            FailedPrecondition,
            Changed,
            "the file could not be had: its address must be public, and the file small enough",
        ),
        SendReason::TemplateInvalid => {
            row(InvalidArgument, Never, "there is no such template, or its values do not fit it")
        }
        SendReason::AuthBroken => {
            row(FailedPrecondition, Changed, "the channel does not take the account's credentials any more: renew them")
        }
        SendReason::NotPermitted => {
            row(FailedPrecondition, Changed, "the account lacks a right, a verification or a package for this")
        }
        SendReason::AccountPaused => row(
            FailedPrecondition,
            Changed,
            "its time ran out while the account was paused: resume the account, then try again",
        ),
        SendReason::Throttled => row(ResourceExhausted, Later, "the channel asks to slow down"),
        SendReason::ChannelUnavailable => {
            row(Unavailable, Later, "the channel cannot be reached or has an error of its own")
        }
        SendReason::QuietHours => row(FailedPrecondition, Later, "not allowed at this hour: send it in the morning"),
        SendReason::Expired => row(FailedPrecondition, Never, "its time ran out before the channel took it"),
        SendReason::Cancelled => row(FailedPrecondition, Never, "it was cancelled"),
        SendReason::OutcomeUnknown => {
            row(FailedPrecondition, Changed, "no answer came: look at the channel before sending it again")
        }
        SendReason::IdempotencyConflict => row(AlreadyExists, Never, "the idempotency key was used for something else"),
        SendReason::ConversationUnknown => row(NotFound, Changed, "no event of this conversation was seen lately"),
        SendReason::AccountUnknown => row(NotFound, Changed, "there is no such account to send from"),
        SendReason::TargetInvalid => {
            row(FailedPrecondition, Never, "what it points at does not exist any more or cannot be changed")
        }
        SendReason::NotInControl => {
            row(FailedPrecondition, Changed, "another application has the conversation: take it over first")
        }
    }
}
