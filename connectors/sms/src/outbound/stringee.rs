//! The token Stringee wants with each call: a JWT made with the key's secret.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use connector_sdk::{
    Secret,
    signature::{self, Algorithm},
};
use serde_json::json;

/// How long one is good.
const LIFETIME: u64 = 3600;

/// The token. `key` is the key's SID, `secret` its secret.
pub(super) fn token(key: &str, secret: &Secret, now: SystemTime) -> String {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let header = json!({"typ": "JWT", "alg": "HS256", "cty": "stringee-api;v=1"});
    let payload = json!({"jti": format!("{key}-{now}"), "iss": key, "exp": now + LIFETIME, "rest_api": true});
    let signed = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = signature::sign_hmac_assembled(Algorithm::Sha256, signed.as_bytes(), secret);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_says_whose_key_it_is_and_until_when() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let token = token("SK.0.example", &Secret::from("secret"), now);
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).unwrap();
        let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        let expected = json!({"jti": "SK.0.example-1767225600", "iss": "SK.0.example", "exp": 1_767_229_200_u64,
            "rest_api": true});
        assert_eq!(payload, expected);
    }
}
