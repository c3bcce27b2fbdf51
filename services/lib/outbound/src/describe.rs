//! Outbound messages as callers see them.

use connector_sdk::outbound::{Failure, Retry};
use kenh_proto::v1::{OutboundMessage, ReceiptStatus, SendFailure, SendReason, SendState};
use kenh_store::{Given, Outbound, Phase};

use crate::{Record, time::timestamp};

/// A message with its receipts; `None` for what this version cannot read.
pub fn view(outbound: &Outbound, given: &[Given]) -> Option<OutboundMessage> {
    let mut message = Record::read(&outbound.record)?.message;
    message.created_at = Some(timestamp(outbound.created_at));
    message.updated_at = Some(timestamp(outbound.updated_at));
    message.expires_at = Some(timestamp(outbound.expires_at));
    if outbound.phase == Phase::Sending {
        message.state = SendState::Sending.into();
    }
    if outbound.phase == Phase::Waiting && message.state() == SendState::Retrying {
        message.next_attempt_at = Some(timestamp(outbound.due_at));
    }
    for (index, piece) in (0..).zip(&mut message.messages) {
        // Several ids of one piece: the least of them counts, a failure before all.
        let of_piece: Vec<_> = given.iter().filter(|given| given.piece == index).collect();
        let least = of_piece.iter().min_by_key(|given| (!failed(given), given.status));
        if let Some(least) = least {
            let status = ReceiptStatus::try_from(least.status).unwrap_or_default();
            piece.status = status.max(taken(piece.state())).into();
            piece.status_at = (least.status_at > 0).then(|| timestamp(least.status_at));
            if failed(least) {
                piece.failure = Some(late(least.code.clone()));
            }
        } else {
            piece.status = taken(piece.state()).into();
        }
    }
    let statuses = message.messages.iter().map(kenh_proto::v1::ProviderMessage::status);
    let worst = statuses.clone().find(|status| *status == ReceiptStatus::Failed);
    message.status = worst.or_else(|| statuses.min()).unwrap_or_default().into();
    Some(message)
}

fn taken(state: SendState) -> ReceiptStatus {
    if state == SendState::Accepted { ReceiptStatus::Sent } else { ReceiptStatus::Unspecified }
}

fn failed(given: &Given) -> bool {
    given.status == i32::from(ReceiptStatus::Failed)
}

/// A failure the channel told of after it had taken the message.
pub(crate) fn late(code: Option<String>) -> SendFailure {
    SendFailure {
        reason: SendReason::Refused.into(),
        provider_code: code,
        advice: "the channel took the message and could not deliver it".into(),
        retryable: false,
    }
}

/// A failure as callers see it.
pub fn failure(failure: &Failure) -> SendFailure {
    SendFailure {
        reason: failure.reason.into(),
        provider_code: failure.code.clone(),
        advice: advice(failure.reason).into(),
        retryable: failure.retry != Retry::Never,
    }
}

/// What to do about it.
pub(crate) const fn advice(reason: SendReason) -> &'static str {
    match reason {
        SendReason::Unspecified | SendReason::Refused => "the channel refused it: look up its code",
        SendReason::WindowClosed => "the time for answering is over: send a template, or wait until the contact writes",
        SendReason::TemplateRequired => "only a pre-approved template may be sent",
        SendReason::QuotaExhausted => "the account's allowance is used up: buy more, or wait until it is renewed",
        SendReason::OptedOut => "the contact does not want messages from this account",
        SendReason::RecipientUnknown => "the channel knows no such contact of this account",
        SendReason::ContentUnsupported => "the channel has no form for it",
        SendReason::ContentTooLarge => "make it shorter or smaller; GetCapabilities tells the bounds",
        SendReason::ContentInvalid => "the channel found the content wrong: look up its code",
        SendReason::ContentForbidden => "the channel's policy forbids the content",
        SendReason::MediaUnavailable => {
            "the file could not be had: its address must be public, and the file small enough"
        }
        SendReason::TemplateInvalid => "there is no such template, or its values do not fit it",
        SendReason::AuthBroken => "the channel does not take the account's credentials any more: renew them",
        SendReason::NotPermitted => "the account lacks a right, a verification or a package for this",
        SendReason::AccountPaused => "the account is paused",
        SendReason::Throttled => "the channel asks to slow down",
        SendReason::ChannelUnavailable => "the channel cannot be reached or has an error of its own",
        SendReason::QuietHours => "not allowed at this hour: send it in the morning",
        SendReason::Expired => "its time ran out before the channel took it",
        SendReason::Cancelled => "it was cancelled",
        SendReason::OutcomeUnknown => "no answer came: look at the channel before sending it again",
        SendReason::IdempotencyConflict => "the idempotency key was used for something else",
        SendReason::ConversationUnknown => "no event of this conversation was seen lately",
        SendReason::AccountUnknown => "there is no such account to send from",
        SendReason::TargetInvalid => "what it points at does not exist any more or cannot be changed",
        SendReason::NotInControl => "another application has the conversation: take it over first",
    }
}
