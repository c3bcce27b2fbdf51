//! What a message centre answers: statuses (SMPP 5.0 section 4.7.6).

use std::time::Duration;

use connector_sdk::outbound::{Accepted, Answer, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason;

use super::{Smpp, id_of_answer};
use crate::provider::Then;

const GENERIC_NACK: u32 = 0x8000_0000;
const SUBMIT_SM_RESP: u32 = 0x8000_0004;

/// An account that is bound elsewhere is free again when that session ends.
const BOUND_ELSEWHERE: Duration = Duration::from_secs(60);

/// What a status means, and what it is called. One that is not here is REFUSED.
const STATUSES: &[(u32, &str, SendReason, Then)] = &[
    (0x01, "ESME_RINVMSGLEN", SendReason::ContentTooLarge, Then::Never),
    (0x02, "ESME_RINVCMDLEN", SendReason::ContentInvalid, Then::Never),
    (0x03, "ESME_RINVCMDID", SendReason::Refused, Then::Never),
    (0x04, "ESME_RINVBNDSTS", SendReason::ChannelUnavailable, Then::Soon),
    (0x08, "ESME_RSYSERR", SendReason::ChannelUnavailable, Then::Soon),
    (0x0a, "ESME_RINVSRCADR", SendReason::NotPermitted, Then::Never),
    (0x0b, "ESME_RINVDSTADR", SendReason::RecipientUnknown, Then::Never),
    (0x14, "ESME_RMSGQFUL", SendReason::Throttled, Then::Soon),
    (0x15, "ESME_RINVSERTYP", SendReason::NotPermitted, Then::Never),
    (0x45, "ESME_RSUBMITFAIL", SendReason::ChannelUnavailable, Then::Soon),
    (0x48, "ESME_RINVSRCTON", SendReason::NotPermitted, Then::Never),
    (0x49, "ESME_RINVSRCNPI", SendReason::NotPermitted, Then::Never),
    (0x50, "ESME_RINVDSTTON", SendReason::RecipientUnknown, Then::Never),
    (0x51, "ESME_RINVDSTNPI", SendReason::RecipientUnknown, Then::Never),
    (0x58, "ESME_RTHROTTLED", SendReason::Throttled, Then::Soon),
    (0x62, "ESME_RINVEXPIRY", SendReason::ContentInvalid, Then::Never),
    (0x64, "ESME_RX_T_APPN", SendReason::ChannelUnavailable, Then::Soon),
    (0x65, "ESME_RX_P_APPN", SendReason::Refused, Then::Never),
    (0x66, "ESME_RX_R_APPN", SendReason::Refused, Then::Never),
    (0xfe, "ESME_RDELIVERYFAILURE", SendReason::Refused, Then::Never),
];

/// Statuses of a bind that is refused for what we are, not for now.
const LOGIN: &[(u32, &str)] =
    &[(0x0d, "ESME_RBINDFAIL"), (0x0e, "ESME_RINVPASWD"), (0x0f, "ESME_RINVSYSID"), (0x53, "ESME_RINVSYSTYP")];
const ALREADY_BOUND: u32 = 0x05;

/// How a message has ended.
pub(crate) fn ended(smpp: &Smpp, answer: &Answer) -> Outcome {
    match answer {
        Answer::Reply(reply) => read(smpp, reply),
        Answer::NotSent => Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon),
        // It was given to the connection, and nobody knows what became of it.
        Answer::NoReply | Answer::Fetched { .. } | Answer::NotFetched { .. } => Outcome::Unknown,
    }
}

fn read(smpp: &Smpp, reply: &Reply) -> Outcome {
    let number = |at: usize| {
        let bytes = reply.body.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*bytes))
    };
    let (Some(operation), Some(status)) = (number(4), number(8)) else { return Outcome::Unknown };
    match (operation, status) {
        (SUBMIT_SM_RESP, 0) => {
            let id = reply.body.get(16..).unwrap_or_default().split(|octet| *octet == 0).next();
            let id = id.and_then(|id| str::from_utf8(id).ok()).filter(|id| !id.is_empty());
            let ids = id.map(|id| id_of_answer(smpp.dialect.receipt_ids, id)).into_iter().collect();
            Outcome::Accepted(Accepted { ids, ..Accepted::default() })
        }
        (SUBMIT_SM_RESP | GENERIC_NACK, status) => refused(status, reply),
        (_, status) => not_bound(status, reply),
    }
}

fn refused(status: u32, reply: &Reply) -> Outcome {
    match STATUSES.iter().find(|(known, ..)| *known == status) {
        Some((_, name, reason, Then::Never)) => Failure::permanent(*reason, Some((*name).to_owned())),
        Some((_, name, reason, Then::Soon | Then::NewToken)) => {
            Failure::passing(*reason, Some((*name).to_owned()), reply.pause())
        }
        None => Failure::permanent(SendReason::Refused, Some(format!("{status:#010x}"))),
    }
}

/// Nothing could be sent: the message centre refused the bind.
fn not_bound(status: u32, reply: &Reply) -> Outcome {
    if let Some((_, name)) = LOGIN.iter().find(|(known, _)| *known == status) {
        return Failure::passing(SendReason::AuthBroken, Some((*name).to_owned()), Retry::Soon);
    }
    let (code, retry) = match status {
        ALREADY_BOUND => ("ESME_RALYBND".to_owned(), Retry::After(BOUND_ELSEWHERE)),
        status => (format!("bind_{status:#010x}"), reply.pause()),
    };
    Failure::passing(SendReason::ChannelUnavailable, code, retry)
}
