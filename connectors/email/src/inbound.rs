//! From a raw message to events: the same for webhooks, mailboxes and direct delivery.

mod message;

use std::{borrow::Cow, collections::HashMap, panic::AssertUnwindSafe};

use connector_sdk::{Batch, Event, Secret, digest_key};
use mail_parser::HeaderName;

use crate::{
    address, bounce,
    charset::Fallback,
    mail::{self, Mail},
    thread::{self, Clues, Thread},
};

/// A message as somebody handed it over.
#[derive(Clone)]
pub struct Arrival<'a> {
    /// The message, RFC 5322.
    pub message: Cow<'a, [u8]>,
    /// Envelope sender, where it is known. `<>` of a bounce.
    pub envelope_from: Option<String>,
    /// Envelope recipients, where they are known.
    pub envelope_to: Vec<String>,
    /// Results of SPF, DKIM and DMARC that whoever handed it over vouches for.
    pub authentication: HashMap<String, String>,
    /// The id of whoever handed it over.
    pub provider_id: Option<String>,
    /// What could not be taken over faithfully on the way here.
    pub degraded: Vec<&'static str>,
    /// The bytes of the delivery it came in: what an event keeps.
    pub delivery: &'a [u8],
}

// By hand: a message holds a customer's words.
impl std::fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival").field("size", &self.message.len()).finish_non_exhaustive()
    }
}

impl<'a> Arrival<'a> {
    /// A message of which nothing more is known.
    pub fn of(message: &'a [u8]) -> Self {
        Self {
            message: message.into(),
            envelope_from: None,
            envelope_to: Vec::new(),
            authentication: HashMap::new(),
            provider_id: None,
            degraded: Vec::new(),
            delivery: message,
        }
    }
}

/// What an endpoint knows of its mail.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Our mailboxes, in lower case. Where there are none, the recipient's address is the account.
    pub mailboxes: Vec<String>,
    /// Servers whose `Authentication-Results` are believed.
    pub trusted_hosts: Vec<String>,
    /// What reply tokens are signed with; the first signs.
    pub reply_secrets: Vec<Secret>,
    /// Put mail without references into a thread by subject and sender.
    pub thread_by_subject: bool,
    /// How 8-bit text is read that does not say, or says wrongly, in which encoding it is.
    pub fallback: Fallback,
}

/// Turns a message into events: one message, or a receipt for each recipient of a bounce. What is no mail is one
/// `unsupported` event that keeps the delivery's bytes. Never panics.
pub fn events(arrival: &Arrival<'_>, rules: &Rules) -> Batch {
    // A parser that gives up on a mail must not cost it. None of the corpora makes one.
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| read(arrival, rules)));
    let unreadable = |detail: &str| {
        let account = address::mailbox(&plain(&arrival.envelope_to), &rules.mailboxes);
        let event = Event::unsupported(
            account.as_deref(),
            arrival.delivery,
            Some("mail"),
            "unexpected_shape",
            Some(detail.to_owned()),
        );
        vec![event]
    };
    let events = match read {
        Ok(Some(events)) => events,
        Ok(None) => unreadable("the message has no header of a mail"),
        Err(_) => unreadable("the mail parser failed"),
    };
    Batch { events, skipped: Vec::new() }
}

/// The bytes of a file that hangs on the message, by the `provider_ref` its event has.
pub fn enclosed(arrival: &Arrival<'_>, rules: &Rules, provider_ref: &str) -> Option<Vec<u8>> {
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let prepared = mail::prepared(&arrival.message, rules.fallback);
        crate::attachment::bytes(&Mail::parse(&prepared, rules.fallback)?, provider_ref)
    }));
    read.ok().flatten()
}

fn plain(addresses: &[String]) -> Vec<String> {
    addresses.iter().map(|address| address::plain(address)).collect()
}

/// A mail with what is found out about it once.
pub(crate) struct Reading<'a> {
    pub(crate) arrival: &'a Arrival<'a>,
    pub(crate) rules: &'a Rules,
    pub(crate) mail: &'a Mail<'a>,
    pub(crate) recipients: Vec<String>,
    /// Who wrote it, as it is compared.
    pub(crate) sender: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) in_reply_to: Vec<String>,
    pub(crate) references: Vec<String>,
}

fn read(arrival: &Arrival<'_>, rules: &Rules) -> Option<Vec<Event>> {
    let prepared = mail::prepared(&arrival.message, rules.fallback);
    let mail = Mail::parse(&prepared, rules.fallback)?;
    let senders = [HeaderName::From, HeaderName::Sender, HeaderName::ReturnPath].into_iter();
    let sender = senders.flat_map(|name| mail.addresses(&name)).map(|(address, _)| address::plain(&address)).next();
    let reading = Reading {
        recipients: address::recipients(arrival, &mail),
        sender: sender.filter(|sender| !sender.is_empty()),
        message_id: mail.ids(&HeaderName::MessageId).into_iter().next(),
        in_reply_to: mail.ids(&HeaderName::InReplyTo),
        references: mail.ids(&HeaderName::References),
        arrival,
        rules,
        mail: &mail,
    };
    Some(bounce::receipts(&reading).unwrap_or_else(|| vec![message::event(&reading)]))
}

impl Reading<'_> {
    /// Where it belongs, and whose mailbox it came to. `references` stand for its own where it speaks of another mail.
    pub(crate) fn place(&self, references: Option<&[String]>) -> (Thread, Option<String>) {
        let mailbox = address::mailbox(&self.recipients, &self.rules.mailboxes);
        let subject = self.mail.subject();
        let digest = if self.message_id.is_none() { digest_key(&self.arrival.message) } else { String::new() };
        let clues = Clues {
            message_id: self.message_id.as_deref(),
            in_reply_to: if references.is_some() { &[] } else { &self.in_reply_to },
            references: references.unwrap_or(&self.references),
            recipients: &self.recipients,
            sender: self.sender.as_deref(),
            subject: subject.as_deref(),
            digest: &digest,
        };
        let tokens_for: Vec<_> = mailbox.iter().chain(&self.rules.mailboxes).cloned().collect();
        let thread = thread::of(&clues, &tokens_for, &self.rules.reply_secrets, self.rules.thread_by_subject);
        let mailbox = thread.mailbox.clone().or(mailbox);
        (thread, mailbox)
    }

    /// Whether it is from one of our own mailboxes: a copy of what we sent, or a loop.
    pub(crate) fn is_ours(&self) -> bool {
        let is_ours = |sender: &String| {
            self.rules.mailboxes.contains(sender) || self.rules.mailboxes.contains(&address::untagged(sender))
        };
        self.sender.as_ref().is_some_and(is_ours)
    }
}
