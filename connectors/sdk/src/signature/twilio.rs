//! Twilio: HMAC of the address and the sorted parameters; of the address alone where the body is JSON, whose digest stands
//! in the query. See <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;

use super::{
    Algorithm, Proof, Rejected, Verified,
    address::{called, sorted_parameters, with_and_without_port},
    assembled::{base64_signatures, hmac_assembled, sign_hmac_assembled},
    same_secret, sha256,
};
use crate::{RawRequest, Secret};

const SIGNATURE: &str = "x-twilio-signature";
/// Accounts with a shared key say so here: `key=<id>,algorithm=HMAC_SHA256`. Without it, SHA-1.
const MANNER: &str = "x-twilio-webhooks-signature-settings";
/// The digest of a body that is no form.
const DIGEST: &str = "bodySHA256";

/// The headers that [`twilio`] reads.
pub const TWILIO_HEADERS: &[&str] = &[SIGNATURE, MANNER];

/// Whether Twilio signed this call to `public_url`: the address Twilio was given, byte for byte and without a query.
/// `secrets` are auth tokens, or the shared key of an account that has one.
pub fn twilio<'a>(request: RawRequest<'a>, public_url: &str, secrets: &[Secret]) -> Result<Verified<'a>, Rejected> {
    let presented = base64_signatures(request, SIGNATURE)?;
    let algorithm = algorithm(request)?;
    let parameters = match request.query_value(DIGEST) {
        Some(digest) => {
            let right = Secret::from(hex::encode(sha256(&[request.body])));
            if !same_secret(&digest.to_ascii_lowercase(), &right) {
                return Err(Rejected::SignatureMismatch);
            }
            Vec::new()
        }
        // The query, which is the body of such a call, is in the address already.
        None if request.method == Method::GET => Vec::new(),
        None => sorted_parameters(request.body),
    };
    let called = called(public_url, request.query);
    let bases: Vec<_> = with_and_without_port(&called).iter().map(|url| base(url, &parameters)).collect();
    hmac_assembled(request, Proof::Signature, algorithm, &presented, &bases, secrets)
}

/// The header [`twilio`] accepts for this form.
pub fn sign_twilio(body: &[u8], public_url: &str, secret: &Secret) -> (&'static str, String) {
    let base = base(public_url, &sorted_parameters(body));
    (SIGNATURE, STANDARD.encode(sign_hmac_assembled(Algorithm::Sha1, &base, secret)))
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
