//! What differs between providers.

use std::{fmt, time::SystemTime};

use connector_sdk::{
    Batch, ExposeSecret as _, Malformed, RawRequest, Rejected, Sample, TOKEN_HEADER, Verified, signature,
};

use crate::{inbound::Arrival, settings::Settings};

type Verify = for<'a> fn(&Settings, RawRequest<'a>) -> Result<Verified<'a>, Rejected>;
type Sign = fn(&Settings, &[u8], SystemTime) -> Vec<(&'static str, String)>;

/// One provider.
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    /// Proves a call.
    pub(crate) verify: Verify,
    /// The headers it would send.
    pub(crate) sign: Sign,
    /// Headers to keep with the bytes of a call. Never a token.
    pub(crate) headers: &'static [&'static str],
    /// Finds the mails in a call.
    pub(crate) open: for<'a> fn(&'a [u8]) -> Result<Parcel<'a>, Malformed>,
    /// What `secrets` are to it.
    pub(crate) secrets: Secrets,
    /// Settings of its own.
    pub(crate) settings: &'static [Setting],
    pub(crate) example: &'static str,
    pub(crate) samples: &'static [Sample],
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What `secrets` are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// There are none: nobody calls.
    None,
    /// Keys it signs with.
    Keys,
    /// Tokens for the address.
    Tokens,
    /// Tokens for the address, which may be left out where there are keys.
    TokensOrKeys,
    /// Tokens for the address, asked for beside the signature where there are any.
    TokensBeside,
}

/// A setting only some providers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The mailbox to read: `imap`.
    Mailbox,
    /// Whose mail is taken directly: `domains`, beside `mailboxes`.
    Reception,
    /// How old a signature may be: `replay_window`.
    ReplayWindow,
    /// Keys calls are signed with: `public_keys`.
    PublicKeys,
    /// Certificates calls are signed with, and whose topics they may be of: `certificates`, `topics`.
    Topics,
}

/// What was found in a call.
#[derive(Debug, Default)]
pub(crate) struct Parcel<'a> {
    pub(crate) mails: Vec<Arrival<'a>>,
    /// What is no mail.
    pub(crate) batch: Batch,
}

impl<'a> From<Arrival<'a>> for Parcel<'a> {
    fn from(mail: Arrival<'a>) -> Self {
        Self { mails: vec![mail], batch: Batch::default() }
    }
}

impl From<Batch> for Parcel<'_> {
    fn from(batch: Batch) -> Self {
        Self { mails: Vec::new(), batch }
    }
}

/// The fault of a call that holds no mail.
pub(crate) fn odd(detail: &str) -> Malformed {
    Malformed { reason: "unexpected_shape", detail: detail.into() }
}

/// Proves a call by a token in its address or as a password.
pub(crate) fn token<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    signature::token_or_password(request, &settings.secrets)
}

/// The header that proves a call so.
pub(crate) fn sign_token(settings: &Settings, _body: &[u8], _at: SystemTime) -> Vec<(&'static str, String)> {
    let token = settings.secrets.first();
    token.map(|token| (TOKEN_HEADER, token.expose_secret().to_owned())).into_iter().collect()
}
