//! A signed token that names the digest of the body: JWT (RFC 7519) with HS256.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use subtle::{Choice, ConstantTimeEq as _};

use super::{Proof, Rejected, Verified, hmac, proven, sha256, timestamp, usable};
use crate::{RawRequest, Secret, json::Number};

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For which account it was made, as claim `api_key`; not looked at where there is none.
    pub api_key: Option<&'a str>,
    /// How far `iat` may be from now, in either direction.
    pub tolerance: Duration,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Said {
    iat: Option<Number>,
    iss: Option<String>,
    api_key: Option<String>,
    payload_hash: Option<String>,
}

/// `Authorization: Bearer` and a token whose claim `payload_hash` is the SHA-256 of the raw body in hexadecimal. A token
/// without that claim covers no body and is refused.
pub fn jwt_hs256<'a>(
    request: RawRequest<'a>,
    claims: &Claims<'_>,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    usable(secrets)?;
    let bearer = request.header("authorization").ok_or(Rejected::SignatureMissing)?;
    let token = bearer.strip_prefix("Bearer ").ok_or(Rejected::SignatureMalformed)?;
    let (signed, signature) = token.rsplit_once('.').ok_or(Rejected::SignatureMalformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Rejected::SignatureMalformed)?;
    let matches = secrets
        .iter()
        .fold(Choice::from(0), |found, secret| found | hmac(secret, &[signed.as_bytes()]).as_slice().ct_eq(&signature));
    if !bool::from(matches) {
        return Err(Rejected::SignatureMismatch);
    }
    // From here on the words are the channel's.
    let (header, payload) = signed.split_once('.').ok_or(Rejected::SignatureMalformed)?;
    let header: Header = part(header)?;
    let payload: Said = part(payload)?;
    if header.alg != "HS256" {
        return Err(Rejected::SignatureMalformed);
    }
    if payload.iss.as_deref() != Some(claims.issuer)
        || claims.api_key.is_some_and(|key| payload.api_key.as_deref() != Some(key))
    {
        return Err(Rejected::WrongApplication);
    }
    let issued = payload.iat.and_then(Number::whole).ok_or(Rejected::TimestampMissing)?;
    if timestamp::seconds(request.received_at).abs_diff(issued) > claims.tolerance.as_secs() {
        return Err(Rejected::Stale);
    }
    let digest = payload.payload_hash.ok_or(Rejected::SignedPartMissing)?;
    let digest = hex::decode(digest).map_err(|_| Rejected::SignedPartMissing)?;
    let matches = sha256(&[request.body]).as_slice().ct_eq(&digest);
    proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
}

/// The header [`jwt_hs256`] accepts for this body at this time.
pub fn sign_jwt_hs256(body: &[u8], claims: &Claims<'_>, at: SystemTime, secret: &Secret) -> (&'static str, String) {
    let digest = hex::encode(sha256(&[body]));
    let payload = json!({
        "iat": timestamp::seconds(at),
        "jti": digest.get(..32),
        "iss": claims.issuer,
        "api_key": claims.api_key,
        "payload_hash": digest,
    });
    let parts = [json!({"typ": "JWT", "alg": "HS256"}), payload];
    let signed = parts.map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = URL_SAFE_NO_PAD.encode(hmac(secret, &[signed.as_bytes()]));
    ("authorization", format!("Bearer {signed}.{signature}"))
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Rejected> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rejected::SignatureMalformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Rejected::SignatureMalformed)
}
