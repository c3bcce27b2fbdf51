//! Outbound messages as callers see them.

use connector_sdk::outbound::{Failure, Retry};
use kenh_intake::Endpoints;
use kenh_proto::v1::{OutboundMessage, ReceiptStatus, SendFailure, SendReason, SendState};
use kenh_reason::Reason;
use kenh_store::{Given, Outbound, Phase};

use crate::{Record, time::timestamp};

/// A message with its receipts; `None` for what this version cannot read. What a code of a receipt means is the channel's to
/// say.
pub fn view(endpoints: &Endpoints, outbound: &Outbound, given: &[Given]) -> Option<OutboundMessage> {
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
                piece.failure = Some(late(endpoints, outbound, least.code.as_deref()));
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

/// A failure the channel told of after it had taken the message. Where its endpoint is not configured any more the code alone
/// is known.
pub(crate) fn late(endpoints: &Endpoints, outbound: &Outbound, code: Option<&str>) -> SendFailure {
    const ADVICE: &str = "the channel took the message and could not deliver it";
    let endpoint = outbound.account.split_once('/').map_or("", |(endpoint, _)| endpoint);
    let found = endpoints.find(&outbound.channel, endpoint);
    let meant = found.and_then(|endpoint| Some(endpoint.connector.outbound()?.undelivered(code)));
    let unknown = || Failure { reason: SendReason::Refused, code: code.map(Into::into), retry: Retry::Never };
    let told = failure(&meant.unwrap_or_else(unknown));
    let advice =
        if told.reason() == SendReason::Refused { ADVICE.into() } else { format!("{ADVICE}: {}", told.advice) };
    SendFailure { advice, ..told }
}

/// A failure as callers see it.
pub fn failure(failure: &Failure) -> SendFailure {
    SendFailure {
        reason: failure.reason.into(),
        provider_code: failure.code.clone(),
        advice: Reason::from(failure.reason).facts().advice.into(),
        retryable: failure.retry != Retry::Never,
    }
}
