//! Every provider, in alphabetical order.

mod direct;
mod imap;
mod mailgun;
mod postmark;
mod sendgrid;
mod ses;

use std::collections::BTreeMap;

use connector_sdk::{
    Malformed,
    json::{self, Raw},
};

pub(crate) use direct::address;
pub(crate) use postmark::POSTMARK;

use crate::{
    form,
    inbound::Arrival,
    provider::{Parcel, Provider},
};

/// The one list.
pub(crate) const PROVIDERS: &[&Provider] =
    &[&direct::DIRECT, &imap::IMAP, &mailgun::MAILGUN, &postmark::POSTMARK, &sendgrid::SENDGRID, &ses::SES];

/// Reads a call of any provider, by its shape, or a raw message.
pub(crate) fn recognized(body: &[u8]) -> Result<Parcel<'_>, Malformed> {
    let start = body.trim_ascii_start();
    if start.first() == Some(&b'{') {
        let members = json::object::<BTreeMap<String, Raw>>(body)?.value;
        let provider = if members.contains_key("TopicArn") {
            &ses::SES
        } else if members.contains_key("event-data") {
            &mailgun::MAILGUN
        } else {
            &postmark::POSTMARK
        };
        return (provider.open)(body);
    }
    // A mail's first line is a header: a name, a colon, and no sign of a form before it.
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_header =
        line.iter().position(|byte| matches!(byte, b':' | b'=' | b'&')).is_some_and(|at| line.get(at) == Some(&b':'));
    if !start.starts_with(b"--") && (is_header || line.starts_with(b"From ") || line.is_empty()) {
        return Ok(Arrival::of(body).into());
    }
    let fields = form::read(body)?;
    let is_mailgun = fields.text("token").is_some() && fields.text("signature").is_some();
    (if is_mailgun { mailgun::MAILGUN.open } else { sendgrid::SENDGRID.open })(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        assert!(PROVIDERS.is_sorted_by(|a, b| a.name < b.name));
    }
}
