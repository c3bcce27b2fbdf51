//! How headers write a digest of 32 bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Rejected;
use crate::RawRequest;

/// A header that carries a SHA-256 digest, in some writing.
pub trait DigestHeader: Copy {
    /// Reads the digest.
    fn digest(self, request: &RawRequest<'_>) -> Result<[u8; 32], Rejected>;

    /// The header that carries this digest.
    fn value(self, digest: &[u8; 32]) -> (&'static str, String);
}

/// In hexadecimal.
#[derive(Debug, Clone, Copy)]
pub struct HexHeader {
    /// Header name.
    pub name: &'static str,
    /// Scheme name in front of the digits, without the equals sign: `sha256`, `mac`. Empty where there is none.
    pub scheme: &'static str,
    /// Accept the digits without the scheme name too.
    pub scheme_optional: bool,
}

impl DigestHeader for HexHeader {
    // Upper-case digits and spaces around the equals sign are harmless, since the decoded bytes are compared.
    fn digest(self, request: &RawRequest<'_>) -> Result<[u8; 32], Rejected> {
        let value = request.header(self.name).ok_or(Rejected::SignatureMissing)?.trim();
        let digits = match value.split_once('=') {
            Some((scheme, digits)) if scheme.trim() == self.scheme && !self.scheme.is_empty() => digits.trim(),
            None if self.scheme_optional || self.scheme.is_empty() => value,
            Some(_) | None => return Err(Rejected::SignatureMalformed),
        };
        let mut digest = [0; 32];
        hex::decode_to_slice(digits, &mut digest).map_err(|_| Rejected::SignatureMalformed)?;
        Ok(digest)
    }

    fn value(self, digest: &[u8; 32]) -> (&'static str, String) {
        let digits = hex::encode(digest);
        (self.name, if self.scheme.is_empty() { digits } else { format!("{}={digits}", self.scheme) })
    }
}

/// In base64 with padding, of the alphabet with `+` and `/`.
#[derive(Debug, Clone, Copy)]
pub struct Base64Header {
    /// Header name.
    pub name: &'static str,
    /// What stands in front of the digest, with its equals sign: `sha256=`. Empty where there is nothing.
    pub prefix: &'static str,
}

impl DigestHeader for Base64Header {
    fn digest(self, request: &RawRequest<'_>) -> Result<[u8; 32], Rejected> {
        let value = request.header(self.name).ok_or(Rejected::SignatureMissing)?.trim();
        let digits = value.strip_prefix(self.prefix).ok_or(Rejected::SignatureMalformed)?;
        let bytes = STANDARD.decode(digits).map_err(|_| Rejected::SignatureMalformed)?;
        bytes.try_into().map_err(|_| Rejected::SignatureMalformed)
    }

    fn value(self, digest: &[u8; 32]) -> (&'static str, String) {
        (self.name, format!("{}{}", self.prefix, STANDARD.encode(digest)))
    }
}
