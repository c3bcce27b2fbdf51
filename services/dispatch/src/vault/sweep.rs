//! Looking after all accounts, also those nobody sends from.

use std::time::Duration;

use kenh_runtime::{clock, metrics};
use kenh_store::Credential;
use tracing::{debug, info};

use super::{
    Vault,
    keys::SealedWith,
    slot::{Begun, Work},
};

/// Pauses between two looks: at most, so that what other processes did is seen, and at least.
const LONGEST: Duration = Duration::from_secs(60);
const SHORTEST: Duration = Duration::from_millis(500);

impl Vault {
    /// Looks after all accounts until told to stop. What is under way then comes to its end.
    pub(crate) async fn run(self) {
        while !self.0.stop.is_cancelled() {
            self.look().await;
            tokio::select! {
                () = self.0.stop.cancelled() => {}
                () = tokio::time::sleep(self.pause()) => {}
            }
        }
        self.0.jobs.close();
        self.0.jobs.wait().await;
    }

    async fn look(&self) {
        let credentials = match self.0.store.credentials().await {
            Ok(credentials) => credentials,
            Err(error) => {
                debug!(%error, "tokens are looked after when the state store is back");
                return;
            }
        };
        let mut sealed = [0_u32; 3];
        for (name, credential) in credentials {
            let mut with = self.0.keys.sealed_with(&credential.sealed);
            if with == SealedWith::Older && self.reseal(&name, &credential).await {
                with = SealedWith::Current;
            }
            if let Some(slot) = self.0.slots.get(&name) {
                // What cannot be opened has been said.
                drop(self.0.open(slot, &credential));
            }
            let [current, older, unknown] = &mut sealed;
            match with {
                SealedWith::Current => *current += 1,
                SealedWith::Older => *older += 1,
                SealedWith::Unknown => *unknown += 1,
            }
        }
        for (key, count) in ["current", "older", "unknown"].into_iter().zip(sealed) {
            metrics::CREDENTIALS.set(f64::from(count), [("key", key)]);
        }
        for slot in self.0.slots.values() {
            self.0.report(slot).await;
            if slot.needs_renewal(None, self.0.started, clock::micros(clock::now())) {
                self.start(slot, None);
            }
        }
    }

    /// Until the next token has to be renewed.
    fn pause(&self) -> Duration {
        let now = clock::micros(clock::now());
        let next = self.0.slots.values().map(|slot| slot.due()).min().unwrap_or(i64::MAX);
        let left = Duration::from_micros(u64::try_from(next.saturating_sub(now)).unwrap_or_default());
        left.clamp(SHORTEST, LONGEST)
    }

    /// Seals with the first key what was sealed with another one. Under the lease, as renewing. Whether it was.
    async fn reseal(&self, name: &str, known: &Credential) -> bool {
        let vault = &self.0;
        // Of an account that is not configured any more as well: its old key should not be needed for it.
        let slot = vault.slots.get(name);
        let mut work = None;
        if let Some(slot) = slot {
            if slot.begin() != Begun::Yes {
                return false;
            }
            work = Some(Work(slot.clone()));
            if !vault.lease(slot).await {
                return false;
            }
        }
        let sealed = vault.keys.open(name, &known.sealed).ok().and_then(|plain| vault.keys.seal(name, plain));
        let put = match sealed {
            Some(sealed) => vault.store.put_credential(name, known.version, &sealed).await,
            None => Ok(false),
        };
        if let Some(slot) = slot {
            vault.release(slot).await;
        }
        drop(work);
        let put = matches!(put, Ok(true));
        if put {
            info!(account = name, "a credential was sealed with the first key");
        }
        put
    }
}
