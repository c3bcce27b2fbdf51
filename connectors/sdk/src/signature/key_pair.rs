//! Signatures made with a key the channel keeps and proven with one it publishes: Ed25519.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey, VerificationAlgorithm};
use secrecy::ExposeSecret as _;
use subtle::Choice;

use super::{Coding, Proof, Rejected, Timestamped, Verified, proven, sha256, timestamp, usable};
use crate::{RawRequest, Secret};

/// In front of words that a key pair of our own is made from, in the place of a channel's public key: there is no other
/// way to sign a sample.
const OWN: &str = "test:";

/// A header that carries such a signature.
#[derive(Debug, Clone, Copy)]
pub struct SignatureHeader {
    /// Header name.
    pub name: &'static str,
    /// How it is written there.
    pub coding: Coding,
}

impl SignatureHeader {
    fn read(&self, request: &RawRequest<'_>) -> Result<Vec<u8>, Rejected> {
        let value = request.header(self.name).ok_or(Rejected::SignatureMissing)?.trim();
        self.coding.read(value).ok_or(Rejected::SignatureMalformed)
    }

    pub(super) fn value(&self, signature: &[u8]) -> (&'static str, String) {
        (self.name, self.coding.written(signature))
    }
}

/// Ed25519 of a time and the raw body; `scheme` says how they are put together. `keys` are public keys of 32 bytes in
/// base64 or hexadecimal, or `test:` and any words.
pub fn ed25519_timestamped<'a>(
    request: RawRequest<'a>,
    header: SignatureHeader,
    scheme: &Timestamped,
    keys: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    proven_by_key(request, header, scheme, keys, &ED25519, public)
}

/// A signature over a time and the raw body, by whichever of the keys; `public` reads what a setting holds.
pub(super) fn proven_by_key<'a>(
    request: RawRequest<'a>,
    header: SignatureHeader,
    scheme: &Timestamped,
    keys: &[Secret],
    algorithm: &'static dyn VerificationAlgorithm,
    public: fn(&Secret) -> Option<Vec<u8>>,
) -> Result<Verified<'a>, Rejected> {
    usable(keys)?;
    let digits = scheme.digits(&request)?;
    let signature = header.read(&request)?;
    let signed = scheme.parts(digits, request.body).concat();
    let mut matches = Choice::from(0);
    for key in keys {
        let key = public(key).ok_or(Rejected::NoSecret)?;
        let right = UnparsedPublicKey::new(algorithm, key).verify(&signed, &signature).is_ok();
        matches |= Choice::from(u8::from(right));
    }
    proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
}

/// The headers [`ed25519_timestamped`] accepts for this body at this time; none for a key that is not ours.
pub fn sign_ed25519_timestamped(
    body: &[u8],
    header: SignatureHeader,
    scheme: &Timestamped,
    at: SystemTime,
    key: &Secret,
) -> Option<[(&'static str, String); 2]> {
    let pair = own(key)?;
    let digits = timestamp::seconds(at).to_string();
    let signature = pair.sign(&scheme.parts(&digits, body).concat());
    Some([(scheme.header, digits), header.value(signature.as_ref())])
}

/// Whether a key is one that [`ed25519_timestamped`] can use.
pub fn is_ed25519_key(key: &Secret) -> bool {
    public(key).is_some()
}

fn public(key: &Secret) -> Option<Vec<u8>> {
    if let Some(pair) = own(key) {
        return Some(pair.public_key().as_ref().to_vec());
    }
    let text = key.expose_secret().trim();
    // No text is 32 bytes in both writings: 64 digits of the one are 48 bytes in the other.
    let bytes = |read: Option<Vec<u8>>| read.filter(|bytes| bytes.len() == 32);
    bytes(STANDARD.decode(text).ok()).or_else(|| bytes(hex::decode(text).ok()))
}

pub(super) fn own(key: &Secret) -> Option<Ed25519KeyPair> {
    let words = key.expose_secret().strip_prefix(OWN)?;
    Ed25519KeyPair::from_seed_unchecked(&sha256(&[words.as_bytes()])).ok()
}
