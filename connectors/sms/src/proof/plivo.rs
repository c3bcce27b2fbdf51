//! Plivo: HMAC-SHA256 of the address, the sorted parameters and a nonce.
//! See <https://www.plivo.com/docs/messaging/concepts/signature-validation>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_sdk::{
    Proof, RawRequest, Rejected, Verified,
    signature::{self, Algorithm},
};
use http::Method;
use sha2::{Digest as _, Sha256};

use super::{SIGNED, Scheme, Setting};
use crate::settings::Settings;

const V3: [&str; 2] = ["x-plivo-signature-v3", "x-plivo-signature-v3-nonce"];
/// Covers neither body nor query.
const V2: [&str; 2] = ["x-plivo-signature-v2", "x-plivo-signature-v2-nonce"];

/// The scheme.
pub(crate) const PLIVO: Scheme = Scheme {
    verify,
    sign: |settings, body, _| {
        // Plivo's is random; one made of the body makes samples the same each time.
        let nonce: String = hex::encode(Sha256::digest(body)).chars().take(20).collect();
        let base = format!("{}.{nonce}", posted(&settings.public_url, "", body));
        let Some(secret) = settings.secrets.first() else { return Vec::new() };
        let signature = STANDARD.encode(signature::sign_hmac_assembled(Algorithm::Sha256, base.as_bytes(), secret));
        vec![(V3[0], signature), (V3[1], nonce)]
    },
    headers: &[V3[0], V3[1], V2[0], V2[1]],
    settings: &[Setting::PublicUrl, Setting::UnsignedBodies],
    ..SIGNED
};

fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    let is_v2 = !request.headers.contains_key(V3[0]) && request.headers.contains_key(V2[0]);
    let ([signature, nonce], covers, base) = if is_v2 && settings.unsigned_bodies {
        (V2, Proof::Token, settings.public_url.clone())
    } else if request.method == Method::GET {
        (V3, Proof::Signature, asked(&settings.public_url, request.query))
    } else {
        (V3, Proof::Signature, posted(&settings.public_url, request.query, request.body))
    };
    let presented = signature::base64_signatures(request, signature)?;
    let nonce = request.header(nonce).ok_or(Rejected::SignatureMissing)?;
    let base = if covers == Proof::Token { format!("{base}{nonce}") } else { format!("{base}.{nonce}") };
    let bases = [base.into_bytes()];
    signature::hmac_assembled(request, covers, Algorithm::Sha256, &presented, &bases, &settings.secrets)
}

fn joined(pairs: &[(String, String)], between: [&str; 2]) -> String {
    let [equals, and] = between;
    pairs.iter().map(|(name, value)| format!("{name}{equals}{value}")).collect::<Vec<_>>().join(and)
}

/// Of a GET: values as they are, not percent-encoded again.
fn asked(url: &str, query: &str) -> String {
    let query = joined(&signature::sorted_parameters(query.as_bytes()), ["=", "&"]);
    if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") }
}

/// Of a POST: the parameters of the body stick together, behind a dot where a query stands before them.
fn posted(url: &str, query: &str, body: &[u8]) -> String {
    let query = joined(&signature::sorted_parameters(query.as_bytes()), ["=", "&"]);
    let body = joined(&signature::sorted_parameters(body), ["", ""]);
    match (query.is_empty(), body.is_empty()) {
        (true, true) => url.to_owned(),
        (false, false) => format!("{url}?{query}.{body}"),
        _ => format!("{url}?{query}{body}"),
    }
}
