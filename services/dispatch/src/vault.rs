//! Tokens that have to be renewed.
//!
//! What is kept of an account stands sealed in the state store, with a version: whoever changes it says which version it
//! knows. A refresh token that works once is spent by one process at a time, the one that has the account's lease; what it
//! got is on disk before anybody uses it. The rules, and what they are for, stand in the crate's README.

mod kept;
mod keys;
mod load;
mod renew;
mod slot;
mod standing;
mod sweep;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use connector_sdk::{
    Secret,
    outbound::{Answer, Call},
};
use kenh_channel_log::ChannelLog;
use kenh_intake::{Endpoint, Endpoints};
use kenh_runtime::clock;
use kenh_store::{Store, StoreError};
use tokio::time::{Instant, timeout_at};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    StaticTokens,
    tokens::{TokenError, Tokens},
};
pub use keys::{Keys, Unopened};
use slot::{Begun, Slot, Work};
pub use standing::{NoToken, StandingTokens};

/// Makes the calls that renew tokens.
#[async_trait]
pub(crate) trait Caller: Send + Sync + 'static {
    /// Makes one.
    async fn call(&self, call: &Call) -> Answer;
}

/// The tokens of all accounts: those that are renewed, and of the others those of the configuration.
#[derive(Clone)]
pub(crate) struct Vault(Arc<Inner>);

/// What all work on accounts needs.
pub(crate) struct Inner {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    caller: Arc<dyn Caller>,
    log: ChannelLog,
    process: Uuid,
    /// How long one call may take.
    timeout: Duration,
    started: i64,
    slots: BTreeMap<String, Arc<Slot>>,
    jobs: TaskTracker,
    stop: CancellationToken,
}

/// What a vault works with.
pub(crate) struct VaultParts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) caller: Arc<dyn Caller>,
    pub(crate) log: ChannelLog,
    pub(crate) process: Uuid,
    pub(crate) timeout: Duration,
    /// Ends waiting for a store that is away.
    pub(crate) stop: CancellationToken,
}

/// The accounts whose tokens are renewed, as (endpoint, the channel's id).
pub fn renewing(endpoints: &Endpoints) -> impl Iterator<Item = (&Arc<Endpoint>, &str)> {
    endpoints.iter().flat_map(|endpoint| {
        let outbound = endpoint.connector.outbound().filter(|outbound| outbound.refresh().is_some());
        let accounts = outbound.into_iter().flat_map(|outbound| outbound.accounts().iter());
        accounts.filter(|(_, account)| account.refresh_token.is_some()).map(move |(id, _)| (endpoint, id))
    })
}

/// Whether everything kept can be opened with these keys.
pub async fn check(store: &dyn Store, keys: &Keys) -> Result<Result<(), Unopened>, StoreError> {
    for (account, credential) in store.credentials().await? {
        if let Err(unopened) = keys.open(&account, &credential.sealed) {
            return Ok(Err(unopened));
        }
    }
    Ok(Ok(()))
}

impl Vault {
    pub(crate) fn new(endpoints: &Endpoints, parts: VaultParts) -> Self {
        let VaultParts { store, keys, caller, log, process, timeout, stop } = parts;
        let slots = renewing(endpoints).map(|(endpoint, account)| {
            let slot = Slot::new(endpoint.clone(), account);
            (slot.name.clone(), Arc::new(slot))
        });
        let started = clock::micros(clock::now());
        let (slots, jobs) = (slots.collect(), TaskTracker::new());
        Self(Arc::new(Inner { store, keys, caller, log, process, timeout, started, slots, jobs, stop }))
    }

    fn slot(&self, endpoint: &Endpoint, account: &str) -> Option<&Arc<Slot>> {
        self.0.slots.get(&format!("{}/{}/{account}", endpoint.channel, endpoint.name))
    }

    /// Renews an account's token, in a task of its own: whoever waits for it may give up, it goes on.
    fn start(&self, slot: &Arc<Slot>, refused: Option<Secret>) -> Begun {
        let begun = slot.begin();
        if begun == Begun::Yes {
            let (inner, work) = (self.0.clone(), Work(slot.clone()));
            self.0.jobs.spawn(async move { renew::renew(&inner, &work.0, refused.as_ref()).await });
        }
        begun
    }

    /// Waits for a token other than the refused one. A message's turn outlives this wait, not all of the renewing.
    async fn wait(&self, slot: &Arc<Slot>, refused: Option<&Secret>) -> Result<Secret, TokenError> {
        let deadline = Instant::now() + self.0.timeout + Duration::from_secs(5);
        let (mut done, mut ours) = (slot.done(), false);
        loop {
            if let Some(token) = slot.usable(refused, clock::micros(clock::now())) {
                return Ok(token);
            }
            if ours && !slot.is_busy() {
                return Err(slot.trouble());
            }
            match self.start(slot, refused.cloned()) {
                Begun::Yes => ours = true,
                Begun::Busy => {}
                Begun::Resting => return Err(slot.trouble()),
            }
            if timeout_at(deadline, done.changed()).await.is_err() {
                return Err(TokenError::Passing);
            }
        }
    }
}

#[async_trait]
impl Tokens for Vault {
    async fn token(&self, endpoint: &Arc<Endpoint>, account: &str) -> Result<Secret, TokenError> {
        match self.slot(endpoint, account) {
            Some(slot) => self.wait(slot, None).await,
            None => StaticTokens.token(endpoint, account).await,
        }
    }

    async fn renewed(&self, endpoint: &Arc<Endpoint>, account: &str, refused: &Secret) -> Result<Secret, TokenError> {
        match self.slot(endpoint, account) {
            Some(slot) => self.wait(slot, Some(refused)).await,
            None => StaticTokens.renewed(endpoint, account, refused).await,
        }
    }

    fn worked(&self, endpoint: &Arc<Endpoint>, account: &str, token: &Secret) {
        let Some(slot) = self.slot(endpoint, account) else { return };
        let unproven = slot.found().filter(|found| found.kept.previous.is_some());
        let ours =
            unproven.filter(|found| found.kept.access.as_ref().is_some_and(|access| kept::is(access, Some(token))));
        if let Some(found) = ours
            && slot.begin() == Begun::Yes
        {
            let (inner, work) = (self.0.clone(), Work(slot.clone()));
            self.0.jobs.spawn(async move { renew::proven(&inner, &work.0, &found).await });
        }
    }
}
