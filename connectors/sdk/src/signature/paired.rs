//! A header that carries both a time and a digest, as pairs: `t=1767225600,s=84d3…`.

use std::time::SystemTime;

use subtle::{Choice, ConstantTimeEq as _};

use super::{Proof, Rejected, Timestamped, Verified, hmac, proven, timestamp, usable};
use crate::{RawRequest, Secret};

/// How the two are named.
#[derive(Debug, Clone, Copy)]
pub struct Paired {
    /// How time and body are put together; its header is the one that carries both.
    pub scheme: Timestamped,
    /// Name of the time.
    pub time: &'static str,
    /// Name of the digest, which is in hexadecimal.
    pub digest: &'static str,
}

/// HMAC-SHA256 of a time and the raw body, keyed with the secret. Each of the two has to be there once; other pairs are not
/// looked at.
pub fn hmac_sha256_paired<'a>(
    request: RawRequest<'a>,
    header: &Paired,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    usable(secrets)?;
    let value = request.header(header.scheme.header).ok_or(Rejected::SignatureMissing)?;
    let digits = header.scheme.near(&request, only(value, header.time).ok_or(Rejected::TimestampMissing)?)?;
    let mut presented = [0; 32];
    let written = only(value, header.digest).ok_or(Rejected::SignatureMalformed)?;
    hex::decode_to_slice(written, &mut presented).map_err(|_| Rejected::SignatureMalformed)?;
    let parts = header.scheme.parts(digits, request.body);
    // Every secret is tried, so that the time does not tell which one matched.
    let matches = secrets.iter().fold(Choice::from(0), |found, secret| found | hmac(secret, &parts).ct_eq(&presented));
    proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
}

/// The header [`hmac_sha256_paired`] accepts for this body at this time.
pub fn sign_hmac_sha256_paired(
    body: &[u8],
    header: &Paired,
    at: SystemTime,
    secret: &Secret,
) -> (&'static str, String) {
    let digits = timestamp::seconds(at).to_string();
    let digest = hex::encode(hmac(secret, &header.scheme.parts(&digits, body)));
    (header.scheme.header, format!("{}={digits},{}={digest}", header.time, header.digest))
}

/// The value of a name that is there once.
fn only<'a>(pairs: &'a str, name: &str) -> Option<&'a str> {
    let mut values = pairs.split(',').filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}
