//! Every way of proving that a channel sent a request, in one place.
//!
//! Each scheme reads the raw bytes, tries every active secret, compares in constant time and refuses when no secret
//! is set. Only this module makes a [`Verified`].

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use crate::{Delivery, RawRequest, Secret};

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
            Self::NoSecret => "no_secret",
        }
    }
}

/// How a header writes a SHA-256 digest in hexadecimal.
#[derive(Debug, Clone, Copy)]
pub struct HexHeader {
    /// Header name.
    pub name: &'static str,
    /// Scheme name in front of the digits, without the equals sign: `sha256`, `mac`.
    pub scheme: &'static str,
    /// Accept the digits without the scheme name too.
    pub scheme_optional: bool,
}

impl HexHeader {
    /// Reads the digest. Upper-case digits and spaces around the equals sign are harmless, since the decoded bytes
    /// are compared.
    fn digest(self, request: &RawRequest<'_>) -> Result<[u8; 32], Rejected> {
        let value = request.header(self.name).ok_or(Rejected::SignatureMissing)?.trim();
        let digits = match value.split_once('=') {
            Some((scheme, digits)) if scheme.trim() == self.scheme => digits.trim(),
            None if self.scheme_optional => value,
            Some(_) | None => return Err(Rejected::SignatureMalformed),
        };
        let mut digest = [0; 32];
        hex::decode_to_slice(digits, &mut digest).map_err(|_| Rejected::SignatureMalformed)?;
        Ok(digest)
    }

    fn value(self, digest: impl AsRef<[u8]>) -> (&'static str, String) {
        (self.name, format!("{}={}", self.scheme, hex::encode(digest)))
    }
}

/// HMAC-SHA256 of the raw body, keyed with the secret, in hexadecimal.
pub fn hmac_sha256<'a>(
    request: RawRequest<'a>,
    header: HexHeader,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    digest_matches(request, header, secrets, |secret| hmac(secret, &[request.body]))
}

/// The header [`hmac_sha256`] accepts for this body.
pub fn sign_hmac_sha256(body: &[u8], header: HexHeader, secret: &Secret) -> (&'static str, String) {
    header.value(hmac(secret, &[body]))
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
    header.value(sha256(&[before, body, after, key(secret)]))
}

/// Whether two secrets are equal, in a time that does not depend on where they differ.
pub fn same_secret(presented: &str, expected: &Secret) -> bool {
    // Digests first: they are of one length, so not even the length of the secret shows.
    let (presented, expected) = (sha256(&[presented.as_bytes()]), sha256(&[key(expected)]));
    presented.ct_eq(&expected).into()
}

fn digest_matches<'a>(
    request: RawRequest<'a>,
    header: HexHeader,
    secrets: &[Secret],
    digest: impl Fn(&Secret) -> [u8; 32],
) -> Result<Verified<'a>, Rejected> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
        return Err(Rejected::NoSecret);
    }
    let presented = header.digest(&request)?;
    // Every secret is tried, so that the time does not tell which one matched.
    let matches = secrets.iter().fold(Choice::from(0), |found, secret| found | digest(secret).ct_eq(&presented));
    if bool::from(matches) {
        Ok(Verified { request, proof: Proof::Signature })
    } else {
        Err(Rejected::SignatureMismatch)
    }
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
fn hmac(secret: &Secret, parts: &[&[u8]]) -> [u8; 32] {
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
        })
    }
}
