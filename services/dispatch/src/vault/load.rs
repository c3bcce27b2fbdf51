//! Reading and writing what is kept.

use std::sync::Arc;

use kenh_store::{Credential, StoreError};
use tracing::{error, info};

use super::{
    Inner,
    kept::Kept,
    slot::{Found, Slot},
};

/// Times in a row that somebody else may be faster.
const TRIES: u32 = 16;

/// Why there is nothing to work with.
#[derive(Debug)]
pub(crate) enum Unloaded {
    /// The state store does not answer.
    Store(StoreError),
    /// It cannot be opened or sealed, or others change it all the time.
    Unusable,
}

impl Inner {
    /// What stands in the store, the configuration's consent in its place if that is newer.
    pub(crate) async fn load(&self, slot: &Slot) -> Result<Arc<Found>, Unloaded> {
        let Some(configured) = slot.configured() else { return Err(Unloaded::Unusable) };
        for _ in 0..TRIES {
            let credential = self.store.credential(&slot.name).await.map_err(Unloaded::Store)?;
            if credential.is_none() {
                slot.forget();
            }
            let found = credential.map(|credential| self.open(slot, &credential)).transpose()?;
            let kept = found.as_ref().map(|found| &found.kept);
            let Some(seeded) = Kept::seeded(&slot.name, configured, kept) else {
                return found.ok_or(Unloaded::Unusable);
            };
            let version = found.as_ref().map_or(0, |found| found.version);
            if let Some(found) = self.put(slot, version, seeded).await? {
                let (channel, account) = (slot.endpoint.channel, &slot.name);
                info!(channel, account, "the configured refresh_token is taken over");
                return Ok(found);
            }
        }
        Err(Unloaded::Unusable)
    }

    /// Opens what stands in the store.
    pub(crate) fn open(&self, slot: &Slot, credential: &Credential) -> Result<Arc<Found>, Unloaded> {
        let version = credential.version;
        if let Some(found) = slot.found().filter(|found| found.version == version) {
            return Ok(found);
        }
        let plain = self.keys.open(&slot.name, &credential.sealed);
        let damaged = || super::Unopened::Damaged { account: slot.name.clone() };
        match plain.and_then(|plain| Kept::read(&plain).ok_or_else(damaged)) {
            Ok(kept) => {
                let found = Arc::new(Found { version, kept });
                slot.learn(found.clone());
                Ok(found)
            }
            Err(unopened) => {
                // While keys are being replaced another process may be ahead of this one.
                if slot.unreadable(version) {
                    error!(channel = slot.endpoint.channel, error = %unopened, "a credential cannot be opened");
                }
                Err(Unloaded::Unusable)
            }
        }
    }

    /// Keeps something, if the version is still the one that is known. `None`: it is not.
    pub(crate) async fn put(&self, slot: &Slot, version: u64, kept: Kept) -> Result<Option<Arc<Found>>, Unloaded> {
        let Some(sealed) = self.keys.seal(&slot.name, kept.plain()) else {
            error!(channel = slot.endpoint.channel, "nothing can be sealed: the system gives no randomness");
            return Err(Unloaded::Unusable);
        };
        let stored = self.store.put_credential(&slot.name, version, &sealed).await.map_err(Unloaded::Store)?;
        Ok(stored.then(|| {
            let found = Arc::new(Found { version: version.saturating_add(1), kept });
            slot.learn(found.clone());
            found
        }))
    }
}
