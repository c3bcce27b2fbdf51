//! Which conversation a mail belongs to, by what it says itself.
//!
//! A thread has an id: a digest of the Message-ID of its first mail. Who answers names that mail first among the References,
//! so that the same id comes of it, without anything being looked up. What is sent through the gateway carries the id
//! besides, signed, in its Message-ID and its reply address ([`token`]), for programs and providers that drop References.

mod subject;
pub mod token;

use connector_sdk::Secret;
use kenh_proto::v1::ThreadMatch;
use sha2::{Digest as _, Sha256};

pub(crate) use self::subject::base;
use self::token::Token;

/// Bytes of a thread's id. Nobody finds another Message-ID with the same ones.
const BYTES: usize = 10;

/// `quality.degraded` code of a reply token that was not made here, or for another mailbox.
pub(crate) const FORGED: &str = "reply_token_invalid";

/// What of a mail says where it belongs.
#[derive(Debug, Default)]
pub(crate) struct Clues<'a> {
    pub(crate) message_id: Option<&'a str>,
    pub(crate) in_reply_to: &'a [String],
    pub(crate) references: &'a [String],
    /// Addresses it was sent to, envelope first.
    pub(crate) recipients: &'a [String],
    pub(crate) sender: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    /// Digest of the mail, where it has no Message-ID.
    pub(crate) digest: &'a str,
}

/// Where it belongs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) matched: ThreadMatch,
    /// The mailbox that a token was made for.
    pub(crate) mailbox: Option<String>,
    pub(crate) degraded: Option<&'static str>,
}

/// Finds the thread, strongest clue first. `mailboxes` are those whose tokens count.
pub(crate) fn of(clues: &Clues<'_>, mailboxes: &[String], secrets: &[Secret], by_subject: bool) -> Thread {
    let mut degraded = None;
    let mut signed = |texts: &mut dyn Iterator<Item = &str>| {
        let found: Vec<Token<'_>> = texts.filter_map(Token::find).collect();
        let right =
            found.iter().find_map(|token| Some((token.thread().to_ascii_lowercase(), token.of(mailboxes, secrets)?)));
        if right.is_none() && !found.is_empty() && !secrets.is_empty() {
            degraded = Some(FORGED);
        }
        right
    };
    let addressed = signed(&mut clues.recipients.iter().map(String::as_str));
    let answered = signed(&mut clues.in_reply_to.iter().map(String::as_str));
    let referred = signed(&mut clues.references.iter().rev().map(String::as_str));
    let by_token =
        [(addressed, ThreadMatch::ReplyToken), (answered, ThreadMatch::InReplyTo), (referred, ThreadMatch::References)];
    for (found, matched) in by_token {
        if let Some((id, mailbox)) = found {
            return Thread { id, matched, mailbox: Some(mailbox), degraded: None };
        }
    }
    let (root, matched) = if let Some(root) = clues.references.first() {
        (root.clone(), ThreadMatch::References)
    } else if let Some(root) = clues.in_reply_to.first() {
        (root.clone(), ThreadMatch::InReplyTo)
    } else if let (true, Some(sender), Some(subject)) = (by_subject, clues.sender, clues.subject.map(base)) {
        (format!("{sender}\n{subject}"), ThreadMatch::SubjectSender)
    } else {
        (clues.message_id.unwrap_or(clues.digest).to_owned(), ThreadMatch::New)
    };
    Thread { id: id(&root), matched, mailbox: None, degraded }
}

/// The id of the thread that begins with this Message-ID (without angle brackets).
pub fn id(root: &str) -> String {
    let digest = Sha256::digest(root.as_bytes());
    hex::encode(digest.get(..BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests;
