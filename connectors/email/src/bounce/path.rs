//! Where bounces of a mail go: an address that names the mail (VERP), as a bounce need not.
//!
//! `v-`, our own id of the message in 32 hexadecimal digits, 12 of its HMAC-SHA256 over mailbox and id.

use connector_sdk::{
    ExposeSecret as _, Secret,
    signature::{self, Algorithm},
};

use crate::address;

const MARK: &str = "v-";
const ID: usize = 32;
const MAC: usize = 12;

/// The tag behind a mailbox's name. `message`: a UUID.
pub(crate) fn tag(mailbox: &str, message: &str, secret: &Secret) -> String {
    let id = message.replace('-', "").to_lowercase();
    format!("{MARK}{id}{}", sign(mailbox, &id, secret).expose_secret())
}

/// Our own id of the message that one of these addresses names, where the tag was made here.
pub(super) fn find(recipients: &[String], mailboxes: &[String], secrets: &[Secret]) -> Option<String> {
    recipients.iter().find_map(|recipient| {
        let (local, _) = recipient.rsplit_once('@')?;
        let digits = local.rsplit_once('+')?.1.strip_prefix(MARK)?;
        let (id, mac) = digits.split_at_checked(ID)?;
        let mailbox = mailboxes.iter().find(|mailbox| **mailbox == address::untagged(recipient))?;
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let made = |secret| signature::same_secret(mac, &sign(mailbox, id, secret));
        (is_hex(id) && secrets.iter().any(made)).then(|| id.to_owned())
    })
}

fn sign(mailbox: &str, id: &str, secret: &Secret) -> Secret {
    let signed = format!("kenh mail path\n{}\n{id}", mailbox.to_ascii_lowercase());
    let mac = hex::encode(signature::sign_hmac_assembled(Algorithm::Sha256, signed.as_bytes(), secret));
    mac.chars().take(MAC).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_its_tag_and_by_no_other() {
        let (secret, other): (Secret, Secret) =
            ("a reply secret of some length".into(), "another one of some length".into());
        let (mailbox, message) = ("support@example.test".to_owned(), "0190c0de-0000-7000-8000-00000000000a");
        let tag = tag(&mailbox, message, &secret);
        assert_eq!(tag.len(), 46);
        let to = |tag: &str| vec!["x@y.test".to_owned(), format!("support+{tag}@example.test")];
        let found = |recipients: &[String], secret: &Secret| {
            find(recipients, std::slice::from_ref(&mailbox), std::slice::from_ref(secret))
        };
        assert_eq!(found(&to(&tag), &secret).as_deref(), Some("0190c0de00007000800000000000000a"));
        assert_eq!(found(&to(&tag), &other), None);
        assert_eq!(found(&to(&tag.replace("0a", "0b")), &secret), None);
        assert_eq!(found(&[format!("sales+{tag}@example.test")], &secret), None);
        assert_eq!(found(&to("v-1"), &secret), None);
    }
}
