//! Twilio: HMAC of the address and the sorted parameters; of the address alone where the body is JSON, whose digest stands
//! in the query. See <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.

use connector_sdk::{
    Proof, RawRequest, Rejected, Secret, Verified,
    signature::{self, Algorithm},
};
use http::Method;
use sha2::{Digest as _, Sha256};

use super::{SIGNED, Scheme, Setting, decoded, signed, url};
use crate::settings::Settings;

const SIGNATURE: &str = "x-twilio-signature";
/// Accounts with a shared key say so here: `key=<id>,algorithm=HMAC_SHA256`. Without it, SHA-1.
const MANNER: &str = "x-twilio-webhooks-signature-settings";
/// The digest of a body that is no form.
const DIGEST: &str = "bodySHA256";

/// The scheme.
pub(crate) const TWILIO: Scheme = Scheme {
    verify,
    sign: |settings, body, _| {
        signed(settings, SIGNATURE, Algorithm::Sha1, &base(&settings.public_url, &url::sorted(body)))
    },
    headers: &[SIGNATURE, MANNER],
    settings: &[Setting::PublicUrl],
    ..SIGNED
};

fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    let presented = decoded(request, SIGNATURE)?;
    let algorithm = algorithm(request)?;
    let parameters = match request.query_value(DIGEST) {
        Some(digest) => {
            let right = Secret::from(hex::encode(Sha256::digest(request.body)));
            if !signature::same_secret(&digest.to_ascii_lowercase(), &right) {
                return Err(Rejected::SignatureMismatch);
            }
            Vec::new()
        }
        // The query, which is the body of such a call, is in the address already.
        None if request.method == Method::GET => Vec::new(),
        None => url::sorted(request.body),
    };
    let called = url::called(&settings.public_url, request.query);
    let bases: Vec<_> = url::with_and_without_port(&called).iter().map(|url| base(url, &parameters)).collect();
    signature::hmac_assembled(request, Proof::Signature, algorithm, &presented, &bases, &settings.secrets)
}

fn algorithm(request: RawRequest<'_>) -> Result<Algorithm, Rejected> {
    if !request.headers.contains_key(MANNER) {
        return Ok(Algorithm::Sha1);
    }
    let manner = request.header(MANNER).ok_or(Rejected::SignatureMalformed)?;
    match manner.split(',').find_map(|part| part.trim().strip_prefix("algorithm=")) {
        None | Some("HMAC_SHA1") => Ok(Algorithm::Sha1),
        Some("HMAC_SHA256") => Ok(Algorithm::Sha256),
        Some(_) => Err(Rejected::SignatureMalformed),
    }
}

/// Each pair once, also where a name comes with the same value twice.
fn base(url: &str, sorted: &[(String, String)]) -> Vec<u8> {
    let mut pairs = sorted.to_vec();
    pairs.dedup();
    let mut base = url.to_owned();
    for (name, value) in pairs {
        base.push_str(&name);
        base.push_str(&value);
    }
    base.into_bytes()
}
