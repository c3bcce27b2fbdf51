//! The keys an issuer publishes.

use std::sync::Arc;

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::Value;

/// Keys of one set that are looked at.
const MOST_KEYS: usize = 100;

/// A public key of the issuer.
#[derive(Debug)]
pub(super) struct IssuerKey {
    id: Option<String>,
    /// What it is for, where the issuer says it.
    algorithm: Option<Algorithm>,
    curve: Option<EllipticCurve>,
    pub(super) key: DecodingKey,
}

/// The keys there are.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Arc<IssuerKey>>);

impl KeySet {
    /// Reads a JWK set. Keys that are not for signatures, or of a kind that is not known, are left out; `None` when
    /// nothing is left.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let set: Value = serde_json::from_slice(json).ok()?;
        let listed = set.get("keys")?.as_array()?;
        let keys: Vec<_> = listed.iter().take(MOST_KEYS).filter_map(IssuerKey::read).map(Arc::new).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key that a token names; the only one that fits when it names none.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<IssuerKey>> {
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm) && (id.is_none() || key.id.as_deref() == id));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }
}

impl IssuerKey {
    fn read(json: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(json.clone()).ok()?;
        if jwk.common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
            return None;
        }
        // A shared secret has no place among public keys.
        let curve = if let AlgorithmParameters::EllipticCurve(point) = &jwk.algorithm {
            Some(point.curve.clone())
        } else if let AlgorithmParameters::OctetKeyPair(point) = &jwk.algorithm {
            Some(point.curve.clone())
        } else if matches!(jwk.algorithm, AlgorithmParameters::RSA(_)) {
            None
        } else {
            return None;
        };
        let algorithm = match jwk.common.key_algorithm {
            None => None,
            Some(named) => Some(Algorithm::try_from(named).ok()?),
        };
        Some(Self { key: DecodingKey::from_jwk(&jwk).ok()?, id: jwk.common.key_id, algorithm, curve })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let curves = [
            (Algorithm::ES256, EllipticCurve::P256),
            (Algorithm::ES384, EllipticCurve::P384),
            (Algorithm::EdDSA, EllipticCurve::Ed25519),
        ];
        let curve = curves.into_iter().find(|(of, _)| *of == algorithm).map(|(_, curve)| curve);
        let family = algorithm.family();
        family != AlgorithmFamily::Hmac
            && self.key.family() == family
            && self.curve == curve
            && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(keys: &[Value]) -> Option<KeySet> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn only_public_keys_for_signatures_are_kept() {
        let secret = json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"});
        let other = json!({"kty": "RSA", "kid": "e", "use": "enc", "n": "AQAB", "e": "AQAB"});
        let strange = json!({"kty": "PQC", "kid": "q"});
        assert!(parse(&[secret.clone(), other.clone(), strange.clone()]).is_none());
        let good = json!({"kty": "RSA", "kid": "g", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"});
        let set = parse(&[secret, json!("no key"), other, strange, good]).unwrap();
        assert_eq!(set.0.len(), 1);
        assert!(set.find(Some("g"), Algorithm::RS256).is_some());
        assert!(set.find(None, Algorithm::RS256).is_some(), "there is no other it could mean");
        for (id, algorithm) in
            [("g", Algorithm::RS512), ("g", Algorithm::HS256), ("g", Algorithm::ES256), ("x", Algorithm::RS256)]
        {
            assert!(set.find(Some(id), algorithm).is_none(), "{id} {algorithm:?}");
        }
    }

    #[test]
    fn a_token_that_names_no_key_fits_none_of_two() {
        let key = |id| json!({"kty": "RSA", "kid": id, "n": "AQAB", "e": "AQAB"});
        let set = parse(&[key("a"), key("b")]).unwrap();
        assert!(set.find(None, Algorithm::RS256).is_none() && set.find(Some("b"), Algorithm::PS256).is_some());
    }

    #[test]
    fn what_is_no_set_is_none() {
        for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[]}"#] {
            assert!(KeySet::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
