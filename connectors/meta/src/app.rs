//! A Meta app: one callback URL for each of its products, signed with the secrets of the app.

use connector_sdk::{Handshake, RawRequest, Rejected, Secret, Section, Verified};

use crate::{handshake, signature};

/// What a delivery is proven with.
pub const PROOF_HEADERS: &[&str] = signature::PROOF_HEADERS;

/// The app's side of an endpoint. The default has no secret: it refuses every request.
#[derive(Debug, Default)]
pub struct App {
    app_secrets: Vec<Secret>,
    verify_token: Option<Secret>,
}

impl App {
    /// Reads `app_secrets` and `verify_token`.
    pub fn configure(settings: &mut Section<'_>) -> Self {
        Self {
            app_secrets: settings.required_secrets("app_secrets"),
            verify_token: Some(settings.required_secret("verify_token")),
        }
    }

    /// The secret in use, for proofs of our own: the first, as the newest is listed first.
    pub fn secret(&self) -> Option<&Secret> {
        self.app_secrets.first()
    }

    /// Accepts a body signed with any of the app's secrets; several are active while one is being replaced.
    pub fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::verify(request, &self.app_secrets)
    }

    /// The header Meta would send, made with the first secret.
    pub fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        signature::sign(body, &self.app_secrets)
    }

    /// Answers the handshake that sets the callback URL up.
    pub fn handshake(&self, request: &RawRequest<'_>) -> Handshake {
        handshake::answer(request, self.verify_token.as_ref())
    }
}
