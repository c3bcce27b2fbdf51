//! Slack's signature: HMAC-SHA256 of `v0:`, the time, a colon and the body as sent, web forms included.
//! See <https://docs.slack.dev/authentication/verifying-requests-from-slack/>.

use std::time::{Duration, SystemTime};

use connector_sdk::{
    RawRequest, Rejected, Secret, Verified,
    signature::{self, HexHeader, Timestamped},
};

const HEADER: HexHeader = HexHeader { name: "X-Slack-Signature", scheme: "v0", scheme_optional: false };

const SCHEME: Timestamped = Timestamped {
    header: "X-Slack-Request-Timestamp",
    before: "v0:",
    between: ":",
    tolerance: Duration::from_secs(300),
};

/// What a delivery is proven with.
pub(crate) const HEADERS: &[&str] = &[HEADER.name, SCHEME.header];

pub(crate) fn verify<'a>(request: RawRequest<'a>, secrets: &[Secret]) -> Result<Verified<'a>, Rejected> {
    signature::hmac_sha256_timestamped(request, HEADER, &SCHEME, secrets)
}

pub(crate) fn sign(body: &[u8], at: SystemTime, secret: Option<&Secret>) -> Vec<(&'static str, String)> {
    let sign = |secret| signature::sign_hmac_sha256_timestamped(body, HEADER, &SCHEME, at, secret);
    secret.map(sign).into_iter().flatten().collect()
}
