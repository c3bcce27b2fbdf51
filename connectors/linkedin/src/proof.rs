//! LinkedIn's signature: HMAC-SHA256 of a word and the body, in hexadecimal. The word belongs to what is signed, not to the header.
//! See <https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation>.

use connector_sdk::{
    Proof, RawRequest, Rejected, Secret, Verified,
    signature::{Algorithm, hmac_assembled, sign_hmac_assembled},
};

/// What a delivery is proven with.
pub(crate) const HEADER: &str = "X-LI-Signature";

/// In front of the body. No challenge's code can begin so: what is answered there is no signature.
const BEFORE: &[u8] = b"hmacsha256=";

pub(crate) fn verify<'a>(request: RawRequest<'a>, secrets: &[Secret]) -> Result<Verified<'a>, Rejected> {
    let header = request.header(HEADER).map(str::trim);
    let mut presented = [0; 32];
    // Without a secret nothing else is worth saying.
    if !secrets.is_empty() {
        let digits = header.ok_or(Rejected::SignatureMissing)?;
        hex::decode_to_slice(digits, &mut presented).map_err(|_| Rejected::SignatureMalformed)?;
    }
    let base = [BEFORE, request.body].concat();
    hmac_assembled(request, Proof::Signature, Algorithm::Sha256, &[presented.to_vec()], &[base], secrets)
}

pub(crate) fn sign(body: &[u8], secret: &Secret) -> (&'static str, String) {
    (HEADER, hex::encode(sign_hmac_assembled(Algorithm::Sha256, &[BEFORE, body].concat(), secret)))
}
