//! What servers answer: codes (RFC 5321, 4.2) and enhanced codes (RFC 3463).

use connector_sdk::outbound::{Accepted, Answer, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason;

/// What the answer to a mail means.
pub(super) fn meaning(answer: &Answer, message_id: String) -> Outcome {
    match answer {
        Answer::Reply(reply) => of_reply(reply, message_id),
        Answer::NotSent => Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon),
        // The text was on its way: nobody knows whether it was taken.
        Answer::NoReply | Answer::Fetched { .. } | Answer::NotFetched { .. } => Outcome::Unknown,
    }
}

fn of_reply(reply: &Reply, message_id: String) -> Outcome {
    let text = String::from_utf8_lossy(&reply.body);
    let enhanced = enhanced(&text);
    let code = Some(enhanced.map_or_else(|| format!("smtp_{}", reply.status), ToOwned::to_owned));
    let reason = reason(Some(reply.status), enhanced);
    match reply.status {
        200..=299 => Outcome::Accepted(Accepted::id(message_id)),
        // A new one of those that are asked for each time is asked for; a password stays what it is.
        530 | 534 | 535 | 538 => Failure::passing(SendReason::AuthBroken, code, Retry::NewToken),
        400..=499 => {
            let reason = if reason == SendReason::Throttled { reason } else { SendReason::ChannelUnavailable };
            Failure::passing(reason, code, Retry::Soon)
        }
        _ => Failure::permanent(reason, code),
    }
}

/// `5.1.1` where an answer begins with one, as servers that know them write it.
fn enhanced(text: &str) -> Option<&str> {
    let first = text.split_whitespace().next()?;
    is_enhanced(first).then_some(first)
}

fn is_enhanced(text: &str) -> bool {
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('.');
    matches!(parts.next(), Some("2" | "4" | "5")) && parts.clone().count() == 2 && parts.all(number)
}

/// Why a mail was refused, or came back.
pub(super) fn reason(status: Option<u16>, enhanced: Option<&str>) -> SendReason {
    // Behind the class: subject and detail.
    let what = enhanced.filter(|code| is_enhanced(code)).and_then(|code| code.split_once('.')).map(|(_, what)| what);
    match (what, status) {
        (Some("1.0" | "1.1" | "1.2" | "1.3" | "1.6" | "1.10" | "2.0" | "2.1" | "4.4"), _) => {
            SendReason::RecipientUnknown
        }
        (Some("2.3" | "3.4"), _) | (None, Some(552)) => SendReason::ContentTooLarge,
        (Some("1.7" | "1.8" | "7.0" | "7.1" | "7.8" | "7.9"), _) => SendReason::NotPermitted,
        (Some("7.2" | "7.3" | "7.7" | "7.20" | "7.21" | "7.22" | "7.23" | "7.24" | "7.25" | "7.26" | "7.27"), _) => {
            SendReason::ContentForbidden
        }
        (Some("7.28" | "4.5" | "3.2" | "4.7"), _) => SendReason::Throttled,
        (Some(what), _) if what.starts_with("6.") => SendReason::ContentInvalid,
        (None, Some(550 | 551 | 553)) => SendReason::RecipientUnknown,
        (Some(_) | None, _) => SendReason::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_their_codes_say() {
        let outcome = |status, body: &str| {
            let reply = Reply { status, retry_after: None, body: body.to_owned().into() };
            match meaning(&Answer::Reply(reply), "id".into()) {
                Outcome::Failed(failure) => (failure.reason, failure.code.unwrap_or_default(), failure.retry),
                other @ (Outcome::Accepted(_) | Outcome::Unknown) => panic!("{other:?}"),
            }
        };
        let said = |reason, code: &str, retry| (reason, code.to_owned(), retry);
        let never = Retry::Never;
        assert_eq!(outcome(550, "5.1.1 <a@b.test>: no such user"), said(SendReason::RecipientUnknown, "5.1.1", never));
        assert_eq!(outcome(550, "No such user"), said(SendReason::RecipientUnknown, "smtp_550", never));
        assert_eq!(outcome(552, "5.3.4 too big"), said(SendReason::ContentTooLarge, "5.3.4", never));
        assert_eq!(outcome(554, "spam"), said(SendReason::Refused, "smtp_554", never));
        assert_eq!(outcome(550, "5.7.1 relaying denied"), said(SendReason::NotPermitted, "5.7.1", never));
        assert_eq!(outcome(451, "4.7.1 come again"), said(SendReason::ChannelUnavailable, "4.7.1", Retry::Soon));
        assert_eq!(outcome(421, "4.7.28 too fast"), said(SendReason::Throttled, "4.7.28", Retry::Soon));
        assert_eq!(outcome(535, "5.7.8 no"), said(SendReason::AuthBroken, "5.7.8", Retry::NewToken));
    }

    #[test]
    fn what_broke_off_is_unknown_only_behind_the_text() {
        assert!(matches!(meaning(&Answer::NoReply, String::new()), Outcome::Unknown));
        assert!(matches!(
            meaning(&Answer::NotSent, String::new()),
            Outcome::Failed(Failure { reason: SendReason::ChannelUnavailable, retry: Retry::Soon, .. })
        ));
    }

    #[test]
    fn no_word_is_taken_for_a_code() {
        for text in ["", "hello", "5.1", "5.1.1.1", "3.1.1", "5.1.x", "5.1.1111", "a@5.1.1"] {
            assert_eq!(enhanced(text), None, "{text}");
        }
    }
}
