//! What is written down of a call: begun with the call, ended by its answer, judged by what the connector makes of that.

use connector_sdk::outbound::{Answer, Call, Failure, Mail, Outbound, Outcome, ShortMessage, Step};
use kenh_channel_log::{ChannelLog, Entry};
use kenh_intake::Endpoint;
use kenh_process::Sent;
use kenh_proto::v1::{ExchangeKind, ExchangeOutcome, SendReason};

/// An exchange of which the answer is there, and what it means is not known yet.
pub(crate) struct Exchanged(Entry);

/// Begins an exchange with an account's channel.
pub(crate) fn begin(kind: ExchangeKind, endpoint: &Endpoint, account: &str) -> Entry {
    let entry = Entry::begin(kind, endpoint.channel, &endpoint.name);
    Entry { account: Some(account.into()), ..entry }
}

/// The same for a call.
pub(crate) fn call(kind: ExchangeKind, endpoint: &Endpoint, account: &str, call: &Call) -> Entry {
    Entry { method: call.method.word(), url: call.address(), ..begin(kind, endpoint, account) }
}

/// The same for a mail.
pub(crate) fn mail(endpoint: &Endpoint, account: &str, mail: &Mail) -> Entry {
    let request_bytes = u64::try_from(mail.message.len()).unwrap_or(u64::MAX);
    let entry = begin(ExchangeKind::Send, endpoint, account);
    Entry { method: "MAIL", url: mail.submission.address(), request_bytes, ..entry }
}

/// The same for a short message.
pub(crate) fn short_message(endpoint: &Endpoint, account: &str, message: &ShortMessage) -> Entry {
    let request_bytes = u64::try_from(message.pdu.len()).unwrap_or(u64::MAX);
    let entry = begin(ExchangeKind::Send, endpoint, account);
    Entry { method: "SUBMIT_SM", url: message.smsc.address(), request_bytes, ..entry }
}

/// The same for a file. Its address is the sender's: whoever made it may have put anything into it, so only the host is
/// written down.
pub(crate) fn file(endpoint: &Endpoint, account: &str, url: &str) -> Entry {
    let host = url.parse::<http::Uri>().ok().and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.host()?)));
    Entry { method: "GET", url: host.unwrap_or_default(), ..begin(ExchangeKind::File, endpoint, account) }
}

impl Exchanged {
    /// Its answer is there.
    pub(crate) fn answered(mut entry: Entry, answer: &Answer, channel: Option<&dyn Outbound>) -> Self {
        entry.ended();
        entry.outcome = ExchangeOutcome::Succeeded;
        let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        match answer {
            Answer::Reply(reply) => {
                entry.status = reply.status;
                entry.retry_after = reply.retry_after;
                entry.response_bytes = size(reply.body.len());
                entry.provider_request_id = channel.and_then(|channel| channel.request_id(reply));
            }
            Answer::Fetched { bytes, .. } => entry.response_bytes = size(bytes.len()),
            Answer::NotFetched { .. } => entry.outcome = ExchangeOutcome::Refused,
            Answer::NotSent => entry.outcome = ExchangeOutcome::NotSent,
            Answer::NoReply => entry.outcome = ExchangeOutcome::NoAnswer,
        }
        Self(entry)
    }

    /// A process was given a piece, or none was.
    pub(crate) fn by_process(mut entry: Entry, sent: &Sent) -> Self {
        entry.ended();
        entry.outcome = match sent {
            Sent::Ended(_) => ExchangeOutcome::Succeeded,
            Sent::NotGiven(_) => ExchangeOutcome::NotSent,
            Sent::NoAnswer(_) => ExchangeOutcome::NoAnswer,
        };
        entry.detail = match sent {
            Sent::Ended(_) => None,
            Sent::NotGiven(away) | Sent::NoAnswer(away) => Some(away.reason()),
        };
        Self(entry)
    }

    /// What the connector does next says what the answer meant.
    pub(crate) fn judged(self, step: &Step, log: &ChannelLog) {
        match step {
            Step::Done(Outcome::Failed(Failure { reason, code, .. })) => self.failed(*reason, code.clone(), log),
            Step::Done(Outcome::Unknown) => {
                let entry = Entry { outcome: ExchangeOutcome::NoAnswer, reason: SendReason::OutcomeUnknown, ..self.0 };
                log.note(entry);
            }
            Step::Done(Outcome::Accepted(_))
            | Step::Call(_)
            | Step::Mail(_)
            | Step::ShortMessage(_)
            | Step::Fetch { .. } => log.note(self.0),
        }
    }

    /// It came to nothing.
    pub(crate) fn failed(self, reason: SendReason, code: Option<String>, log: &ChannelLog) {
        let mut entry = self.0;
        if entry.outcome == ExchangeOutcome::Succeeded {
            entry.outcome = ExchangeOutcome::Refused;
        }
        (entry.reason, entry.provider_code) = (reason, code);
        log.note(entry);
    }

    /// It came to what it was for.
    pub(crate) fn succeeded(self, log: &ChannelLog) {
        log.note(self.0);
    }
}
