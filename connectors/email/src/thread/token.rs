//! Reply tokens: a thread's id with a signature, in addresses and Message-IDs of what is sent.
//!
//! `t-`, the id in 20 hexadecimal digits, 16 of its HMAC-SHA256 over mailbox and id. With `support+` before it the local
//! part of an address stays below the 64 octets it may have, and letters may change their case on the way.

use connector_sdk::{
    ExposeSecret as _, Secret,
    signature::{self, Algorithm},
};

const MARK: &str = "t-";
const ID: usize = 2 * super::BYTES;
const MAC: usize = 16;

/// A token as it was found, before anything about it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    thread: &'a str,
    mac: &'a str,
}

impl<'a> Token<'a> {
    /// The first text of a token's form in an address (behind a plus) or a Message-ID (behind a dot).
    pub fn find(text: &'a str) -> Option<Self> {
        let local = text.rsplit_once('@').map_or(text, |(local, _)| local);
        let pieces = local.split(['+', '.', '=']).skip(1);
        pieces.filter_map(|piece| piece.strip_prefix(MARK).or_else(|| piece.strip_prefix("T-"))).find_map(Self::read)
    }

    fn read(digits: &'a str) -> Option<Self> {
        if digits.len() != ID + MAC || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let (thread, mac) = digits.split_at_checked(ID)?;
        Some(Self { thread, mac })
    }

    /// The thread's id it claims.
    pub(crate) fn thread(&self) -> &'a str {
        self.thread
    }

    /// The mailbox it was made for, of these; `None` when it was made for none of them, or not by us.
    pub fn of(&self, mailboxes: &[String], secrets: &[Secret]) -> Option<String> {
        let mac = self.mac.to_ascii_lowercase();
        let thread = self.thread.to_ascii_lowercase();
        let made = |mailbox: &&String| {
            let right = |secret: &Secret| signature::same_secret(&mac, &sign(mailbox, &thread, secret));
            secrets.iter().any(right)
        };
        mailboxes.iter().find(made).cloned()
    }
}

/// The token of a thread, for what is sent from this mailbox.
pub fn token(mailbox: &str, thread: &str, secret: &Secret) -> String {
    format!("{MARK}{thread}{}", sign(mailbox, thread, secret).expose_secret())
}

fn sign(mailbox: &str, thread: &str, secret: &Secret) -> Secret {
    let signed = format!("kenh mail thread\n{}\n{thread}", mailbox.to_ascii_lowercase());
    let mac = hex::encode(signature::sign_hmac_assembled(Algorithm::Sha256, signed.as_bytes(), secret));
    mac.chars().take(MAC).collect::<String>().into()
}
