//! Proof that a caller knows an application's secret as well as a token.

use secrecy::ExposeSecret as _;

use crate::{Secret, signature::hmac};

/// `appsecret_proof`: the token's HMAC-SHA256 under the application's secret, in hexadecimal.
/// See <https://developers.facebook.com/docs/graph-api/guides/secure-requests>.
pub fn possession(app_secret: &Secret, token: &Secret) -> String {
    hex::encode(hmac(app_secret, &[token.expose_secret().as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_tokens_under_the_secret() {
        let proof = |secret: &str, token: &str| possession(&Secret::from(secret), &Secret::from(token));
        let expected = "4af689eb882219fd053ad7bbb5ef4f24c7e22be9f35806cf33e589f7e4b52ee0";
        assert_eq!(proof("meta-app-secret-0001", "EAAtesttoken0001"), expected);
        assert_ne!(proof("EAAtesttoken0001", "meta-app-secret-0001"), expected);
    }
}
