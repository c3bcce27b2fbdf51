//! Sealing what is kept of an account.
//!
//! AES-256-GCM with a random nonce, the account's name as associated data, so that what is sealed for one account opens for
//! no other. The key itself is derived (HKDF-SHA-256) from the configured one, and so is the id that stands beside what was
//! sealed with it. Of several keys the first seals and all open, which is how they are replaced.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use connector_sdk::Section;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SecureRandom as _, SystemRandom},
};

/// First byte of what is sealed.
const FORMAT: u8 = 1;
/// Bytes of a configured key, and of an id.
const KEY_LEN: usize = 32;
const ID_LEN: usize = 8;
const HEAD: usize = 1 + ID_LEN + NONCE_LEN;

/// The keys of `credentials.keys`.
#[derive(Default)]
pub struct Keys(Vec<Key>);

struct Key {
    id: [u8; ID_LEN],
    seal: LessSafeKey,
}

/// What is kept for an account cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// Its key is not configured.
    #[error(
        "the credential of {account} was sealed with key {key}, which is not among `credentials.keys`: put that key back, \
         or, if it is lost, run `kenh credentials discard` and give the consent again"
    )]
    Key {
        /// `<channel>/<endpoint>/<external id>`
        account: String,
        /// Id of the key.
        key: String,
    },
    /// It is not what was sealed.
    #[error(
        "the credential of {account} is damaged or was written by a newer version: run that version, or run \
         `kenh credentials discard` and give the consent again"
    )]
    Damaged {
        /// `<channel>/<endpoint>/<external id>`
        account: String,
    },
}

// By hand: keys are secret. Their ids are not.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| hex::encode(key.id))).finish()
    }
}

impl Keys {
    /// Reads `credentials`. Keys are needed where `renewing` names an account whose tokens are renewed.
    pub fn read(section: &mut Section<'_>, renewing: Option<&str>) -> Self {
        let mut keys = Vec::new();
        for text in section.texts("keys") {
            match STANDARD.decode(text.trim()).ok().and_then(|bytes| Key::of(&bytes)) {
                Some(key) => keys.push(key),
                None => section.fault("keys", "expected 32 bytes in base64; `kenh credentials new-key` prints a key"),
            }
        }
        if let Some(account) = renewing.filter(|_| keys.is_empty()) {
            let why = format!(
                "is required: {account} has a refresh_token, and what it becomes is kept sealed. `kenh credentials \
                 new-key` prints a key; keep it where the other secrets are"
            );
            section.fault("keys", why);
        }
        Self(keys)
    }

    /// A new key, as `credentials.keys` takes it; `None` when the system has no randomness to give.
    pub fn generate() -> Option<String> {
        let mut bytes = [0; KEY_LEN];
        SystemRandom::new().fill(&mut bytes).ok()?;
        Some(STANDARD.encode(bytes))
    }

    /// Seals something for an account. `None` without a key.
    pub(crate) fn seal(&self, account: &str, plain: Vec<u8>) -> Option<Bytes> {
        let key = self.0.first()?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut text = plain;
        let nonce_of = Nonce::assume_unique_for_key(nonce);
        key.seal.seal_in_place_append_tag(nonce_of, Aad::from(account.as_bytes()), &mut text).ok()?;
        let mut sealed = Vec::with_capacity(HEAD + text.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&key.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Some(sealed.into())
    }

    /// Opens what was sealed for an account.
    pub(crate) fn open(&self, account: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let damaged = || Unopened::Damaged { account: account.into() };
        let (id, rest) = parts(sealed).ok_or_else(damaged)?;
        let Some(key) = self.0.iter().find(|key| key.id == id) else {
            return Err(Unopened::Key { account: account.into(), key: hex::encode(id) });
        };
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut text = text.to_vec();
        let plain = key.seal.open_in_place(nonce, Aad::from(account.as_bytes()), &mut text).map_err(|_| damaged())?;
        Ok(plain.to_vec())
    }

    /// Which key something was sealed with.
    pub(crate) fn sealed_with(&self, sealed: &[u8]) -> SealedWith {
        let id = parts(sealed).map(|(id, _)| id);
        match self.0.iter().position(|key| Some(key.id.as_slice()) == id) {
            Some(0) => SealedWith::Current,
            Some(_) => SealedWith::Older,
            None => SealedWith::Unknown,
        }
    }
}

/// Which key something was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealedWith {
    /// The first.
    Current,
    /// Another one that is configured.
    Older,
    /// None that is configured.
    Unknown,
}

impl Key {
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != KEY_LEN {
            return None;
        }
        let of_key = Salt::new(HKDF_SHA256, b"kenh credentials").extract(bytes);
        let seal = UnboundKey::from(of_key.expand(&[b"seal"], &AES_256_GCM).ok()?);
        let mut id = [0; ID_LEN];
        of_key.expand(&[b"id"], IdLen).ok()?.fill(&mut id).ok()?;
        Some(Self { id, seal: LessSafeKey::new(seal) })
    }
}

struct IdLen;

impl KeyType for IdLen {
    fn len(&self) -> usize {
        ID_LEN
    }
}

/// The id of the key, and what follows it.
fn parts(sealed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (format, rest) = sealed.split_first()?;
    if *format == FORMAT { rest.split_at_checked(ID_LEN) } else { None }
}
