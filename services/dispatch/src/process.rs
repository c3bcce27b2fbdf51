//! Pieces for channels whose connector is an attached process: given to it whole.

use std::time::Duration;

use connector_sdk::{
    Secret,
    outbound::{Failure, Outcome, Retry, Step},
};
use kenh_channel_log::Entry;
use kenh_intake::Away;
use kenh_process::Sent;
use kenh_proto::v1::{ExchangeKind, SendReason};
use tokio::time::Instant;

use crate::{
    exchange::{self, Exchanged},
    piece::{Lost, Piece, Witness},
};

/// How often it is looked whether a process has room again.
const LOOK: Duration = Duration::from_millis(50);

impl Piece<'_> {
    /// Has a process send it. `deadline`: how long it may take, and how long it is waited for one that has room.
    pub(crate) async fn by_process(&self, deadline: Duration, witness: &mut impl Witness) -> Result<Outcome, Lost> {
        let repeatable = self.outbound.capabilities().repeatable;
        let account = self.outbound.accounts().get(self.account);
        // The process may have a token of its own.
        let token = account.and_then(|account| account.token.clone()).unwrap_or_else(|| Secret::from(""));
        let until = Instant::now() + deadline;
        if !repeatable {
            witness.calling().await?;
        }
        let (entry, sent) = loop {
            let entry = exchange::begin(ExchangeKind::Send, self.endpoint, self.account);
            let entry = Entry { method: "PROCESS", message: Some(self.exchanged), ..entry };
            let sending = self.sending(&token, self.reply_token());
            let sent = self.processes.send(self.endpoint, &sending, deadline).await;
            if sent != Sent::NotGiven(Away::Busy) || Instant::now() >= until {
                break (entry, sent);
            }
            tokio::time::sleep(LOOK).await;
        };
        let outcome = ended(&sent, repeatable);
        Exchanged::by_process(entry, &sent).judged(&Step::Done(outcome.clone()), self.log);
        Ok(outcome)
    }
}

fn ended(sent: &Sent, repeatable: bool) -> Outcome {
    let again = |reason| Failure::passing(reason, None, Retry::Soon);
    match sent {
        Sent::Ended(outcome) => outcome.clone(),
        Sent::NotGiven(Away::Busy) => again(SendReason::Throttled),
        Sent::NotGiven(_) => again(SendReason::ChannelUnavailable),
        // The process knows it again by its reference.
        Sent::NoAnswer(_) if repeatable => again(SendReason::ChannelUnavailable),
        Sent::NoAnswer(_) => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_may_have_sent_is_sent_again_only_where_it_knows_it_again() {
        for away in [Away::Late, Away::Gone, Away::Invalid] {
            assert_eq!(ended(&Sent::NoAnswer(away), false), Outcome::Unknown, "{away:?}");
            assert!(matches!(ended(&Sent::NoAnswer(away), true), Outcome::Failed(_)), "{away:?}");
        }
        for away in [Away::Absent, Away::Busy] {
            let Outcome::Failed(failure) = ended(&Sent::NotGiven(away), false) else { panic!("{away:?}") };
            assert_eq!(failure.retry, Retry::Soon, "nobody was given it");
        }
    }
}
