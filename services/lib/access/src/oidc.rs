//! Tokens of an OpenID Connect issuer: signed JWTs (RFC 7519), whose keys the issuer publishes (RFC 7517) and replaces.

mod claims;
mod config;
mod keys;
mod keyset;
mod signatures;
mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{Means, Principal, StartError, quota::Meter};
pub(crate) use config::Config;
use keys::Keys;

/// Names of token bearers whose use is counted at a time.
const MOST_METERS: usize = 10_000;

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproven {
    /// It is not of this issuer, not for this gateway, not signed as it should be.
    Wrong,
    /// It was good once.
    Expired,
    /// It names a key that is not known, and the issuer cannot be asked now.
    KeysUnknown,
}

/// The issuer.
#[derive(Debug)]
pub(crate) struct Issuer {
    config: Config,
    keys: Keys,
    meters: Mutex<HashMap<Arc<str>, Arc<Meter>>>,
}

impl Issuer {
    /// Begins to ask the issuer for its keys. It may be away: tokens are then answered with "try again".
    pub(crate) fn start(config: Config, stop: &CancellationToken) -> Result<Self, StartError> {
        signatures::install();
        let keys = Keys::start(&config, stop)?;
        Ok(Self { config, keys, meters: Mutex::default() })
    }

    /// Whose token it is and what it lets him do.
    pub(crate) async fn verify(&self, token: &str) -> Result<Arc<Principal>, Unproven> {
        let header = token::header(token, &self.config)?;
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?;
        let claims = token::claims(token, header.alg, &key, &self.config)?;
        let bearer = claims::bearer(&claims, &self.config).ok_or(Unproven::Wrong)?;
        let (name, until) = (Arc::<str>::from(bearer.name), Some(bearer.until));
        let meter = self.meter(&name);
        Ok(Principal { name, means: Means::Token, rights: bearer.rights, until, meter }.into())
    }

    fn meter(&self, name: &Arc<str>) -> Arc<Meter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        if meters.len() >= MOST_METERS && !meters.contains_key(name) {
            // Those that nobody uses at this moment are forgotten, with what they have used.
            meters.retain(|_, meter| Arc::strong_count(meter) > 1);
        }
        let new = || Arc::new(Meter::new(self.config.quota));
        if meters.len() >= MOST_METERS {
            return meters.get(name).cloned().unwrap_or_else(new);
        }
        meters.entry(name.clone()).or_insert_with(new).clone()
    }
}
