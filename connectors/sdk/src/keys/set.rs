//! A JWK set, read.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::json::{self, Raw, Soft};

/// Keys of one set that are looked at.
const MOST: usize = 100;

/// The keys an issuer publishes.
#[derive(Debug)]
pub struct KeySet(Vec<Arc<PublicKey>>);

/// One of them.
#[derive(Debug)]
pub struct PublicKey {
    id: Option<String>,
    /// The one algorithm it is for, where the issuer says it.
    pub algorithm: Option<String>,
    /// What it is endorsed for (Bot Framework: the channels whose calls it may sign).
    pub endorsements: Vec<String>,
    /// The key itself.
    pub material: Material,
}

/// A public key by its kind.
#[derive(Debug)]
pub enum Material {
    /// RSA: modulus and exponent, big-endian.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// A point on P-256, uncompressed: 65 bytes.
    P256(Vec<u8>),
    /// A point on Ed25519: 32 bytes.
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Listed {
    keys: Vec<Raw>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: String,
    n: String,
    e: String,
    x: String,
    y: String,
    endorsements: Soft<Vec<String>>,
}

impl KeySet {
    /// Reads a JWK set. Keys that are not for signatures, or of a kind that is not known, are left out; `None` when nothing
    /// is left.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let listed = json::object::<Listed>(json).ok()?.value.keys;
        let key = |raw: Raw| PublicKey::read(json::object::<Jwk>(raw.get().as_bytes()).ok()?.value);
        let keys: Vec<_> = listed.into_iter().take(MOST).filter_map(key).map(Arc::new).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key of this id; the only one there is where there is no id. Of two with one id it is neither.
    pub fn find(&self, id: Option<&str>) -> Option<Arc<PublicKey>> {
        let mut fitting = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        let found = fitting.next()?;
        fitting.next().is_none().then(|| found.clone())
    }
}

impl PublicKey {
    fn read(jwk: Jwk) -> Option<Self> {
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return None;
        }
        let bytes =
            |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok().filter(|bytes| !bytes.is_empty());
        let exactly = |text: &str| bytes(text).filter(|bytes| bytes.len() == 32);
        // A shared secret (`oct`) has no place among public keys.
        let material = match (jwk.kty.as_str(), jwk.crv.as_str()) {
            ("RSA", _) => Material::Rsa { n: bytes(&jwk.n)?, e: bytes(&jwk.e)? },
            ("EC", "P-256") => Material::P256([vec![4], exactly(&jwk.x)?, exactly(&jwk.y)?].concat()),
            ("OKP", "Ed25519") => Material::Ed25519(exactly(&jwk.x)?),
            _ => return None,
        };
        Some(Self { id: jwk.kid, algorithm: jwk.alg, endorsements: jwk.endorsements.0, material })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(keys: &[Value]) -> Option<KeySet> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn only_public_keys_for_signatures_are_kept() {
        let secret = json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"});
        let other = json!({"kty": "RSA", "kid": "e", "use": "enc", "n": "AQAB", "e": "AQAB"});
        let strange = json!({"kty": "EC", "crv": "P-521", "kid": "q", "x": "AA", "y": "AA"});
        let broken = json!({"kty": "RSA", "kid": "b", "n": "!", "e": "AQAB"});
        assert!(parse(&[secret.clone(), other.clone(), strange.clone(), broken.clone()]).is_none());
        let good =
            json!({"kty": "RSA", "kid": "g", "use": "sig", "n": "AQAB", "e": "AQAB", "endorsements": ["msteams"]});
        let set = parse(&[secret, json!("no key"), other, strange, broken, good]).unwrap();
        assert_eq!(set.find(Some("g")).unwrap().endorsements, ["msteams"]);
        assert!(set.find(None).is_some(), "there is no other it could mean");
        assert!(set.find(Some("s")).is_none() && set.find(Some("e")).is_none());
    }

    #[test]
    fn a_token_that_names_no_key_fits_none_of_two_and_one_id_is_one_key() {
        let key = |id| json!({"kty": "RSA", "kid": id, "n": "AQAB", "e": "AQAB"});
        let set = parse(&[key("a"), key("b"), key("b")]).unwrap();
        assert!(set.find(None).is_none() && set.find(Some("a")).is_some() && set.find(Some("b")).is_none());
    }

    #[test]
    fn what_is_no_set_is_none() {
        for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[]}"#] {
            assert!(KeySet::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
