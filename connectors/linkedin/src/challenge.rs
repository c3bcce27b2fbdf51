//! The check of the address: LinkedIn wants the HMAC of a code, within three seconds, at set-up and every two hours.

use connector_sdk::{
    Handshake, RawRequest, Secret,
    signature::{Algorithm, sign_hmac_assembled},
};
use serde_json::json;

/// Bytes of a code at most; they are UUIDs.
const LONGEST: usize = 64;

/// Answers a challenge.
///
/// Anybody may ask, and the answer is made as a signature is, but for the word in front of the body: a code with that word in
/// it would be given the signature of a body of one's own. So only what can be a code is answered.
pub(crate) fn answer(request: &RawRequest<'_>, secret: Option<&Secret>) -> Handshake {
    let Some(secret) = secret else { return Handshake::Refused };
    let Some(code) = request.query_value("challengeCode") else {
        return Handshake::Incomplete("challengeCode is needed");
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(1..=LONGEST).contains(&code.len()) || !code.bytes().all(plain) {
        return Handshake::Incomplete("challengeCode is no code of LinkedIn's: expected a UUID");
    }
    let response = hex::encode(sign_hmac_assembled(Algorithm::Sha256, code.as_bytes(), secret));
    Handshake::Json(json!({"challengeCode": code, "challengeResponse": response}).to_string())
}
