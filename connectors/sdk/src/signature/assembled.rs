//! HMAC of bytes that a channel puts together from a call: its address, its parameters in some order.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq as _};

use super::{Proof, Rejected, Verified, key, proven, usable};
use crate::{RawRequest, Secret};

/// The digest an HMAC is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1. Still sound in an HMAC; some channels know nothing newer.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// Whether one of the signatures that came with the request is the HMAC of one of `bases`, which the caller puts together
/// from the request by the channel's rule: several where the channel itself is not sure of its address. `covers` says what
/// is proven thereby: a base without the body is no more than a token.
pub fn hmac_assembled<'a>(
    request: RawRequest<'a>,
    covers: Proof,
    algorithm: Algorithm,
    presented: &[Vec<u8>],
    bases: &[Vec<u8>],
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    usable(secrets)?;
    // Everything is tried, so that the time does not tell which one matched.
    let mut matches = Choice::from(0);
    for secret in secrets {
        for base in bases {
            let right = digest(algorithm, key(secret), base);
            for signature in presented {
                matches |= right.ct_eq(signature);
            }
        }
    }
    proven(request, covers, matches).ok_or(Rejected::SignatureMismatch)
}

/// HMAC of the raw body alone, in base64 with padding, in a header.
pub fn hmac_of_body<'a>(
    request: RawRequest<'a>,
    header: &'static str,
    algorithm: Algorithm,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    let presented = base64_signatures(request, header)?;
    let bases = [request.body.to_vec()];
    hmac_assembled(request, Proof::Signature, algorithm, &presented, &bases, secrets)
}

/// The header [`hmac_of_body`] accepts for this body.
pub fn sign_hmac_of_body(
    body: &[u8],
    header: &'static str,
    algorithm: Algorithm,
    secret: &Secret,
) -> (&'static str, String) {
    (header, STANDARD.encode(digest(algorithm, key(secret), body)))
}

/// The signatures of a header, in base64, with commas between; at most eight of them are looked at.
pub fn base64_signatures(request: RawRequest<'_>, header: &str) -> Result<Vec<Vec<u8>>, Rejected> {
    const MOST: usize = 8;
    let value = request.header(header).ok_or(Rejected::SignatureMissing)?;
    let signatures: Vec<_> = value.split(',').take(MOST).filter_map(|one| STANDARD.decode(one.trim()).ok()).collect();
    if signatures.is_empty() { Err(Rejected::SignatureMalformed) } else { Ok(signatures) }
}

/// The signature [`hmac_assembled`] accepts.
pub fn sign_hmac_assembled(algorithm: Algorithm, base: &[u8], secret: &Secret) -> Vec<u8> {
    digest(algorithm, key(secret), base)
}

#[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(super) fn digest(algorithm: Algorithm, key: &[u8], base: &[u8]) -> Vec<u8> {
    const ANY: &str = "HMAC takes keys of every length";
    match algorithm {
        Algorithm::Sha1 => {
            Hmac::<Sha1>::new_from_slice(key).expect(ANY).chain_update(base).finalize().into_bytes().to_vec()
        }
        Algorithm::Sha256 => {
            Hmac::<Sha256>::new_from_slice(key).expect(ANY).chain_update(base).finalize().into_bytes().to_vec()
        }
        Algorithm::Sha512 => {
            Hmac::<Sha512>::new_from_slice(key).expect(ANY).chain_update(base).finalize().into_bytes().to_vec()
        }
    }
}
