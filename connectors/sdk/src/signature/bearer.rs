//! A signed token beside a call: JWT (RFC 7519) with HS256, RS256 or ES256.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, UnparsedPublicKey,
    },
};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use subtle::{Choice, ConstantTimeEq as _};
use x509_parser::{prelude::FromDer as _, public_key::PublicKey, x509::SubjectPublicKeyInfo};

use super::{Coding, Proof, Rejected, Verified, hmac, proven, public_key, sha256, timestamp, usable};
use crate::{RawRequest, Secret};

/// In front of a private key of our own (PKCS#8 in base64), in the place of a public key: there is no other way to sign a
/// sample.
const OWN: &str = "test:";

/// What a token has to be.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The header it is in.
    pub header: &'static str,
    /// What stands before it: `Bearer `.
    pub prefix: String,
    /// The one algorithm that is taken, whatever the token says of itself.
    pub key: BearerKey,
    /// Who made it (`iss`); not looked at where there is none.
    pub issuer: Option<String>,
    /// Whom it is for (`aud`); not looked at where there is none.
    pub audience: Option<String>,
    /// By how much clocks may differ.
    pub leeway: Duration,
    /// Where it names the digest of the body. Without one it covers no body, and is worth no more than a secret token.
    pub body: Option<BodyClaim>,
}

/// What tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerKey {
    /// HMAC-SHA256 with a shared secret.
    Hs256,
    /// RSA (PKCS#1 v1.5, from 2048 bits on) with SHA-256: a `SubjectPublicKeyInfo` in PEM.
    Rs256,
    /// ECDSA with P-256 and SHA-256: a `SubjectPublicKeyInfo` in PEM.
    Es256,
}

/// The claim that holds the body's SHA-256.
#[derive(Debug, Clone)]
pub struct BodyClaim {
    /// Its name.
    pub name: String,
    /// How it is written.
    pub coding: Coding,
}

impl BodyClaim {
    /// Whether the claim of a token that is proven names the body's digest.
    pub(super) fn proves<'a>(
        &self,
        request: RawRequest<'a>,
        claims: &Map<String, Value>,
    ) -> Result<Verified<'a>, Rejected> {
        let digest = claims.get(&self.name).and_then(Value::as_str).and_then(|text| self.coding.read(text));
        let digest = digest.ok_or(Rejected::SignedPartMissing)?;
        let matches = sha256(&[request.body]).as_slice().ct_eq(&digest);
        proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
    }

    /// The claim for a body.
    pub(super) fn said(&self, body: &[u8]) -> (String, Value) {
        (self.name.clone(), self.coding.written(&sha256(&[body])).into())
    }
}

/// Whether a secret is a key that tokens can be checked with.
pub fn is_bearer_key(key: BearerKey, secret: &Secret) -> bool {
    match key {
        BearerKey::Hs256 => !secret.expose_secret().is_empty(),
        BearerKey::Rs256 => rsa_key(secret).is_some(),
        BearerKey::Es256 => public_key::point(secret).is_some(),
    }
}

/// A token in a header that any of the keys signed. `exp` has to be there; `nbf` and `iat` may not be in the future.
pub fn jwt<'a>(request: RawRequest<'a>, rules: &Bearer, keys: &[Secret]) -> Result<Verified<'a>, Rejected> {
    usable(keys)?;
    let value = request.header(rules.header).ok_or(Rejected::SignatureMissing)?;
    let token = value.strip_prefix(rules.prefix.as_str()).ok_or(Rejected::SignatureMalformed)?;
    let (signed, signature) = token.rsplit_once('.').ok_or(Rejected::SignatureMalformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Rejected::SignatureMalformed)?;
    let mut matches = Choice::from(0);
    for key in keys {
        matches |= rules.key.matches(key, signed.as_bytes(), &signature).ok_or(Rejected::NoSecret)?;
    }
    if !bool::from(matches) {
        return Err(Rejected::SignatureMismatch);
    }
    // From here on the words are the channel's.
    let (header, claims) = signed.split_once('.').ok_or(Rejected::SignatureMalformed)?;
    if part(header)?.get("alg").and_then(Value::as_str) != Some(rules.key.name()) {
        return Err(Rejected::SignatureMalformed);
    }
    let claims = part(claims)?;
    rules.judge(&claims, timestamp::seconds(request.received_at))?;
    match &rules.body {
        Some(claim) => claim.proves(request, &claims),
        None => proven(request, Proof::Token, Choice::from(1)).ok_or(Rejected::SignatureMismatch),
    }
}

/// The header [`jwt`] accepts for this body at this time; none for a public key that is not ours.
pub fn sign_jwt(body: &[u8], rules: &Bearer, at: SystemTime, key: &Secret) -> Option<(&'static str, String)> {
    let now = timestamp::seconds(at);
    let mut claims = Map::new();
    claims.insert("iat".into(), now.into());
    claims.insert("exp".into(), now.saturating_add(60).into());
    let named = [("iss", &rules.issuer), ("aud", &rules.audience)];
    claims.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_deref()?.into()))));
    claims.extend(rules.body.as_ref().map(|claim| claim.said(body)));
    let parts = [json!({"typ": "JWT", "alg": rules.key.name()}), Value::Object(claims)];
    let signed = parts.map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = URL_SAFE_NO_PAD.encode(rules.key.signed(key, signed.as_bytes())?);
    Some((rules.header, format!("{}{signed}.{signature}", rules.prefix)))
}

impl Bearer {
    fn judge(&self, claims: &Map<String, Value>, now: u64) -> Result<(), Rejected> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if self.issuer.as_deref().is_some_and(|issuer| text("iss") != Some(issuer)) {
            return Err(Rejected::WrongApplication);
        }
        let is_for = |audience: &str| match claims.get("aud") {
            Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(audience)),
            one => one.and_then(Value::as_str) == Some(audience),
        };
        if self.audience.as_deref().is_some_and(|audience| !is_for(audience)) {
            return Err(Rejected::WrongApplication);
        }
        // Times may have fractions (RFC 7519, NumericDate); what they add is less than any leeway.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; checked for its sign")]
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => {
                let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0).ok_or(Rejected::TimestampMissing)?;
                Ok(Some(seconds as u64))
            }
        };
        let leeway = self.leeway.as_secs();
        let ends = time("exp")?.ok_or(Rejected::TimestampMissing)?;
        let begins = time("nbf")?.max(time("iat")?).unwrap_or(0);
        let is_current = now <= ends.saturating_add(leeway) && begins <= now.saturating_add(leeway);
        if is_current { Ok(()) } else { Err(Rejected::Stale) }
    }
}

impl BearerKey {
    const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    fn matches(self, key: &Secret, signed: &[u8], signature: &[u8]) -> Option<Choice> {
        let right = match self {
            Self::Hs256 => return Some(hmac(key, &[signed]).as_slice().ct_eq(signature)),
            Self::Rs256 => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, rsa_key(key)?).verify(signed, signature).is_ok()
            }
            Self::Es256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key::point(key)?)
                .verify(signed, signature)
                .is_ok(),
        };
        Some(Choice::from(u8::from(right)))
    }

    fn signed(self, key: &Secret, bytes: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Hs256 => Some(hmac(key, &[bytes]).to_vec()),
            Self::Rs256 => {
                let pair = own_rsa(key)?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).ok()?;
                Some(signature)
            }
            Self::Es256 => {
                let pair =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &own_pkcs8(key)?, &random).ok()?;
                Some(pair.sign(&random, bytes).ok()?.as_ref().to_vec())
            }
        }
    }
}

fn own_pkcs8(key: &Secret) -> Option<Vec<u8>> {
    Coding::Base64.read(key.expose_secret().strip_prefix(OWN)?.trim())
}

fn own_rsa(key: &Secret) -> Option<rsa::KeyPair> {
    rsa::KeyPair::from_pkcs8(&own_pkcs8(key)?).ok()
}

/// The key as PKCS#1 has it, which is what `ring` takes.
fn rsa_key(key: &Secret) -> Option<Vec<u8>> {
    if let Some(pair) = own_rsa(key) {
        return Some(pair.public().as_ref().to_vec());
    }
    let lines = key.expose_secret().lines().filter(|line| !line.starts_with("-----"));
    let text: String = lines.flat_map(str::chars).filter(|character| !character.is_whitespace()).collect();
    let der = Coding::Base64.read(&text)?;
    let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
    matches!(info.parsed().ok()?, PublicKey::RSA(_)).then(|| info.subject_public_key.data.to_vec())
}

fn part(text: &str) -> Result<Map<String, Value>, Rejected> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rejected::SignatureMalformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Rejected::SignatureMalformed)
}
