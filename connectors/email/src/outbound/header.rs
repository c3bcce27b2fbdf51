//! What stands in the header of a mail.

use connector_sdk::Secret;
use kenh_proto::v1::Email;
use lettre::Address;

use crate::thread::{base, token};

/// Addresses of an option at most.
const MOST: usize = 50;
/// Message-IDs that are named at most, beside the first.
const REFERENCES: usize = 20;
/// Characters of a Message-ID that is named, at most.
const LONGEST_ID: usize = 250;

/// An address as servers take it, of ASCII alone.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let is_one = text.is_ascii() && text.len() <= 254 && text.parse::<Address>().is_ok();
    is_one.then(|| text.to_owned())
}

/// Several, with commas between them.
pub(super) fn addresses(text: &str) -> Option<Vec<String>> {
    let all: Option<Vec<_>> = text.split(',').map(address).collect();
    all.filter(|all| all.len() <= MOST)
}

/// One line, whatever was written.
pub(super) fn line(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The subject of an answer.
pub(super) fn answering(subject: &str) -> String {
    format!("Re: {}", base(subject)).trim_end().to_owned()
}

/// The Message-ID of a message by our own id of it, without angle brackets and without what is signed.
pub(crate) fn plain_id(message: &str, mailbox: &str) -> String {
    format!("{message}@{}", domain(mailbox))
}

/// The same with the thread in it, signed.
pub(super) fn signed_id(message: &str, mailbox: &str, thread: &str, secret: &Secret) -> String {
    format!("{message}.{}@{}", token::token(mailbox, thread, secret), domain(mailbox))
}

fn domain(mailbox: &str) -> &str {
    mailbox.rsplit_once('@').map_or(mailbox, |(_, domain)| domain)
}

/// The mailbox with a tag; `None` where the name would be longer than servers take (RFC 5321, 4.5.3.1.1).
pub(super) fn tagged(mailbox: &str, tag: &str) -> Option<String> {
    let (local, domain) = mailbox.rsplit_once('@')?;
    (local.len() + 1 + tag.len() <= 64).then(|| format!("{local}+{tag}@{domain}"))
}

/// A Message-ID that somebody else wrote, where it can stand in a header.
pub(super) fn foreign_id(id: &str) -> Option<String> {
    let is_sound = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>');
    let sound = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(is_sound);
    sound.then(|| format!("<{id}>"))
}

/// References of an answer: those of the mail it answers, as far as they are known, and that mail; the first and the last ones.
pub(super) fn references(answered: &Email, parent: Option<&str>) -> String {
    let known = answered.references.iter().map(String::as_str).chain(answered.message_id.as_deref());
    let mut ids: Vec<String> = Vec::new();
    for id in known {
        if Some(id) == parent {
            break;
        }
        ids.extend(foreign_id(id).filter(|id| !ids.contains(id)));
    }
    ids.extend(parent.and_then(foreign_id));
    let last = ids.len().saturating_sub(REFERENCES);
    if last > 1 {
        ids.drain(1..last);
    }
    ids.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_servers_take() {
        assert_eq!(address(" an@example.test ").as_deref(), Some("an@example.test"));
        for wrong in ["", "an", "an@", "@b", "ân@example.test", "a b@example.test", "a@b\r\nRCPT TO:<c@d.test>"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
        assert_eq!(addresses("a@b.test, c@d.test").map(|all| all.len()), Some(2));
        assert!(addresses("a@b.test,").is_none() && addresses(&"a@b.test,".repeat(51)).is_none());
    }

    #[test]
    fn nothing_begins_a_line_of_its_own() {
        assert_eq!(line("Đơn hàng\r\nBcc: x@y.test"), "Đơn hàng Bcc: x@y.test");
        assert_eq!(foreign_id("a@b> <c@d"), None);
        assert_eq!(foreign_id("a@b\r\nX: y"), None);
        assert_eq!(answering("RE: Fwd: Đơn hàng"), "Re: Đơn hàng");
        assert_eq!(answering(""), "Re:");
    }

    #[test]
    fn references_keep_the_first_and_the_last() {
        let id = |number: usize| format!("{number}@x.test");
        let mail = Email { references: (0..40).map(id).collect(), message_id: Some(id(40)), ..Email::default() };
        let all = references(&mail, Some("41@x.test"));
        let ids: Vec<_> = all.split(' ').collect();
        assert_eq!((ids.len(), ids[0], ids[1], ids[20]), (21, "<0@x.test>", "<22@x.test>", "<41@x.test>"));
        let short = Email { message_id: Some(id(1)), ..Email::default() };
        assert_eq!(references(&short, Some("1@x.test")), "<1@x.test>");
        let thread = Email { references: vec![id(0), id(1)], message_id: Some(id(2)), ..Email::default() };
        assert_eq!(references(&thread, Some("1@x.test")), "<0@x.test> <1@x.test>");
        assert_eq!(references(&thread, Some("7@x.test")), "<0@x.test> <1@x.test> <2@x.test> <7@x.test>");
        assert_eq!(references(&Email::default(), None), "");
    }

    #[test]
    fn a_tag_that_makes_a_name_too_long_is_left_out() {
        assert_eq!(tagged("support@example.test", "t-1").as_deref(), Some("support+t-1@example.test"));
        assert_eq!(tagged(&format!("{}@example.test", "a".repeat(62)), "t-1"), None);
    }
}
