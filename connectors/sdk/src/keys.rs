//! Public keys that an issuer publishes, and replaces when it likes (RFC 7517).
//!
//! A connector names where they are ([`crate::Connector::published_keys`]) and looks them up; it fetches nothing. The gateway
//! fetches them outside of any call, keeps the last good set while the issuer is away, and asks anew, at most so often, when
//! a call names a key that is not there.

mod set;

use std::sync::{Arc, PoisonError, RwLock};

pub use set::{KeySet, Material, PublicKey};

use crate::{Rejected, Section, address};

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// A JWK set (RFC 7517, section 5).
    Set(String),
    /// A document whose member `jwks_uri` is the address of the set (OpenID Connect Discovery 1.0, section 3).
    Metadata(String),
}

impl KeySource {
    /// Reads the address of a metadata document from a setting, `default` where it is absent.
    pub fn metadata(settings: &mut Section<'_>, key: &'static str, default: &str) -> Self {
        Self::Metadata(address::api(settings, key, default))
    }

    /// The address.
    pub fn url(&self) -> &str {
        match self {
            Self::Set(url) | Self::Metadata(url) => url,
        }
    }
}

/// The keys of one issuer as they are known at the moment. Shared between the connector, which reads them, and the gateway,
/// which replaces them.
#[derive(Debug)]
pub struct PublishedKeys {
    source: KeySource,
    known: RwLock<Option<Arc<KeySet>>>,
}

impl PublishedKeys {
    /// None are known yet.
    pub fn of(source: KeySource) -> Arc<Self> {
        Arc::new(Self { source, known: RwLock::default() })
    }

    /// Where they are.
    pub fn source(&self) -> &KeySource {
        &self.source
    }

    /// Puts the set that the issuer publishes now in the place of what was known.
    pub fn replace(&self, set: Arc<KeySet>) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(set);
    }

    /// The key that a token names; the only one there is when it names none.
    pub fn find(&self, id: Option<&str>) -> Option<Arc<PublicKey>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.find(id)
    }

    /// Why a key is not found: there is no such one, or nothing is known of any.
    pub fn rejection(&self) -> Rejected {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).is_some();
        if known { Rejected::KeyUnknown } else { Rejected::KeysUnavailable }
    }
}
