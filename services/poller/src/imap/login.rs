//! Signing in.

use async_imap::Authenticator;
use connector_sdk::{ExposeSecret as _, Secret};

/// The SASL mechanism XOAUTH2 of Google and Microsoft.
pub(super) struct XOAuth2 {
    first: Option<String>,
}

impl XOAuth2 {
    pub(super) fn new(user: &str, token: &Secret) -> Self {
        Self { first: Some(format!("user={user}\u{1}auth=Bearer {}\u{1}\u{1}", token.expose_secret())) }
    }
}

impl Authenticator for XOAuth2 {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        // A second challenge says what is wrong and wants an empty answer; only then the server says no.
        self.first.take().unwrap_or_default()
    }
}
