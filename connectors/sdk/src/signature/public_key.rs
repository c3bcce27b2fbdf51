//! Signatures of channels whose keys come as the standard wraps them: ECDSA over a time and the body, and RSA with a
//! certificate.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
        UnparsedPublicKey,
    },
};
use secrecy::ExposeSecret as _;
use subtle::Choice;
use x509_parser::{pem::Pem, public_key::PublicKey};

use super::{
    Algorithm, Proof, Rejected, SignatureHeader, Timestamped, Verified, key_pair::proven_by_key, proven, timestamp,
    usable,
};
use crate::{RawRequest, Secret};

/// What stands before the point of a P-256 key in its `SubjectPublicKeyInfo` (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// In front of a private key of our own (PKCS#8 in base64), in the place of a channel's public key: there is no other way to
/// sign a sample.
const OWN: &str = "test:";

/// ECDSA with P-256 and SHA-256 of a time and the raw body, in DER. `keys` are public keys as
/// `SubjectPublicKeyInfo` in base64, with or without the lines around it, or `test:` and a private key of one's own.
pub fn ecdsa_p256_timestamped<'a>(
    request: RawRequest<'a>,
    header: SignatureHeader,
    scheme: &Timestamped,
    keys: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    proven_by_key(request, header, scheme, keys, &ECDSA_P256_SHA256_ASN1, point)
}

/// The headers [`ecdsa_p256_timestamped`] accepts for this body at this time; none for a key that is not ours.
pub fn sign_ecdsa_p256_timestamped(
    body: &[u8],
    header: SignatureHeader,
    scheme: &Timestamped,
    at: SystemTime,
    key: &Secret,
) -> Option<[(&'static str, String); 2]> {
    let digits = timestamp::seconds(at).to_string();
    let signature = own(key)?.sign(&SystemRandom::new(), &scheme.parts(&digits, body).concat()).ok()?;
    Some([(scheme.header, digits), header.value(signature.as_ref())])
}

/// Whether a key is one that [`ecdsa_p256_timestamped`] can use.
pub fn is_p256_key(key: &Secret) -> bool {
    point(key).is_some()
}

pub(super) fn point(key: &Secret) -> Option<Vec<u8>> {
    if let Some(pair) = own(key) {
        return Some(pair.public_key().as_ref().to_vec());
    }
    let lines = key.expose_secret().lines().filter(|line| !line.starts_with("-----"));
    let text: String = lines.flat_map(str::chars).filter(|character| !character.is_whitespace()).collect();
    let point = STANDARD.decode(text).ok()?.strip_prefix(&P256)?.to_vec();
    (point.len() == 65).then_some(point)
}

pub(super) fn own(key: &Secret) -> Option<EcdsaKeyPair> {
    let pkcs8 = STANDARD.decode(key.expose_secret().strip_prefix(OWN)?.trim()).ok()?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &SystemRandom::new()).ok()
}

/// RSA (PKCS#1 v1.5, from 2048 bits on) of bytes that the caller puts together from the request by the channel's rule.
/// `certificates` are those the channel is known to sign with, in PEM; their own signatures and dates are not looked at.
pub fn rsa_assembled<'a>(
    request: RawRequest<'a>,
    algorithm: Algorithm,
    signature: &[u8],
    base: &[u8],
    certificates: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    usable(certificates)?;
    let parameters = match algorithm {
        Algorithm::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
    };
    let mut matches = Choice::from(0);
    for certificate in certificates {
        let key = rsa_key(certificate).ok_or(Rejected::NoSecret)?;
        let right = UnparsedPublicKey::new(parameters, key).verify(base, signature).is_ok();
        matches |= Choice::from(u8::from(right));
    }
    proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
}

/// Whether this is a certificate that [`rsa_assembled`] can use.
pub fn is_rsa_certificate(certificate: &Secret) -> bool {
    rsa_key(certificate).is_some()
}

fn rsa_key(certificate: &Secret) -> Option<Vec<u8>> {
    let pem = Pem::iter_from_buffer(certificate.expose_secret().as_bytes()).next()?.ok()?;
    let certificate = pem.parse_x509().ok()?;
    let key = certificate.public_key();
    matches!(key.parsed().ok()?, PublicKey::RSA(_)).then(|| key.subject_public_key.data.to_vec())
}
