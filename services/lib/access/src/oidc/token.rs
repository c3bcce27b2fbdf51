//! Whether a token is what it says.

use jsonwebtoken::{Header, Validation, errors::ErrorKind};
use serde_json::{Map, Value};

use super::{Config, Unproven, keyset::IssuerKey};

/// Longest token that is read.
const LONGEST: usize = 8 << 10;

/// What a token says of its signature. Nothing is proven yet.
pub(super) fn header(token: &str, config: &Config) -> Result<Header, Unproven> {
    if token.len() > LONGEST {
        return Err(Unproven::Wrong);
    }
    // `none` is no algorithm to the library, and does not get this far.
    let header = jsonwebtoken::decode_header(token).map_err(|_| Unproven::Wrong)?;
    // RFC 7515, section 4.1.11: who does not understand what is critical has to refuse.
    let is_understood = header.crit.is_none();
    if is_understood && config.algorithms.contains(&header.alg) { Ok(header) } else { Err(Unproven::Wrong) }
}

/// The claims of a token whose signature, issuer, audience and times are right.
pub(super) fn claims(
    token: &str,
    algorithm: jsonwebtoken::Algorithm,
    key: &IssuerKey,
    config: &Config,
) -> Result<Map<String, Value>, Unproven> {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.set_issuer(&[&config.issuer]);
    validation.set_audience(&config.audiences);
    validation.validate_nbf = true;
    validation.leeway = config.clock_skew.as_secs();
    let token = jsonwebtoken::decode(token, &key.key, &validation);
    token.map(|token| token.claims).map_err(|error| {
        if matches!(error.kind(), ErrorKind::ExpiredSignature) { Unproven::Expired } else { Unproven::Wrong }
    })
}
