//! Tokens signed with a key that an issuer publishes: JWT (RFC 7519) under a JWK set (RFC 7517). Such a token says who calls;
//! the body is covered only where a claim names its digest.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use subtle::Choice;

use super::{BodyClaim, Proof, Rejected, Verified, proven, sha256, timestamp};
use crate::{
    RawRequest, Secret,
    keys::{Material, PublicKey, PublishedKeys},
};

/// Longest token that is read.
const LONGEST: usize = 8 << 10;
/// The key id of tokens that [`sign_jwt_own`] makes.
const OWN: &str = "kenh-simulation";

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub struct TokenRules<'a> {
    /// The header it is in.
    pub header: &'static str,
    /// What stands before it: `Bearer `.
    pub prefix: &'a str,
    /// One of these made it.
    pub issuers: &'a [String],
    /// It was made for one of these.
    pub audiences: &'a [String],
    /// How far the issuer's clock may be off.
    pub clock_skew: Duration,
    /// Where it names the digest of the body. Without one it is worth no more than a secret token.
    pub body: Option<&'a BodyClaim>,
    /// A key of our own beside the issuer's, made from these words, with which [`sign_jwt_own`] signs: there is no other way
    /// to sign a sample.
    pub own: Option<&'a Secret>,
}

/// The claims of a token, and what its issuer says of the key.
#[derive(Debug)]
pub struct Said<'a> {
    /// The claims.
    pub claims: &'a Map<String, Value>,
    /// What the key is endorsed for (Bot Framework). `None` for a key of our own, which is for everything.
    pub endorsements: Option<&'a [String]>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A token in a header that one of the issuer's keys has signed, whose issuer, audience and times are right,
/// and whose other claims `agree` with the call.
pub fn jwt_published<'a>(
    request: RawRequest<'a>,
    keys: &PublishedKeys,
    rules: &TokenRules<'_>,
    agree: impl FnOnce(&Said<'_>) -> bool,
) -> Result<Verified<'a>, Rejected> {
    if rules.audiences.is_empty() || rules.issuers.is_empty() {
        return Err(Rejected::NoSecret);
    }
    let bearer = request.header(rules.header).ok_or(Rejected::SignatureMissing)?;
    let token = bearer.strip_prefix(rules.prefix).filter(|token| token.len() <= LONGEST);
    let (signed, signature) = token.and_then(|token| token.rsplit_once('.')).ok_or(Rejected::SignatureMalformed)?;
    let (header, payload) = signed.split_once('.').ok_or(Rejected::SignatureMalformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Rejected::SignatureMalformed)?;
    let header: Header = part(header)?;
    // RFC 7515, section 4.1.11: who does not understand what is critical has to refuse.
    if header.crit.is_some() {
        return Err(Rejected::SignatureMalformed);
    }
    let own = rules.own.filter(|_| header.kid.as_deref() == Some(OWN)).map(own_key).transpose()?;
    let key = match own {
        Some(_) => None,
        None => Some(keys.find(header.kid.as_deref()).ok_or_else(|| keys.rejection())?),
    };
    let is_right = match (&own, &key) {
        (Some(own), _) => {
            header.alg == "EdDSA"
                && UnparsedPublicKey::new(&ED25519, own.public_key()).verify(signed.as_bytes(), &signature).is_ok()
        }
        (None, Some(key)) => is_signed(key, &header.alg, signed.as_bytes(), &signature),
        (None, None) => false,
    };
    if !is_right {
        return Err(Rejected::SignatureMismatch);
    }
    // From here on the words are the issuer's.
    let claims: Map<String, Value> = part(payload)?;
    check(&claims, rules, request.received_at)?;
    let endorsements = key.as_ref().map(|key| key.endorsements.as_slice());
    if !agree(&Said { claims: &claims, endorsements }) {
        return Err(Rejected::WrongApplication);
    }
    match rules.body {
        Some(claim) => claim.proves(request, &claims),
        None => proven(request, Proof::Token, Choice::from(1)).ok_or(Rejected::WrongApplication),
    }
}

/// The header [`jwt_published`] accepts for this body at this time with the key of our own; `more` are further claims.
pub fn sign_jwt_own(
    body: &[u8],
    rules: &TokenRules<'_>,
    more: impl IntoIterator<Item = (&'static str, String)>,
    at: SystemTime,
) -> Option<(&'static str, String)> {
    const LIFETIME: u64 = 300;
    let pair = own_key(rules.own?).ok()?;
    let now = timestamp::seconds(at);
    let mut payload = json!({
        "iss": rules.issuers.first()?,
        "aud": rules.audiences.first()?,
        "nbf": now,
        "exp": now + LIFETIME,
    });
    let more = more.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
    payload.as_object_mut()?.extend(more.chain(rules.body.map(|claim| claim.said(body))));
    let header = json!({"typ": "JWT", "alg": "EdDSA", "kid": OWN});
    let signed = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()));
    Some((rules.header, format!("{}{signed}.{signature}", rules.prefix)))
}

fn own_key(words: &Secret) -> Result<Ed25519KeyPair, Rejected> {
    Ed25519KeyPair::from_seed_unchecked(&sha256(&[words.expose_secret().as_bytes()])).map_err(|_| Rejected::NoSecret)
}

/// Only algorithms with a public key that the key is of: whoever can check such a token cannot make one.
fn is_signed(key: &PublicKey, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
    if key.algorithm.as_deref().is_some_and(|own| own != algorithm) {
        return false;
    }
    match (&key.material, algorithm) {
        (Material::Rsa { n, e }, "RS256" | "RS384" | "RS512") => {
            let parameters = match algorithm {
                "RS256" => &RSA_PKCS1_2048_8192_SHA256,
                "RS384" => &RSA_PKCS1_2048_8192_SHA384,
                _ => &RSA_PKCS1_2048_8192_SHA512,
            };
            RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature).is_ok()
        }
        (Material::P256(point), "ES256") => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
        }
        (Material::Ed25519(point), "EdDSA") => {
            UnparsedPublicKey::new(&ED25519, point).verify(signed, signature).is_ok()
        }
        (Material::Rsa { .. } | Material::P256(_) | Material::Ed25519(_), _) => false,
    }
}

/// Issuer, audience and times (RFC 7519, section 4.1).
fn check(claims: &Map<String, Value>, rules: &TokenRules<'_>, now: SystemTime) -> Result<(), Rejected> {
    let is_one_of =
        |known: &[String], said: &Value| said.as_str().is_some_and(|said| known.iter().any(|one| one == said));
    let issuer = claims.get("iss").is_some_and(|issuer| is_one_of(rules.issuers, issuer));
    let audience = claims.get("aud").is_some_and(|audience| {
        let several = audience.as_array().map_or(std::slice::from_ref(audience), Vec::as_slice);
        several.iter().any(|one| is_one_of(rules.audiences, one))
    });
    if !issuer || !audience {
        return Err(Rejected::WrongApplication);
    }
    let (now, skew) = (timestamp::seconds(now), rules.clock_skew.as_secs());
    let until = claims.get("exp").and_then(seconds).ok_or(Rejected::TimestampMissing)?;
    let from = claims.get("nbf").map_or(Some(0), seconds).ok_or(Rejected::TimestampMissing)?;
    if now > until.saturating_add(skew) || now.saturating_add(skew) < from {
        return Err(Rejected::Stale);
    }
    Ok(())
}

/// A whole number of seconds; fractions, which the standard allows, are cut off.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
fn seconds(value: &Value) -> Option<u64> {
    let seconds = value.as_f64()?;
    (0.0..1e15).contains(&seconds).then_some(seconds as u64)
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Rejected> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rejected::SignatureMalformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Rejected::SignatureMalformed)
}
