//! Mail about mail: bounces and receipts become receipts of what was sent.
//!
//! Where a report has the standard's form (RFC 3464, RFC 8098), that is read; otherwise the words programs use ([`wording`]).
//! A bounce of which no recipient can be found is a message, marked as automatic. The whole of a report stays in the raw bytes
//! of its first receipt; those of the others are the recipient's address, or a report would be kept a hundred times.

mod original;
pub(crate) mod path;
mod standard;
mod wording;
mod words;

use std::collections::HashMap;

use connector_sdk::{Event, digest_key, time};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, Receipt, ReceiptStatus, Target, envelope::Payload};

use crate::inbound::Reading;

/// What became of a mail for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) recipient: String,
    pub(crate) action: Action,
    /// `5.1.1` (RFC 3463).
    pub(crate) status: Option<String>,
    /// What the other server said.
    pub(crate) diagnostic: Option<String>,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// For good.
    Failed,
    /// It is tried again.
    Delayed,
    Delivered,
    /// To a server that gives no reports.
    Relayed,
    /// To several.
    Expanded,
    /// Shown to the recipient.
    Displayed,
    /// Deleted without having been shown, or dealt with by a program.
    Processed,
}

/// One report names at most so many recipients.
const MOST: usize = 100;
/// Characters of another server's words.
const LONGEST: usize = 500;

/// The receipts a mail is, when it is about mail.
pub(crate) fn receipts(reading: &Reading<'_>) -> Option<Vec<Event>> {
    let mut outcomes = standard::outcomes(reading.mail);
    if outcomes.is_empty() {
        outcomes = wording::outcomes(reading);
    }
    outcomes.truncate(MOST);
    if outcomes.is_empty() {
        return None;
    }
    let original = original::find(reading);
    let (thread, mailbox) = reading.place(Some(&original.references));
    let ours = path::find(&reading.recipients, &reading.rules.mailboxes, &reading.rules.reply_secrets);
    let identity = reading.message_id.clone().unwrap_or_else(|| digest_key(&reading.arrival.message));
    let occurred_at = reading.mail.date().and_then(|at| u64::try_from(at).ok()?.checked_mul(1000));
    let event = |(place, outcome): (usize, Outcome)| {
        let key = format!("report:{identity}:{}", outcome.recipient);
        let recipient = outcome.recipient.clone();
        let is_first = place == 0;
        let raw = if is_first { reading.arrival.delivery } else { recipient.as_bytes() };
        let receipt = receipt(outcome, original.message_id.as_ref());
        let target = Target {
            provider_message_id: original.message_id.clone(),
            // A mail is one piece.
            client_reference: ours.as_ref().map(|message| format!("{message}.0")),
            ..Target::default()
        };
        let mut event = Event::new(mailbox.as_deref(), key, raw, Payload::Receipt(receipt))
            .direction(Direction::System)
            .actor(ActorRole::System, None)
            .conversation(ConversationKind::EmailThread, thread.id.clone())
            .occurred_at(occurred_at.and_then(time::from_millis))
            .keep_raw(is_first)
            .identity("email", recipient.clone(), None)
            .degraded(thread.degraded);
        if original.message_id.is_some() || ours.is_some() {
            event = event.target(target);
        }
        if let Some(conversation) = &mut event.envelope.conversation {
            conversation.thread_match = thread.matched.into();
        }
        if let Some(contact) = &mut event.envelope.contact {
            // Anybody can write a report.
            contact.identities.iter_mut().for_each(|identity| identity.verified = false);
        }
        event.envelope.provider_event_id.clone_from(&reading.message_id);
        event
    };
    Some(outcomes.into_iter().enumerate().map(event).collect())
}

fn receipt(outcome: Outcome, message_id: Option<&String>) -> Receipt {
    let (status, action) = match outcome.action {
        Action::Failed => (ReceiptStatus::Failed, "failed"),
        // Nothing is decided.
        Action::Delayed => (ReceiptStatus::Unspecified, "delayed"),
        Action::Delivered => (ReceiptStatus::Delivered, "delivered"),
        Action::Relayed => (ReceiptStatus::Sent, "relayed"),
        Action::Expanded => (ReceiptStatus::Sent, "expanded"),
        Action::Displayed => (ReceiptStatus::Read, "displayed"),
        Action::Processed => (ReceiptStatus::Delivered, "processed"),
    };
    let diagnostic = outcome.diagnostic.map(|text| text.chars().take(LONGEST).collect());
    let values = HashMap::from([("status".into(), action.into()), ("recipient".into(), outcome.recipient)]);
    let failed = matches!(outcome.action, Action::Failed | Action::Delayed);
    Receipt {
        status: status.into(),
        provider_message_ids: message_id.into_iter().cloned().collect(),
        error_code: outcome.status.filter(|_| failed),
        error_text: diagnostic.filter(|_| failed),
        values,
        ..Receipt::default()
    }
}
