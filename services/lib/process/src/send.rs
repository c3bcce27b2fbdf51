//! Having a process send a piece.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _,
    outbound::{Accepted, Failure, Outcome, Retry, Sending, To},
};
use kenh_intake::{Away, Endpoint};
use kenh_proto::v1::{
    Destination, Identity, OutboundAction, PieceAccepted, PieceFailed, SendPiece, SendReason,
    attach_response::Response, destination, send_answer,
};

use crate::{
    Switchboard,
    answer::Answer,
    switchboard::{Kind, count},
};

const MOST_IDS: usize = 16;
const LONGEST_ID: usize = 512;
const LONGEST_CODE: usize = 64;
/// Nobody is asked to wait for longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// What came of giving a piece to a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It said how it ended.
    Ended(Outcome),
    /// No process was given it.
    NotGiven(Away),
    /// One was, and said nothing that can be used.
    NoAnswer(Away),
}

impl Switchboard {
    /// Whether a process that sends is attached.
    pub fn sends(&self, channel: &str) -> bool {
        self.present(channel).sending > 0
    }

    /// Gives a piece to one process, and to no other one when that goes away: somebody may have seen it.
    pub async fn send(&self, endpoint: &Endpoint, sending: &Sending<'_>, deadline: Duration) -> Sent {
        let question = |id| Response::Send(piece(endpoint, sending, (id, deadline)));
        let asked = self.ask((endpoint.channel, Kind::Sends), deadline, false, question).await;
        let sent = match asked {
            Ok(Answer::Send(Some(answer))) => Sent::Ended(understood(answer)),
            Ok(Answer::Send(None) | Answer::Delivery(_)) => Sent::NoAnswer(Away::Invalid),
            Err(away @ (Away::Absent | Away::Busy)) => Sent::NotGiven(away),
            Err(away @ (Away::Late | Away::Gone | Away::Invalid)) => Sent::NoAnswer(away),
        };
        let outcome = match &sent {
            Sent::Ended(_) => Ok(()),
            Sent::NotGiven(away) | Sent::NoAnswer(away) => Err(*away),
        };
        count(endpoint.channel, Kind::Sends, outcome);
        sent
    }
}

fn piece(endpoint: &Endpoint, sending: &Sending<'_>, (id, deadline): (u64, Duration)) -> SendPiece {
    let to = match sending.to.clone() {
        To::Contact { scheme, value } => {
            Some(destination::To::Contact(Identity { scheme, value, scope: None, verified: false }))
        }
        To::Group(group) => Some(destination::To::Group(group)),
        To::Comment(comment) => Some(destination::To::Comment(comment)),
        To::Post(post) => Some(destination::To::Post(post)),
        To::Account => None,
    };
    let token = sending.token.expose_secret();
    SendPiece {
        id,
        destination: Some(Destination {
            channel: endpoint.channel.into(),
            endpoint: endpoint.name.clone(),
            account: sending.account.into(),
            to,
        }),
        action: Some(OutboundAction { what: Some(sending.what.clone()) }),
        reference: sending.reference.into(),
        conversation: sending.conversation.map(Into::into),
        role: sending.role.into(),
        purpose: sending.purpose.into(),
        options: sending.options.clone().into_iter().collect(),
        reply_token: sending.reply_token.map(Into::into),
        token: (!token.is_empty()).then(|| token.to_owned()),
        deadline: deadline.try_into().ok(),
    }
}

fn understood(answer: send_answer::Answer) -> Outcome {
    match answer {
        send_answer::Answer::Accepted(PieceAccepted { provider_message_ids }) => {
            let sound = |id: &String| (1..=LONGEST_ID).contains(&id.len());
            // What it took it took, whatever it calls it: an id that cannot be one is left out.
            let ids = provider_message_ids.into_iter().filter(sound).take(MOST_IDS).collect();
            Outcome::Accepted(Accepted { ids, ..Accepted::default() })
        }
        send_answer::Answer::Failed(failed) => Outcome::Failed(failure(&failed)),
        send_answer::Answer::Unknown(_) => Outcome::Unknown,
    }
}

fn failure(failed: &PieceFailed) -> Failure {
    let code = &failed.provider_code;
    let is_code = (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic());
    let pause = failed.retry_after.and_then(|pause| Duration::try_from(pause).ok());
    let retry = match pause {
        _ if !failed.retryable => Retry::Never,
        Some(pause) => Retry::After(pause.min(LONGEST_PAUSE)),
        None => Retry::Soon,
    };
    // The gateway's own words, or none.
    let foreign = [SendReason::Unspecified, SendReason::OutcomeUnknown, SendReason::Expired, SendReason::Cancelled];
    let reason = if foreign.contains(&failed.reason()) { SendReason::Refused } else { failed.reason() };
    Failure { reason, code: is_code.then(|| code.clone()), retry }
}
