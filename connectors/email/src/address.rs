//! Whose mailbox a mail came to, and who wrote it.

use mail_parser::HeaderName;

use crate::{inbound::Arrival, mail::Mail};

/// An address as it is compared: in lower case, without what surrounds it.
pub(crate) fn plain(address: &str) -> String {
    let inner = address.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(address, |(inner, _)| inner);
    inner.trim().trim_matches(['<', '>']).to_lowercase()
}

/// The address without its tag: `support+t-5f2c@…` is `support@…`.
pub(crate) fn untagged(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
    let local = local.split_once('+').map_or(local, |(local, _)| local);
    format!("{local}@{domain}")
}

/// Addresses it was sent to, as they are compared: those of the envelope first, then what servers on the way noted, then
/// those in the headers, which may be anybody's.
pub(crate) fn recipients(arrival: &Arrival<'_>, mail: &Mail<'_>) -> Vec<String> {
    let noted = ["delivered-to", "x-original-to", "x-envelope-to", "envelope-to"];
    let noted = noted.iter().flat_map(|name| mail.headers(name).collect::<Vec<_>>());
    let written = [HeaderName::To, HeaderName::Cc].into_iter().flat_map(|name| mail.addresses(&name));
    let all = arrival.envelope_to.iter().cloned().chain(noted).chain(written.map(|(address, _)| address));
    let mut read: Vec<String> = Vec::new();
    for address in all.map(|address| plain(&address)).filter(|address| address.contains('@')) {
        if read.len() < MOST && !read.contains(&address) {
            read.push(address);
        }
    }
    read
}

const MOST: usize = 100;

/// The mailbox: the first of ours among the recipients. Where none are named, the first recipient without its tag.
pub(crate) fn mailbox(recipients: &[String], ours: &[String]) -> Option<String> {
    let is_ours = |recipient: &String| {
        let (whole, bare) = (ours.contains(recipient), untagged(recipient));
        whole.then(|| recipient.clone()).or_else(|| ours.contains(&bare).then_some(bare))
    };
    recipients.iter().find_map(is_ours).or_else(|| {
        // Of a mailbox nobody has named nothing is known: the endpoint stands for it.
        if ours.is_empty() { recipients.first().map(|first| untagged(first)) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mailbox_is_one_of_ours() {
        let list = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let ours = list(&["support@example.test", "a+b@example.test"]);
        let found = |recipients: &[&str]| mailbox(&list(recipients), &ours);
        assert_eq!(found(&["x@a.test", "support+t-1@example.test"]).as_deref(), Some("support@example.test"));
        assert_eq!(found(&["a+b@example.test"]).as_deref(), Some("a+b@example.test"));
        assert_eq!(found(&["support@example.test.evil.test"]), None);
        assert_eq!(mailbox(&list(&["in+x@a.test"]), &[]).as_deref(), Some("in@a.test"));
    }

    #[test]
    fn addresses_lose_what_surrounds_them() {
        assert_eq!(plain(" Lan <Lan@Example.test> "), "lan@example.test");
        assert_eq!(plain("<lan@example.test>"), "lan@example.test");
    }
}
