//! Discord's signature: Ed25519 of the time and the body, with nothing between them. Discord itself sends wrong ones, when an
//! address is saved and now and then, and takes an address away that believes them.
//! See <https://docs.discord.com/developers/interactions/overview#validating-security-request-headers>.

use std::time::{Duration, SystemTime};

use connector_sdk::{
    RawRequest, Rejected, Secret, Verified,
    signature::{self, Coding, SignatureHeader, Timestamped},
};

const HEADER: SignatureHeader = SignatureHeader { name: "X-Signature-Ed25519", coding: Coding::Hex };

const SCHEME: Timestamped =
    Timestamped { header: "X-Signature-Timestamp", before: "", between: "", tolerance: Duration::from_secs(300) };

/// What a delivery is proven with.
pub(crate) const HEADERS: &[&str] = &[HEADER.name, SCHEME.header];

pub(crate) fn verify<'a>(request: RawRequest<'a>, keys: &[Secret]) -> Result<Verified<'a>, Rejected> {
    signature::ed25519_timestamped(request, HEADER, &SCHEME, keys)
}

pub(crate) fn sign(body: &[u8], at: SystemTime, key: Option<&Secret>) -> Vec<(&'static str, String)> {
    let sign = |key| signature::sign_ed25519_timestamped(body, HEADER, &SCHEME, at, key);
    key.and_then(sign).into_iter().flatten().collect()
}
