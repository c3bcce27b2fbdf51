//! Calls: which host, which headers.

use connector_sdk::{
    ExposeSecret as _,
    outbound::{Body, Call, Effect, Method, Sending, TOKEN},
    signature::{self, HexHeader},
};
use serde_json::Value;

use super::Sender;

/// Proves that whoever has the token is the app: HMAC-SHA256 of the token, keyed with the app secret.
const PROOF: HexHeader = HexHeader { name: "appsecret_proof", scheme: "", scheme_optional: false };

/// Makes the calls of one piece.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) sender: &'a Sender,
    pub(super) sending: &'a Sending<'a>,
}

impl Caller<'_> {
    /// A message, of the API for Official Accounts.
    pub(super) fn message(&self, path: &str, body: Value) -> Call {
        self.post(&self.sender.api_url, path, Body::Json(body), Effect::Visible)
    }

    /// A template to a phone number, of the API for business messages.
    pub(super) fn business(&self, path: &str, body: Value) -> Call {
        self.post(&self.sender.business_url, path, Body::Json(body), Effect::Visible)
    }

    /// An upload: nobody sees it.
    pub(super) fn upload(&self, path: &str, body: Body) -> Call {
        self.post(&self.sender.api_url, path, body, Effect::Repeatable)
    }

    fn post(&self, host: &str, path: &str, body: Body, effect: Effect) -> Call {
        let token = ("access_token", TOKEN.to_owned());
        let secret = self.sender.app_secret.as_ref().filter(|_| self.sender.appsecret_proof);
        let token_bytes = self.sending.token.expose_secret().as_bytes();
        let proof = secret.map(|secret| signature::sign_hmac_sha256(token_bytes, PROOF, secret));
        let headers = [token].into_iter().chain(proof).collect();
        Call { method: Method::Post, url: format!("{host}{path}"), headers, body, effect }
    }
}
