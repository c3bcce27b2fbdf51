//! Every way of proving that a channel sent a request, in one place.
//!
//! Each scheme reads the raw bytes, tries every active secret, compares in constant time and refuses when no secret
//! is set. Only this module makes a [`Verified`]: by a
//! scheme, or on the word of an attached process ([`attested`]).

mod address;
mod assembled;
mod bearer;
mod coding;
mod configured;
mod header;
mod jwt;
mod key_pair;
mod paired;
mod public_key;
mod published;
mod template;
mod timestamp;
mod twilio;

use std::{fmt, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

pub use self::{
    address::sorted_parameters,
    assembled::{Algorithm, base64_signatures, hmac_assembled, hmac_of_body, sign_hmac_assembled, sign_hmac_of_body},
    bearer::{Bearer, BearerKey, BodyClaim, is_bearer_key, jwt, sign_jwt},
    coding::Coding,
    configured::{Clock, ClockPlace, Configured, Keys, TimeFormat, is_key, sign_configured, verify_configured},
    header::{Base64Header, DigestHeader, HexHeader},
    jwt::{Claims, jwt_hs256, sign_jwt_hs256},
    key_pair::{SignatureHeader, ed25519_timestamped, is_ed25519_key, sign_ed25519_timestamped},
    paired::{Paired, hmac_sha256_paired, sign_hmac_sha256_paired},
    public_key::{ecdsa_p256_timestamped, is_p256_key, is_rsa_certificate, rsa_assembled, sign_ecdsa_p256_timestamped},
    published::{Said, TokenRules, jwt_published, sign_jwt_own},
    template::Template,
    timestamp::Timestamped,
    twilio::{TWILIO_HEADERS, sign_twilio, twilio},
};
use crate::{Delivery, RawRequest, Secret, TOKEN_HEADER};

/// A request that the channel is proven to have sent.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    request: RawRequest<'a>,
    proof: Proof,
}

impl<'a> Verified<'a> {
    /// What to normalize.
    pub fn delivery(&self) -> Delivery<'a> {
        self.request.delivery()
    }

    /// The request.
    pub fn request(&self) -> RawRequest<'a> {
        self.request
    }

    /// How it was proven.
    pub fn proof(&self) -> Proof {
        self.proof
    }
}

/// How a request was proven genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A signature over the body.
    Signature,
    /// A secret token in the address or a header; the body itself is not covered.
    Token,
    /// The gateway read it itself, over a connection that it had opened and signed in to.
    Fetched,
    /// A process that was attached for the channel, with a key that allows it, says so.
    Process,
    /// A mail server handed it to the gateway, over a connection that a listener of the gateway took.
    Received,
}

/// Why a request was refused. Says nothing about what would have been right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The header that carries the signature is absent or there more than once.
    #[error("the signature header is missing")]
    SignatureMissing,
    /// The header is not of the scheme's form.
    #[error("the signature header is malformed")]
    SignatureMalformed,
    /// The signature is not of this body with any active secret.
    #[error("the signature does not match the body")]
    SignatureMismatch,
    /// The body lacks what the scheme signs along with it.
    #[error("the body lacks what the signature scheme needs")]
    SignedPartMissing,
    /// It was made for another application.
    #[error("the request was made for another application")]
    WrongApplication,
    /// The header that carries the secret token is absent or there more than once.
    #[error("the token header is missing")]
    TokenMissing,
    /// It holds no active token.
    #[error("the token is not an active one")]
    TokenMismatch,
    /// The header that carries the signed time is absent, there more than once, or holds no whole number.
    #[error("the timestamp header is missing or no number")]
    TimestampMissing,
    /// The signed time is too far from now.
    #[error("the signature is of another time")]
    Stale,
    /// The issuer publishes no key as the token names.
    #[error("the token names a key that its issuer does not publish")]
    KeyUnknown,
    /// Nothing is known of the issuer's keys: it did not answer yet.
    #[error("the keys of the issuer are not known")]
    KeysUnavailable,
    /// The endpoint has no secret: nothing can be proven.
    #[error("the endpoint has no secret")]
    NoSecret,
}

impl Rejected {
    /// The reason as a metric label.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature_missing",
            Self::SignatureMalformed => "signature_malformed",
            Self::SignatureMismatch => "signature_mismatch",
            Self::SignedPartMissing => "signed_part_missing",
            Self::WrongApplication => "wrong_application",
            Self::TokenMissing => "token_missing",
            Self::TokenMismatch => "token_mismatch",
            Self::TimestampMissing => "timestamp_missing",
            Self::Stale => "stale",
            Self::KeyUnknown => "key_unknown",
            Self::KeysUnavailable => "keys_unavailable",
            Self::NoSecret => "no_secret",
        }
    }
}

/// HMAC-SHA256 of the raw body, keyed with the secret.
pub fn hmac_sha256<'a>(
    request: RawRequest<'a>,
    header: impl DigestHeader,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    digest_matches(request, header, secrets, |secret| hmac(secret, &[request.body]))
}

/// The header [`hmac_sha256`] accepts for this body.
pub fn sign_hmac_sha256(body: &[u8], header: impl DigestHeader, secret: &Secret) -> (&'static str, String) {
    header.value(&hmac(secret, &[body]))
}

/// Plain SHA-256 of `before`, the raw body, `after` and the secret, one behind the other, in hexadecimal.
///
/// `after` must be a part of the scheme whose end cannot be moved: the caller makes sure that it is made of
/// characters the body cannot end with.
pub fn sha256_of_parts<'a>(
    request: RawRequest<'a>,
    header: HexHeader,
    (before, after): (&[u8], &[u8]),
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    digest_matches(request, header, secrets, |secret| sha256(&[before, request.body, after, key(secret)]))
}

/// The header [`sha256_of_parts`] accepts for this body.
pub fn sign_sha256_of_parts(
    body: &[u8],
    header: HexHeader,
    (before, after): (&[u8], &[u8]),
    secret: &Secret,
) -> (&'static str, String) {
    header.value(&sha256(&[before, body, after, key(secret)]))
}

/// HMAC-SHA256 of a time and the raw body, keyed with the secret; `scheme` says how they are put together.
///
/// A time too far from the request's arrival is refused before anything is hashed.
pub fn hmac_sha256_timestamped<'a>(
    request: RawRequest<'a>,
    header: impl DigestHeader,
    scheme: &Timestamped,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    usable(secrets)?;
    let digits = scheme.digits(&request)?;
    digest_matches(request, header, secrets, |secret| hmac(secret, &scheme.parts(digits, request.body)))
}

/// The headers [`hmac_sha256_timestamped`] accepts for this body at this time.
pub fn sign_hmac_sha256_timestamped(
    body: &[u8],
    header: impl DigestHeader,
    scheme: &Timestamped,
    at: SystemTime,
    secret: &Secret,
) -> [(&'static str, String); 2] {
    let digits = timestamp::seconds(at).to_string();
    let signature = header.value(&hmac(secret, &scheme.parts(&digits, body)));
    [(scheme.header, digits), signature]
}

/// A secret token in a header. The body is not covered: whoever learns the token can send anything.
pub fn token<'a>(request: RawRequest<'a>, header: &str, tokens: &[Secret]) -> Result<Verified<'a>, Rejected> {
    usable(tokens)?;
    let presented = request.header(header).ok_or(Rejected::TokenMissing)?;
    let presented = sha256(&[presented.as_bytes()]);
    // Digests, all of them: neither the length of a token shows in the time, nor which one matched.
    let matches = tokens.iter().fold(Choice::from(0), |found, token| found | sha256(&[key(token)]).ct_eq(&presented));
    proven(request, Proof::Token, matches).ok_or(Rejected::TokenMismatch)
}

/// A secret token in the address, in [`TOKEN_HEADER`] or as the password of `Authorization: Basic`, whatever the name. The
/// body is not covered.
pub fn token_or_password<'a>(request: RawRequest<'a>, tokens: &[Secret]) -> Result<Verified<'a>, Rejected> {
    let basic = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let Some(basic) = basic.filter(|_| !request.headers.contains_key(TOKEN_HEADER)) else {
        return token(request, TOKEN_HEADER, tokens);
    };
    usable(tokens)?;
    let pair = STANDARD.decode(basic.trim()).map_err(|_| Rejected::TokenMismatch)?;
    let password = pair.splitn(2, |byte| *byte == b':').nth(1).ok_or(Rejected::TokenMismatch)?;
    let presented = sha256(&[password]);
    let matches = tokens.iter().fold(Choice::from(0), |found, token| found | sha256(&[key(token)]).ct_eq(&presented));
    proven(request, Proof::Token, matches).ok_or(Rejected::TokenMismatch)
}

/// The password of `Authorization: Basic` (RFC 7617), by this name. The body is not covered.
pub fn basic<'a>(request: RawRequest<'a>, user: &str, passwords: &[Secret]) -> Result<Verified<'a>, Rejected> {
    usable(passwords)?;
    let value = request.header("authorization").ok_or(Rejected::TokenMissing)?;
    let pair = value.strip_prefix("Basic ").ok_or(Rejected::TokenMismatch)?;
    let pair = STANDARD.decode(pair.trim()).map_err(|_| Rejected::TokenMismatch)?;
    let presented = sha256(&[&pair]);
    let right = |password: &Secret| sha256(&[user.as_bytes(), b":", key(password)]).ct_eq(&presented);
    let matches = passwords.iter().fold(Choice::from(0), |found, password| found | right(password));
    proven(request, Proof::Token, matches).ok_or(Rejected::TokenMismatch)
}

/// The header [`basic`] accepts.
pub fn sign_basic(user: &str, password: &Secret) -> (&'static str, String) {
    let pair = [user.as_bytes(), b":", key(password)].concat();
    ("authorization", format!("Basic {}", STANDARD.encode(pair)))
}

/// Whether a secret can be a token: 20 characters or more, as shorter ones could be guessed, that an address can hold.
pub fn is_token(secret: &Secret) -> bool {
    const SHORTEST: usize = 20;
    let secret = secret.expose_secret();
    secret.len() >= SHORTEST && secret.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether two secrets are equal, in a time that does not depend on where they differ.
pub fn same_secret(presented: &str, expected: &Secret) -> bool {
    // Digests first: they are of one length, so not even the length of the secret shows.
    let (presented, expected) = (sha256(&[presented.as_bytes()]), sha256(&[key(expected)]));
    presented.ct_eq(&expected).into()
}

fn digest_matches<'a>(
    request: RawRequest<'a>,
    header: impl DigestHeader,
    secrets: &[Secret],
    digest: impl Fn(&Secret) -> [u8; 32],
) -> Result<Verified<'a>, Rejected> {
    usable(secrets)?;
    let presented = header.digest(&request)?;
    // Every secret is tried, so that the time does not tell which one matched.
    let matches = secrets.iter().fold(Choice::from(0), |found, secret| found | digest(secret).ct_eq(&presented));
    proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
}

/// A request that the process attached for its endpoint has proven. No scheme of this module is asked: only the pipeline may call
/// this, for an endpoint whose configuration says that its process proves calls, with that process's answer to this very request.
pub fn attested(request: RawRequest<'_>) -> Verified<'_> {
    Verified { request, proof: Proof::Process }
}

/// The one place where a scheme makes a request a verified one.
fn proven(request: RawRequest<'_>, proof: Proof, matches: Choice) -> Option<Verified<'_>> {
    bool::from(matches).then_some(Verified { request, proof })
}

fn usable(secrets: &[Secret]) -> Result<(), Rejected> {
    let none = secrets.is_empty() || secrets.iter().any(|secret| secret.expose_secret().is_empty());
    if none { Err(Rejected::NoSecret) } else { Ok(()) }
}

fn key(secret: &Secret) -> &[u8] {
    secret.expose_secret().as_bytes()
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(crate) fn hmac(secret: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key(secret)).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "signature",
            Self::Token => "token",
            Self::Fetched => "fetched",
            Self::Process => "process",
            Self::Received => "received",
        })
    }
}
