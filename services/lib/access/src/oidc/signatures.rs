//! Signatures of tokens, checked with ring, which TLS uses too. Keys with a shared secret cannot even be tried.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
};
use ring::signature::{
    self as scheme, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use signature::{Error, Verifier};

/// Tells the JWT library once for the process.
pub(super) fn install() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: no_signer,
        verifier_factory: verifier,
        // Only for making JWKs, which nobody does here.
        key_utils: KeyUtils::new_unimplemented(),
    };
    // It may be there already: then it is this one.
    PROVIDER.install_default().ok();
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the JWT library calls it")]
fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

/// A key that fits an algorithm.
struct Check {
    algorithm: Algorithm,
    key: Key,
}

enum Key {
    /// RSA, as its two numbers.
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
    /// A point on a curve.
    Point(&'static dyn VerificationAlgorithm, Vec<u8>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the JWT library calls it")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let rsa = |parameters| match (key.family(), key.kind()) {
        (AlgorithmFamily::Rsa, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            Ok(Key::Rsa(parameters, RsaPublicKeyComponents { n: n.clone(), e: e.clone() }))
        }
        _ => Err(ErrorKind::InvalidKeyFormat),
    };
    let point = |family, scheme: &'static dyn VerificationAlgorithm| match key.kind() {
        DecodingKeyKind::SecretOrDer(point) if key.family() == family => Ok(Key::Point(scheme, point.clone())),
        DecodingKeyKind::SecretOrDer(_) | DecodingKeyKind::RsaModulusExponent { .. } => {
            Err(ErrorKind::InvalidKeyFormat)
        }
    };
    let key = match algorithm {
        Algorithm::RS256 => rsa(&scheme::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => rsa(&scheme::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => rsa(&scheme::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => rsa(&scheme::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => rsa(&scheme::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => rsa(&scheme::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => point(AlgorithmFamily::Ec, &scheme::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => point(AlgorithmFamily::Ec, &scheme::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => point(AlgorithmFamily::Ed, &scheme::ED25519),
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 | _ => Err(ErrorKind::UnsupportedAlgorithm),
    };
    Ok(Box::new(Check { algorithm: *algorithm, key: key? }))
}

impl Verifier<Vec<u8>> for Check {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        match &self.key {
            Key::Rsa(parameters, key) => key.verify(parameters, message, signature),
            Key::Point(scheme, point) => UnparsedPublicKey::new(*scheme, point).verify(message, signature),
        }
        .map_err(|_| Error::new())
    }
}

impl JwtVerifier for Check {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
