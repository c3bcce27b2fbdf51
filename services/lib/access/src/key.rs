//! API keys: 32 random bytes, shown once and kept as a hash.
//!
//! The hash is SHA-256, not a slow password hash: slowness protects secrets that can be guessed, and 256 random bits
//! cannot. A key that was not made by [`Key::new`] is not taken, so that nobody puts a password in its place.

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What every key begins with, so that secret scanners find it: `kenh_[0-9a-f]{64}`.
const PREFIX: &str = "kenh_";
const BYTES: usize = 32;

/// A key. Its text is the secret.
#[derive(Clone)]
pub struct Key(String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The system has no random numbers.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

impl Key {
    /// Makes a new one from the system's random numbers.
    pub fn new() -> Result<Self, NoRandom> {
        let mut random = [0; BYTES];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random).map_err(|_| NoRandom)?;
        Ok(Self([PREFIX, &hex::encode(random)].concat()))
    }

    /// Reads what a caller presents; `None` for what does not have the form of a key.
    pub fn presented(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 2 * BYTES && digits.bytes().all(lower)).then(|| Self(text.into()))
    }

    /// Whether a text says that it is a key, well-formed or not.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The secret, for who is to have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

/// What the gateway knows of a key: the SHA-256 of its whole text.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Compares in constant time.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("expected a SHA-256 in 64 hexadecimal digits, as `kenh access new-key` prints it")]
pub struct NoHash;

impl FromStr for KeyHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(|_| NoHash)?;
        Ok(Self(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_again_by_its_hash_and_never_printed() {
        let (key, other) = (Key::new().unwrap(), Key::new().unwrap());
        let presented = Key::presented(key.reveal()).unwrap();
        let kept: KeyHash = key.hash().to_string().parse().unwrap();
        assert!(kept.is(&presented.hash()) && !kept.is(&other.hash()));
        assert_eq!(format!("{key:?} {kept:?}"), "Key(..) KeyHash(..)");
    }

    #[test]
    fn the_hash_is_what_common_tools_say() {
        // printf %s kenh_00…00 | sha256sum
        let key = Key::presented(&format!("kenh_{}", "0".repeat(64))).unwrap();
        assert_eq!(key.hash().to_string(), "7fdf1e082a35ab9797bdeb65eedbee94d8841d138403bde23aa677a230445226");
    }

    #[test]
    fn what_has_not_the_form_of_a_key_is_none() {
        let digits = "0123456789abcdef".repeat(4);
        assert!(Key::presented(&format!("kenh_{digits}")).is_some());
        for text in [digits.as_str(), "kenh_", "kenh_secret", "", &format!("kenh_{digits}0"), &format!("KENH_{digits}")]
        {
            assert!(Key::presented(text).is_none(), "{text}");
        }
        assert!(Key::presented(&format!("kenh_{}", digits.to_uppercase())).is_none());
    }
}
