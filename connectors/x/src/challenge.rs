//! The challenge-response check: X asks for the HMAC of a token, at set-up and about every hour. One wrong answer makes the
//! webhook invalid. See <https://docs.x.com/x-api/webhooks/quickstart#challenge-response-checks>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_sdk::{
    Handshake, RawRequest, Secret,
    signature::{Algorithm, sign_hmac_assembled},
};
use serde_json::json;

/// Bytes of a token at most; real ones are some fifty.
const LONGEST: usize = 256;

/// Answers a challenge with the first secret: one answer has to be the right one.
///
/// Anybody may ask, and the answer is made as the signature of a body is. So only what can be a token is answered, in no case
/// what could be a body.
pub(crate) fn answer(request: &RawRequest<'_>, secret: Option<&Secret>) -> Handshake {
    let Some(secret) = secret else { return Handshake::Refused };
    let Some(token) = request.query_value("crc_token") else {
        return Handshake::Incomplete("crc_token is needed");
    };
    // A plus sign that was sent as it is would be decoded to a space; base64 has none of those.
    let token = token.replace(' ', "+");
    if !is_token(token.as_bytes()) {
        return Handshake::Incomplete(
            "crc_token is no token of X's: expected up to 256 letters, digits and + / = _ - .",
        );
    }
    let digest = sign_hmac_assembled(Algorithm::Sha256, token.as_bytes(), secret);
    Handshake::Json(json!({"response_token": format!("sha256={}", STANDARD.encode(digest))}).to_string())
}

/// Whether these bytes may be a challenge's token.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
    (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(plain)
}
