//! Zalo's signature: SHA-256 of app id, raw body, timestamp and OA secret key, one behind the other. It is no HMAC.

use connector_sdk::{
    RawRequest, Rejected, Secret, Verified,
    json::{Id, Raw},
    signature::{self, HexHeader},
};
use serde::Deserialize;

/// The header that carries it.
pub(crate) const HEADER: HexHeader = HexHeader { name: "X-ZEvent-Signature", scheme: "mac", scheme_optional: true };

/// What the scheme needs from the body. A key given twice is refused, as it cannot be known which one was signed.
#[derive(Deserialize)]
struct Signed {
    app_id: Option<Id>,
    timestamp: Option<Raw>,
}

/// Checks a request against the app and its active secrets.
pub(crate) fn verify<'a>(request: RawRequest<'a>, app_id: &str, secrets: &[Secret]) -> Result<Verified<'a>, Rejected> {
    if secrets.is_empty() {
        return Err(Rejected::NoSecret);
    }
    let (named_app, timestamp) = signed_parts(request.body).ok_or(Rejected::SignedPartMissing)?;
    if named_app.as_deref() != Some(app_id) {
        return Err(Rejected::WrongApplication);
    }
    signature::sha256_of_parts(request, HEADER, (app_id.as_bytes(), timestamp.as_bytes()), secrets)
}

/// The header `verify` accepts for this body.
pub(crate) fn sign(body: &[u8], app_id: &str, secret: &Secret) -> (&'static str, String) {
    let timestamp = signed_parts(body).map(|(_, timestamp)| timestamp).unwrap_or_default();
    signature::sign_sha256_of_parts(body, HEADER, (app_id.as_bytes(), timestamp.as_bytes()), secret)
}

/// App id and timestamp of a body. The timestamp is the literal token, as signed: text or bare number, never read as
/// a number. Digits only, since a JSON object cannot end in one and so the token's place in the signed bytes is fixed.
fn signed_parts(body: &[u8]) -> Option<(Option<String>, String)> {
    let signed: Signed = serde_json::from_slice(body).ok()?;
    let token = signed.timestamp?;
    let token = token.get();
    let digits = token.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(token);
    let sound = (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| (signed.app_id.map(String::from), digits.to_owned()))
}
