//! A message is one mail, whatever it holds.

use connector_sdk::outbound::{Order, Planned, Refusal, To, check_options, plan};
use kenh_proto::v1::{Capabilities, Email, Message, SendReason, SenderRole, Text, TextFormat, outbound_action::What};

use super::{
    capabilities::{OPTIONS, SUBJECT},
    header,
};

/// Fits a message, and puts what it was split into together again.
pub(super) fn planned(capabilities: &Capabilities, order: &Order<'_>) -> Result<Planned, Refusal> {
    check_options(order, OPTIONS)?;
    recipient(order.to)?;
    let given = match order.what {
        What::Message(message) => message.email.clone().unwrap_or_default(),
        What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::CommentReply(_)
        | What::HideComment(_) => Email::default(),
    };
    let planned = match worded(order.what) {
        Some(what) => plan(capabilities, &Order { what: &what, ..*order })?,
        None => plan(capabilities, order)?,
    };
    let subject = given.subject.as_deref().or(order.options.get(SUBJECT).map(String::as_str));
    if subject.is_none_or(|subject| subject.trim().is_empty()) && order.answered.is_none() {
        let advice = "a mail that answers none needs a subject: set message.email.subject, or the option subject";
        return Err(Refusal::new(SendReason::ContentInvalid, advice));
    }
    if given.cc.iter().any(|cc| header::address(&cc.address).is_none()) {
        return Err(Refusal::new(SendReason::ContentInvalid, "an address of message.email.cc is none"));
    }
    // Two programs that answer each other go on for ever (RFC 3834).
    let is_automatic = order.answered.is_some_and(|mail| mail.auto_submitted.is_some());
    if is_automatic && order.role == SenderRole::Bot {
        let advice = "a program sent the mail it answers, and programs do not answer those: sender_role HUMAN may";
        return Err(Refusal::new(SendReason::NotPermitted, advice));
    }
    let email = Email { subject: given.subject, html: given.html, cc: given.cc, ..Email::default() };
    Ok(Planned { pieces: vec![What::Message(joined(planned.pieces, email))], ..planned })
}

/// A mail that has its words in HTML alone, with those words as its text.
fn worded(what: &What) -> Option<What> {
    let What::Message(message) = what else { return None };
    let html = message.email.as_ref()?.html.clone().filter(|html| !html.is_empty() && message.text.is_none())?;
    let text = Text { body: html, format: TextFormat::Html.into(), ..Text::default() };
    Some(What::Message(Message { text: Some(text), ..message.clone() }))
}

/// The address it is for.
pub(super) fn recipient(to: &To) -> Result<String, Refusal> {
    let unsuited = || Refusal::new(SendReason::RecipientUnknown, "mail goes to a contact of the scheme email");
    let To::Contact { scheme, value } = to else { return Err(unsuited()) };
    if scheme != "email" {
        return Err(unsuited());
    }
    header::address(value).ok_or_else(|| {
        let advice = "it is no address: a name, @ and a domain, all of ASCII (a domain of other letters as xn--…)";
        Refusal::new(SendReason::RecipientUnknown, advice)
    })
}

fn joined(pieces: Vec<What>, email: Email) -> Message {
    let mut whole = Message { email: Some(email), ..Message::default() };
    for piece in pieces {
        let What::Message(piece) = piece else { continue };
        whole.quoted = whole.quoted.or(piece.quoted);
        whole.parts.extend(piece.parts);
        let Some(text) = piece.text else { continue };
        whole.text = Some(match whole.text.take() {
            None => text,
            Some(before) => behind(before, &text),
        });
    }
    whole
}

/// Text behind text. What was made of parts is plain, whatever the text before it is.
fn behind(mut before: Text, text: &Text) -> Text {
    if before.format() == TextFormat::Html && text.format() != TextFormat::Html {
        let escaped = text.body.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
        before.body.extend(["<p>", &escaped, "</p>"]);
    } else {
        before.body.push_str("\n\n");
        before.body.push_str(&text.body);
    }
    before
}
