//! Mail that other servers hand to the gateway, over SMTP or LMTP. A listener of the gateway does the talking.
//!
//! A connector says which recipients it takes. What comes is normalized as a delivery whose body is the message as it was sent
//! (RFC 5322), whose content type is [`crate::mailbox::MESSAGE`], and whose header [`HEADER`] holds the [`Envelope`].

use std::{collections::BTreeMap, fmt::Write as _, net::IpAddr};

use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use crate::{Delivery, Section, mailbox::MESSAGE};

/// The header of a delivery that holds its [`Envelope`]. Only the gateway writes it.
pub const HEADER: &str = "x-kenh-mail-envelope";

/// Whose mail an endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reception {
    /// Single addresses, in lower case, without a tag.
    pub mailboxes: Vec<String>,
    /// Domains of which every address is taken, in lower case.
    pub domains: Vec<String>,
}

impl Reception {
    /// Reads `domains` beside the mailboxes that the connector read. Faults are collected by the section.
    pub fn read(section: &mut Section<'_>, mailboxes: Vec<String>) -> Self {
        let domains: Vec<_> = section.texts("domains").iter().map(|domain| domain.trim().to_lowercase()).collect();
        let is_name = |domain: &String| {
            let is_sound = |c: char| c.is_alphanumeric() || c == '-';
            domain.contains('.') && domain.split('.').all(|label| !label.is_empty() && label.chars().all(is_sound))
        };
        if !domains.iter().all(is_name) {
            section.fault("domains", "expected domains such as example.com");
        }
        if mailboxes.is_empty() && domains.is_empty() {
            section.fault("mailboxes", "is required, or `domains`: whose mail is taken. All other mail is refused");
        }
        Self { mailboxes, domains }
    }

    /// The mailbox that a recipient's mail is for; `None` when it is not taken here. A tag (`support+x@`) leads to the mailbox without it, where
    /// that is taken and the tagged address is none of its own.
    pub fn mailbox(&self, recipient: &str) -> Option<String> {
        let whole = recipient.to_lowercase();
        let (local, domain) = whole.rsplit_once('@')?;
        if local.is_empty() {
            return None;
        }
        if self.mailboxes.contains(&whole) {
            return Some(whole);
        }
        let bare = match local.split_once('+') {
            Some((name, _)) if !name.is_empty() => format!("{name}@{domain}"),
            Some(_) | None => whole.clone(),
        };
        let is_taken = self.mailboxes.contains(&bare) || self.domains.iter().any(|taken| taken == domain);
        is_taken.then_some(bare)
    }
}

/// What a mail server said around a message, and what was found out about it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Envelope {
    /// Who sent it; empty for a bounce.
    pub from: String,
    /// Recipients of one mailbox of the endpoint, as they were given. At least one.
    pub to: Vec<String>,
    /// Where the connection came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<IpAddr>,
    /// What the peer called itself.
    #[serde(default)]
    pub hello: String,
    /// Whether the connection was encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// What the gateway found out about the sender, by method: `spf`, `dkim`, `dmarc`. `None` where it asked nobody, as a server that
    /// it trusts has done so before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<BTreeMap<String, String>>,
}

impl Envelope {
    /// The headers of a delivery.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MESSAGE));
        let json = ascii(&serde_json::to_string(self).unwrap_or_default());
        if let Ok(json) = HeaderValue::try_from(json) {
            headers.insert(HEADER, json);
        }
        headers
    }

    /// The envelope of a delivery, where it has one.
    pub fn of(delivery: Delivery<'_>) -> Option<Self> {
        serde_json::from_str(delivery.header(HEADER)?).ok()
    }
}

/// JSON without a character that no header can hold.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && !character.is_ascii_control() {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // A text takes whatever is written to it.
            _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reception() -> Reception {
        let list = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Reception { mailboxes: list(&["support@example.com", "a+b@example.com"]), domains: list(&["shop.example"]) }
    }

    #[test]
    fn what_is_taken_is_a_mailbox_a_tag_of_one_or_of_a_domain() {
        let mailbox = |recipient: &str| reception().mailbox(recipient);
        assert_eq!(mailbox("Support@Example.COM").as_deref(), Some("support@example.com"));
        assert_eq!(mailbox("support+t-1@example.com").as_deref(), Some("support@example.com"));
        assert_eq!(mailbox("a+b@example.com").as_deref(), Some("a+b@example.com"));
        assert_eq!(mailbox("Anyone+x@shop.example").as_deref(), Some("anyone@shop.example"));
        assert_eq!(mailbox("+x@shop.example").as_deref(), Some("+x@shop.example"));
        for other in [
            "sales@example.com",
            "support@example.com.evil.test",
            "support@sub.example.com",
            "x@sub.shop.example",
            "support",
            "@shop.example",
            "a@example.com",
            "",
        ] {
            assert_eq!(mailbox(other), None, "{other}");
        }
    }

    #[test]
    fn an_envelope_comes_through_a_header_whatever_it_holds() {
        let envelope = Envelope {
            from: "\"đ \\ \u{1f600}\u{7f}\r\n\"@ví-dụ.example".into(),
            to: vec!["hỗ-trợ@example.com".into(), "b@example.com".into()],
            peer: Some("2001:db8::1".parse().unwrap()),
            hello: "[192.0.2.1]".into(),
            encrypted: true,
            results: Some(BTreeMap::from([("spf".into(), "pass".into())])),
        };
        let headers = envelope.headers();
        assert_eq!(Envelope::of(Delivery { headers: &headers, body: b"" }), Some(envelope));
        assert_eq!(Envelope::of(Delivery { headers: &HeaderMap::new(), body: b"" }), None);
    }
}
