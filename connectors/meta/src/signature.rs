//! The signature: `X-Hub-Signature-256`, over the bytes as sent.
//!
//! Meta writes non-ASCII characters as `\uXXXX` and slashes as `\/` and signs that text. Reading and writing the JSON
//! again gives other bytes, so nothing may touch the body before this check. The older `X-Hub-Signature` (SHA-1) comes
//! alongside and is not looked at.
//! See <https://developers.facebook.com/docs/messenger-platform/webhooks#validate-payloads>.

use connector_sdk::{
    RawRequest, Rejected, Secret, Verified,
    signature::{HexHeader, hmac_sha256, sign_hmac_sha256},
};

const HEADER: HexHeader = HexHeader { name: "X-Hub-Signature-256", scheme: "sha256", scheme_optional: false };

/// What a delivery is proven with.
pub(crate) const PROOF_HEADERS: &[&str] = &[HEADER.name];

/// Accepts a body signed with any of the app's secrets; several are active while one is being replaced.
pub(crate) fn verify<'a>(request: RawRequest<'a>, app_secrets: &[Secret]) -> Result<Verified<'a>, Rejected> {
    hmac_sha256(request, HEADER, app_secrets)
}

/// The header Meta would send, made with the first secret.
pub(crate) fn sign(body: &[u8], app_secrets: &[Secret]) -> Vec<(&'static str, String)> {
    app_secrets.first().map(|secret| sign_hmac_sha256(body, HEADER, secret)).into_iter().collect()
}
