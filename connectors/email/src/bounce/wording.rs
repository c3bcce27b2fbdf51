//! Bounces in no standard's form, by the words programs use.
//!
//! A mail is one when its sender or subject says so. Recipients are the addresses in its text, up to where it copies the mail
//! it gives back, that stand near words of failure.

use super::{
    Action, Outcome,
    words::{COPIES, FAILURES, SENDERS, SUBJECTS, TEMPORARY},
};
use crate::{address, automatic, inbound::Reading};

/// Lines around an address that say why it stands there.
const AROUND: usize = 4;
const MOST_LINES: usize = 400;

pub(super) fn outcomes(reading: &Reading<'_>) -> Vec<Outcome> {
    let mut found: Vec<Outcome> = Vec::new();
    let mut add = |recipient: String, action, line: &str| {
        if !found.iter().any(|known| known.recipient == recipient) {
            let status = status(line);
            found.push(Outcome { recipient, action, status, diagnostic: None });
        }
    };
    if let Some(failed) = reading.mail.header("x-failed-recipients") {
        for recipient in failed.split([',', ' ']).map(address::plain).filter(|one| is_address(one)) {
            add(recipient, Action::Failed, "");
        }
        return found;
    }
    if !is_bounce(reading) {
        return found;
    }
    let text = text(reading);
    let lines: Vec<String> = text.lines().take(MOST_LINES).map(str::to_lowercase).collect();
    let end = lines.iter().position(|line| COPIES.iter().any(|copy| line.contains(copy))).unwrap_or(lines.len());
    let lines = lines.get(..end).unwrap_or_default();
    let is_temporary = lines.iter().any(|line| TEMPORARY.iter().any(|words| line.contains(words)));
    let action = if is_temporary { Action::Delayed } else { Action::Failed };
    for (place, line) in lines.iter().enumerate() {
        if is_header(line) {
            continue;
        }
        let from = place.saturating_sub(AROUND);
        let around = lines.get(from..lines.len().min(place + AROUND + 1)).unwrap_or_default();
        // qmail and its like name the recipient alone on a line, and say why in their own language.
        let is_alone = line.trim().starts_with('<') && line.trim().ends_with(">:");
        let said = is_alone || around.iter().any(|line| FAILURES.iter().any(|words| line.contains(words)));
        if !said {
            continue;
        }
        for recipient in addresses(line).into_iter().filter(|one| !is_known(one, reading)) {
            add(recipient, action, &around.join(" "));
        }
    }
    found
}

/// Whether a mail is from a program that delivers mail. People write of failed deliveries too, and who is on holiday answers
/// with an empty envelope sender: neither alone is enough.
fn is_bounce(reading: &Reading<'_>) -> bool {
    let sender = reading.sender.as_deref().unwrap_or_default();
    let local = sender.split('@').next().unwrap_or_default();
    let envelope_from = reading.arrival.envelope_from.as_deref();
    let is_daemon = |text: &str| SENDERS.iter().any(|known| text.contains(known));
    let returns_to_nobody =
        reading.mail.header("return-path").is_some_and(|path| path == "<>" || is_daemon(&path.to_lowercase()));
    if is_daemon(local) || reading.mail.is_report("delivery-status") {
        return true;
    }
    let is_automatic = || automatic::sign(reading.mail, envelope_from, reading.sender.as_deref()).is_some();
    let subject = reading.mail.subject().unwrap_or_default().to_lowercase();
    SUBJECTS.iter().any(|known| subject.contains(known)) && (returns_to_nobody || is_automatic())
}

/// Plain text, or else the text of the HTML; of reports whose first part says nothing, of the next.
fn text(reading: &Reading<'_>) -> String {
    let (plain, html) = reading.mail.bodies();
    let plain: Vec<_> = plain.iter().map(|place| reading.mail.text(*place)).collect();
    if plain.iter().any(|text| !text.trim().is_empty()) {
        return plain.join("\n");
    }
    let html = html.first().map(|place| reading.mail.text(*place)).unwrap_or_default();
    crate::html::to_text(&html).unwrap_or_default()
}

/// Lines that name mails and servers rather than people.
fn is_header(line: &str) -> bool {
    const NAMES: &[&str] = &[
        "message-id",
        "received",
        "from",
        "to",
        "cc",
        "return-path",
        "sender",
        "reply-to",
        "errors-to",
        "date",
        "references",
        "in-reply-to",
        "x-",
        "precedence",
        "list-",
        "for help",
        "mime-version",
        "content-",
        "reporting-mta",
    ];
    let line = line.trim_start_matches(['>', ' ', '\t', '|']);
    NAMES.iter().any(|name| line.strip_prefix(name).is_some_and(|rest| name.ends_with('-') || rest.starts_with(':')))
        || line.contains("contact ")
        || line.contains("message-id")
}

/// The bounce's own parties: whom it is from, whom it came to, and whom to ask.
fn is_known(address: &str, reading: &Reading<'_>) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    reading.sender.as_deref() == Some(address)
        || written_to(reading).any(|known| known == address)
        || ["postmaster", "mailer-daemon", "abuse", "helpdesk", "hostmaster", "webmaster"].contains(&local)
}

fn written_to(reading: &Reading<'_>) -> impl Iterator<Item = String> {
    let written = reading.mail.addresses(&mail_parser::HeaderName::To).into_iter().map(|(address, _)| address);
    written.chain(reading.arrival.envelope_to.iter().cloned()).map(|known| address::plain(&known))
}

/// The addresses in a line, but for those whose mail is not wanted.
fn addresses(line: &str) -> Vec<String> {
    let line = line.split(" mail from ").next().unwrap_or_default();
    let is_part = |character: char| character.is_alphanumeric() || "@.!#$%&'*+/=?^_`{|}~-".contains(character);
    let words = line.split(|character: char| !is_part(character));
    let words = words.map(|word| word.split("...").next().unwrap_or_default());
    let words = words.map(|word| {
        word.trim_matches(['.', '\'', '*', '/', '=', '`', '|', '{', '}', '-', '?', '!', '&', '#', '^', '~', '%'])
    });
    let words = words.map(|word| word.rsplit(['=', '/']).next().unwrap_or(word));
    words.filter(|word| is_address(word)).map(Into::into).collect()
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !local.contains("..")
        && domain.contains('.')
        && !domain.contains('@')
        && !domain.starts_with('.')
        && text.len() <= 254
}

/// An enhanced status code (RFC 3463) among these words.
fn status(words: &str) -> Option<String> {
    let is_code = |word: &&str| {
        let pieces: Vec<_> = word.split('.').collect();
        matches!(pieces.as_slice(), [class, subject, detail]
            if matches!(*class, "4" | "5") && [subject, detail].iter().all(|piece| !piece.is_empty() && piece.len() <= 3 && piece.bytes().all(|byte| byte.is_ascii_digit())))
    };
    let words = words.split(|character: char| !character.is_ascii_digit() && character != '.');
    words.map(|word| word.trim_matches('.')).find(is_code).map(Into::into)
}
