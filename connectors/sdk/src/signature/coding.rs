//! Bytes as text.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// In hexadecimal.
    Hex,
    /// In base64 with padding, of the alphabet with `+` and `/`.
    Base64,
}

impl Coding {
    pub(super) fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }

    pub(super) fn written(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
        }
    }
}
