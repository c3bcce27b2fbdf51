//! What is known of one exchange.

use std::time::{Duration, Instant};

use kenh_proto::v1::{Exchange, ExchangeDirection, ExchangeKind, ExchangeOutcome, SendReason};
use kenh_store::NewExchange;
use prost::Message as _;
use uuid::Uuid;

/// Longest code or name that is taken from a channel.
const LONGEST_WORD: usize = 64;
const LONGEST_URL: usize = 512;

/// One exchange, as [`Exchange`] has it. What is not known is left at its default.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it began.
    pub began: Instant,
    /// How long it took.
    pub duration: Duration,
    /// What it was for.
    pub kind: ExchangeKind,
    /// Channel slug.
    pub channel: &'static str,
    /// Name of the endpoint.
    pub endpoint: String,
    /// The channel's id of the account.
    pub account: Option<String>,
    /// How it ended.
    pub outcome: ExchangeOutcome,
    /// Inbound, why: a word of ours.
    pub detail: Option<&'static str>,
    /// Outbound, why.
    pub reason: SendReason,
    /// The channel's code. Anything that is no [`word`](Self::word) is left out.
    pub provider_code: Option<String>,
    /// What the channel calls the call, likewise.
    pub provider_request_id: Option<String>,
    /// HTTP method.
    pub method: &'static str,
    /// Address without secrets.
    pub url: String,
    /// HTTP status, or the reply code of SMTP.
    pub status: u16,
    /// Bytes asked with.
    pub request_bytes: u64,
    /// Bytes answered with.
    pub response_bytes: u64,
    /// The pause the channel asked for.
    pub retry_after: Option<Duration>,
    /// Events that were stored.
    pub events: u32,
    /// The outbound message, which piece of it, and which attempt.
    pub message: Option<(Uuid, u32, u32)>,
    /// The trace.
    pub trace_id: Option<String>,
    /// Exchanges it stands for: 1, but for what was counted together.
    pub count: u32,
}

impl Entry {
    /// One that began just now.
    pub fn begin(kind: ExchangeKind, channel: &'static str, endpoint: &str) -> Self {
        Self {
            began: Instant::now(),
            duration: Duration::ZERO,
            kind,
            channel,
            endpoint: endpoint.into(),
            account: None,
            outcome: ExchangeOutcome::Unspecified,
            detail: None,
            reason: SendReason::Unspecified,
            provider_code: None,
            provider_request_id: None,
            method: "",
            url: String::new(),
            status: 0,
            request_bytes: 0,
            response_bytes: 0,
            retry_after: None,
            events: 0,
            message: None,
            trace_id: None,
            count: 1,
        }
    }

    /// It has ended just now.
    pub fn ended(&mut self) {
        self.duration = self.began.elapsed();
    }

    /// What a channel says, if it is a code or a name and nobody's sentence: at most 64 printable ASCII characters, none of
    /// them a space, a quote or `@`.
    pub fn word(text: &str) -> Option<&str> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'@');
        (!text.is_empty() && text.len() <= LONGEST_WORD && text.bytes().all(plain)).then_some(text)
    }

    pub(crate) fn direction(&self) -> ExchangeDirection {
        match self.kind {
            ExchangeKind::Webhook | ExchangeKind::Mail | ExchangeKind::Unspecified => ExchangeDirection::Inbound,
            ExchangeKind::Send | ExchangeKind::Token | ExchangeKind::File => ExchangeDirection::Outbound,
        }
    }

    pub(crate) fn failed(&self) -> bool {
        match self.outcome {
            ExchangeOutcome::Unspecified
            | ExchangeOutcome::Stored
            | ExchangeOutcome::Duplicate
            | ExchangeOutcome::Skipped
            | ExchangeOutcome::Handshake
            | ExchangeOutcome::Succeeded => false,
            ExchangeOutcome::Malformed
            | ExchangeOutcome::Rejected
            | ExchangeOutcome::NotStored
            | ExchangeOutcome::Pending
            | ExchangeOutcome::TooLarge
            | ExchangeOutcome::Broken
            | ExchangeOutcome::Overloaded
            | ExchangeOutcome::WrongMethod
            | ExchangeOutcome::Refused
            | ExchangeOutcome::NoAnswer
            | ExchangeOutcome::NotSent => true,
        }
    }

    /// What is alike is counted together.
    pub(crate) fn alike(&self, other: &Self) -> bool {
        let parts = |entry: &Self| (entry.kind, entry.channel, entry.outcome, entry.detail, entry.reason, entry.status);
        parts(self) == parts(other)
            && self.endpoint == other.endpoint
            && self.account == other.account
            && self.provider_code == other.provider_code
    }

    /// Counts another one with this one. What belongs to one exchange alone is left out.
    pub(crate) fn join(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.duration = self.duration.max(other.duration);
        self.request_bytes = self.request_bytes.saturating_add(other.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(other.response_bytes);
        self.events = self.events.saturating_add(other.events);
        self.retry_after = self.retry_after.max(other.retry_after);
        (self.provider_request_id, self.message, self.trace_id) = (None, None, None);
        self.method = "";
        self.url.clear();
    }

    /// As the store keeps it.
    pub(crate) fn kept(self, id: Uuid) -> NewExchange {
        let word = |text: Option<String>| text.filter(|text| Self::word(text).is_some());
        let (direction, failed) = (self.direction(), self.failed());
        let mut url = self.url;
        if let Some((end, _)) = url.char_indices().nth(LONGEST_URL) {
            url.truncate(end);
        }
        let record = Exchange {
            direction: direction.into(),
            kind: self.kind.into(),
            outcome: self.outcome.into(),
            failed,
            detail: self.detail.map(Into::into),
            reason: self.reason.into(),
            provider_code: word(self.provider_code),
            provider_request_id: word(self.provider_request_id),
            method: self.method.into(),
            url,
            status: self.status.into(),
            duration: prost_types::Duration::try_from(self.duration).ok(),
            request_bytes: self.request_bytes,
            response_bytes: self.response_bytes,
            retry_after: self.retry_after.and_then(|pause| prost_types::Duration::try_from(pause).ok()),
            events: self.events,
            message_id: self.message.map(|(id, ..)| id.to_string()),
            piece: self.message.map(|(_, piece, _)| piece),
            attempt: self.message.map_or(0, |(.., attempt)| attempt),
            trace_id: self.trace_id,
            count: self.count,
            // The columns have them.
            id: String::new(),
            began_at: None,
            channel: String::new(),
            endpoint: String::new(),
            account: None,
        };
        NewExchange {
            id,
            ago: self.began.elapsed(),
            channel: self.channel.into(),
            endpoint: self.endpoint,
            account: self.account.unwrap_or_default(),
            direction: direction.into(),
            outcome: self.outcome.into(),
            reason: self.reason.into(),
            failed,
            message: self.message.map(|(id, ..)| id),
            record: record.encode_to_vec().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_and_a_sentence_is_not() {
        for word in ["10/2018278", "-216", "http_503", "AbC_d-1.2:3=", "A1b2C3d4"] {
            assert_eq!(Entry::word(word), Some(word));
        }
        for text in ["", "Hello there", "giá", "a@b.example", "a\nb", "\"x\"", &"9".repeat(65)] {
            assert_eq!(Entry::word(text), None, "{text}");
        }
        let said = "my number is 0912 345 678";
        let entry = Entry {
            provider_code: Some(said.into()),
            provider_request_id: Some(said.into()),
            ..Entry::begin(ExchangeKind::Send, "zalo", "main")
        };
        let kept = entry.kept(Uuid::nil());
        let record = Exchange::decode(kept.record).unwrap();
        assert_eq!((record.provider_code, record.provider_request_id), (None, None));
    }
}
