//! A mail as a message.

use std::collections::HashSet;

use connector_sdk::{Event, time};
use kenh_proto::v1::{
    ActorRole, ConversationKind, Direction, Email, EmailAddress, Message, Quote, Text, TextFormat, envelope::Payload,
};
use mail_parser::HeaderName;
use prost_types::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Reading;
use crate::{address, attachment, authentication, automatic, charset, html, mail, reply, thread};

/// The words of a mail.
struct Words {
    full: Option<String>,
    html: Option<String>,
    /// Parts they stand in.
    bodies: HashSet<usize>,
    degraded: Vec<&'static str>,
}

pub(super) fn event(reading: &Reading<'_>) -> Event {
    let (arrival, mail) = (reading.arrival, reading.mail);
    let Words { full, html, bodies, mut degraded } = words(reading);
    let (parts, cut) = attachment::parts(mail, &bodies, html.as_deref().unwrap_or_default());
    let subject = mail.subject();
    let damaged = subject.as_deref().and_then(charset::damage);
    degraded.extend(cut.into_iter().chain(damaged).chain(arrival.degraded.iter().copied()));

    let reply = full.as_deref().map(reply::without_quotes).filter(|reply| !reply.is_empty());
    let full = full.map(|full| reply::without_marks(&full)).filter(|full| !full.is_empty());
    let authentication = if arrival.authentication.is_empty() {
        authentication::results(mail.headers("authentication-results"), &reading.rules.trusted_hosts)
    } else {
        arrival.authentication.clone()
    };
    let is_authentic = authentication.get("dmarc").is_some_and(|result| result == "pass");
    let mut references = reading.references.clone();
    references.extend(reading.in_reply_to.iter().filter(|id| !reading.references.contains(id)).cloned());
    let email = Email {
        subject: subject.clone(),
        from: addresses(reading, &HeaderName::From),
        to: addresses(reading, &HeaderName::To),
        cc: addresses(reading, &HeaderName::Cc),
        reply_to: addresses(reading, &HeaderName::ReplyTo),
        message_id: reading.message_id.clone(),
        references,
        html,
        full_text: full,
        reply_text: reply.clone(),
        auto_submitted: automatic::sign(mail, arrival.envelope_from.as_deref(), reading.sender.as_deref()),
        authentication_results: authentication,
        envelope_from: arrival.envelope_from.clone(),
        envelope_to: arrival.envelope_to.clone(),
    };
    let encloses = !parts.is_empty();
    let name = email.from.first().and_then(|from| from.name.clone());
    let message = Message {
        text: reply.map(|body| Text { body, format: TextFormat::Plain.into(), ..Text::default() }),
        parts,
        quoted: reading.in_reply_to.first().map(|id| Quote { provider_message_id: id.clone(), ..Quote::default() }),
        email: Some(email),
        ..Message::default()
    };
    let (thread, mailbox) = reading.place(None);
    let key = key(reading, &message);
    let mut event = Event::new(mailbox.as_deref(), key, arrival.delivery, Payload::Message(message));
    event = if reading.is_ours() {
        event.direction(Direction::Echo).actor(ActorRole::Agent, reading.sender.as_deref())
    } else {
        event.direction(Direction::Inbound).actor(ActorRole::Contact, reading.sender.as_deref())
    };
    if let Some(contact) = contact(reading) {
        event = event.identity("email", contact, None);
    }
    let (occurred_at, odd) = written(mail);
    degraded.extend(odd.into_iter().chain(thread.degraded));
    let keep = encloses || !degraded.is_empty();
    event = event.conversation(ConversationKind::EmailThread, thread.id).occurred_at(occurred_at).keep_raw(keep);
    let envelope = &mut event.envelope;
    if let Some(conversation) = &mut envelope.conversation {
        conversation.thread_match = thread.matched.into();
        conversation.title = subject.map(|subject| thread::base(&subject).to_owned()).filter(|title| !title.is_empty());
    }
    if let Some(contact) = &mut envelope.contact {
        contact.display_name = name.filter(|_| !reading.is_ours());
        contact.identities.iter_mut().for_each(|identity| identity.verified = is_authentic && !reading.is_ours());
    }
    envelope.provider_message_id.clone_from(&reading.message_id);
    envelope.provider_event_id.clone_from(&arrival.provider_id);
    degraded.sort_unstable();
    degraded.dedup();
    degraded.into_iter().fold(event, |event, code| event.degraded(Some(code)))
}

/// The customer: who wrote it, or to whom we did.
fn contact(reading: &Reading<'_>) -> Option<String> {
    if !reading.is_ours() {
        return reading.sender.clone();
    }
    let is_other = |address: &&String| !reading.rules.mailboxes.contains(&address::untagged(address));
    reading.recipients.iter().find(is_other).cloned()
}

fn words(reading: &Reading<'_>) -> Words {
    let mail = reading.mail;
    let (plain, html) = mail.bodies();
    let bodies: HashSet<usize> = plain.iter().chain(&html).copied().collect();
    let joined = |places: &[usize]| {
        let texts: Vec<_> =
            places.iter().map(|place| mail.text(*place)).filter(|text| !text.trim().is_empty()).collect();
        (!texts.is_empty()).then(|| mail::cut(texts.join("\n\n").replace("\r\n", "\n").replace('\0', "")))
    };
    let (plain, html) = (joined(&plain), joined(&html));
    let mut degraded: Vec<_> = plain.iter().chain(&html).filter_map(|(_, cut)| *cut).collect();
    let (plain, html) = (plain.map(|(text, _)| text), html.map(|(text, _)| text));
    let full = plain.filter(|text| !is_stub(text) || html.is_none()).or_else(|| {
        let converted = html::to_text(html.as_deref()?);
        degraded.extend(converted.is_none().then_some("html_not_converted"));
        let (text, cut) = mail::cut(converted?);
        degraded.extend(cut);
        Some(text)
    });
    degraded.extend(full.as_deref().and_then(charset::damage));
    Words { full, html, bodies, degraded }
}

/// What some programs put in the place of a plain text.
fn is_stub(text: &str) -> bool {
    let text = text.trim();
    let lower = text.chars().take(200).collect::<String>().to_lowercase();
    text.len() < 200
        && lower.contains("html")
        && ["view", "support", "client", "xem", "hiển thị"].iter().any(|word| lower.contains(word))
}

fn addresses(reading: &Reading<'_>, header: &HeaderName<'static>) -> Vec<EmailAddress> {
    let all = reading.mail.addresses(header).into_iter();
    all.map(|(address, name)| EmailAddress { address, name }).collect()
}

/// When it was written, and what is odd about that.
fn written(mail: &mail::Mail<'_>) -> (Option<Timestamp>, Option<&'static str>) {
    let Some(seconds) = mail.date() else {
        return (None, mail.header("date").map(|_| time::OUT_OF_RANGE));
    };
    // What no clock says, as with every channel: 2001 to 2286.
    match u64::try_from(seconds).ok().filter(|seconds| (1_000_000_000..10_000_000_000).contains(seconds)) {
        Some(seconds) => (time::from_millis(seconds * 1000), None),
        None => (None, Some(time::OUT_OF_RANGE)),
    }
}

/// The identity of a mail within its mailbox. A Message-ID alone is none: programs give two mails the same. What the mail
/// says tells them apart, and is the same on every way it comes, as headers of servers are not part of it.
fn key(reading: &Reading<'_>, message: &Message) -> String {
    let Some(id) = &reading.message_id else { return connector_sdk::digest_key(&reading.arrival.message) };
    let mut digest = Sha256::new();
    let mut add = |text: &[u8]| {
        digest.update(u64::try_from(text.len()).unwrap_or_default().to_be_bytes());
        digest.update(text);
    };
    let email = message.email.as_ref();
    add(reading.sender.as_deref().unwrap_or_default().as_bytes());
    add(email.and_then(|email| email.subject.as_deref()).unwrap_or_default().as_bytes());
    add(email.and_then(|email| email.full_text.as_deref()).unwrap_or_default().as_bytes());
    for part in &message.parts {
        if let Some(kenh_proto::v1::part::Content::Media(media)) = &part.content {
            add(media.sha256.as_deref().unwrap_or_default());
        }
    }
    let digest = hex::encode(digest.finalize());
    format!("{id}:{}", digest.get(..16).unwrap_or_default())
}
