//! Writing a mail (RFC 5322).

use connector_sdk::outbound::{Failure, Mail, Retry, Sending};
use kenh_proto::v1::{Email, Message, SendReason, SenderRole};
use lettre::{
    Address,
    message::{
        Mailbox, MessageBuilder,
        header::{HeaderName, HeaderValue},
    },
};

use super::{
    Attached, Sender,
    body::{self, Body},
    capabilities::{BCC, CC, SUBJECT},
    header,
};
use crate::{bounce::path, thread, thread::token};

/// A mail and what it is called.
pub(super) struct Written {
    pub(super) mail: Mail,
    /// Without angle brackets.
    pub(super) message_id: String,
}

/// Writes it. The same message is the same mail each time but for what is signed by the hour.
pub(super) fn written(
    sender: &Sender,
    sending: &Sending<'_>,
    message: &Message,
    to: &str,
    files: &[Attached<'_>],
) -> Result<Written, Failure> {
    let nothing = Email::default();
    let given = message.email.as_ref().unwrap_or(&nothing);
    let own = sending.reference.split_once('.').map_or(sending.reference, |(message, _)| message);
    let thread = sending.conversation.map_or_else(|| thread::id(&header::plain_id(own, sending.account)), Into::into);
    let message_id = match &sender.secret {
        Some(secret) => header::signed_id(own, sending.account, &thread, secret),
        None => header::plain_id(own, sending.account),
    };
    let listed = |name: &str| sending.options.get(name).and_then(|all| header::addresses(all)).unwrap_or_default();
    let mut copies: Vec<Mailbox> = Vec::new();
    for cc in &given.cc {
        copies.push(mailbox(cc.name.as_deref(), &cc.address)?);
    }
    for cc in listed(CC) {
        copies.push(mailbox(None, &cc)?);
    }
    let mut builder = lettre::Message::builder()
        .envelope(envelope(sending.account, to)?)
        .message_id(Some(format!("<{message_id}>")))
        .date(sending.now)
        .from(mailbox(sender.name.as_deref(), sending.account)?)
        .to(mailbox(None, to)?)
        .subject(subject(given, sending));
    builder = copies.iter().cloned().fold(builder, MessageBuilder::cc);
    let tag = |tag: &dyn Fn(&connector_sdk::Secret) -> String| {
        let secret = sender.secret.as_ref().filter(|_| sender.tagged)?;
        header::tagged(sending.account, &tag(secret))
    };
    if let Some(address) = tag(&|secret| token::token(sending.account, &thread, secret)) {
        builder = builder.reply_to(mailbox(sender.name.as_deref(), &address)?);
    }
    builder = answering(builder, sending, message);
    if sending.role == SenderRole::Bot {
        let kind = if sending.answered.is_some() { "auto-replied" } else { "auto-generated" };
        builder = raw(raw(builder, "Auto-Submitted", kind), "X-Auto-Response-Suppress", "All");
    }
    let written = match body::body(message, files, &own.replace('-', "")) {
        Body::Single(part) => builder.singlepart(part),
        Body::Multi(part) => builder.multipart(part),
    };
    let written = written.map_err(|_| unwritten())?;
    let mut recipients = vec![to.to_owned()];
    recipients.extend(copies.iter().map(|copy| copy.email.to_string()).chain(listed(BCC)));
    let mail = Mail {
        submission: sender.submission.clone(),
        sender: tag(&|secret| path::tag(sending.account, own, secret)).unwrap_or_else(|| sending.account.to_owned()),
        recipients,
        message: sender.dkim.iter().fold(written.formatted(), |message, dkim| dkim.signed(message)).into(),
    };
    Ok(Written { mail, message_id })
}

fn subject(given: &Email, sending: &Sending<'_>) -> String {
    let own = given.subject.as_deref().or(sending.options.get(SUBJECT).map(String::as_str)).map(header::line);
    own.filter(|subject| !subject.is_empty()).unwrap_or_else(|| {
        let answered = sending.answered.and_then(|mail| mail.subject.as_deref()).unwrap_or_default();
        header::answering(&header::line(answered))
    })
}

/// In-Reply-To and References.
fn answering(mut builder: MessageBuilder, sending: &Sending<'_>, message: &Message) -> MessageBuilder {
    let nothing = Email::default();
    let answered = sending.answered.unwrap_or(&nothing);
    let quoted = message.quoted.as_ref().map(|quoted| quoted.provider_message_id.as_str());
    let parent = quoted.or(answered.message_id.as_deref());
    if let Some(id) = parent.and_then(header::foreign_id) {
        builder = builder.in_reply_to(id);
    }
    let references = header::references(answered, parent);
    if references.is_empty() { builder } else { builder.references(references) }
}

fn raw(builder: MessageBuilder, name: &'static str, value: &str) -> MessageBuilder {
    builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()))
}

fn envelope(from: &str, to: &str) -> Result<lettre::address::Envelope, Failure> {
    let address = |text: &str| text.parse::<Address>().map_err(|_| unwritten());
    lettre::address::Envelope::new(Some(address(from)?), vec![address(to)?]).map_err(|_| unwritten())
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, Failure> {
    let name = name.map(header::line).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, header::address(address).and_then(|one| one.parse().ok()).ok_or_else(unwritten)?))
}

/// Planning lets nothing through that cannot be written; what it let through earlier may be another matter.
fn unwritten() -> Failure {
    Failure { reason: SendReason::ContentInvalid, code: None, retry: Retry::Never }
}
