//! One account: what this process knows of its credential, and that it renews it once at a time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use connector_sdk::{
    Secret,
    outbound::{Outbound, Refresh, SendingAccount},
};
use kenh_intake::Endpoint;
use kenh_store::RenewalFare;
use tokio::sync::watch;

use super::kept::{Kept, Need};
use crate::tokens::TokenError;

/// Longest pause between two tries to renew what the channel does not refuse for good.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// What stands in the store.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) version: u64,
    pub(crate) kept: Kept,
}

/// One account.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) endpoint: Arc<Endpoint>,
    /// The channel's id of the account.
    pub(crate) account: String,
    /// `<channel>/<endpoint>/<external id>`
    pub(crate) name: String,
    state: Mutex<State>,
    done: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    found: Option<Arc<Found>>,
    busy: bool,
    failures: u32,
    rest_until: Option<Instant>,
    reported: Option<RenewalFare>,
    unreadable: Option<u64>,
}

/// Whether work on an account was begun.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It was.
    Yes,
    /// There is some already.
    Busy,
    /// It failed a short while ago.
    Resting,
}

/// Ends the work on an account, also when it ends in a panic.
pub(crate) struct Work(pub(crate) Arc<Slot>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.lock().busy = false;
        self.0.done.send_replace(());
    }
}

impl Slot {
    pub(crate) fn new(endpoint: Arc<Endpoint>, account: &str) -> Self {
        let name = format!("{}/{}/{account}", endpoint.channel, endpoint.name);
        Self { endpoint, account: account.into(), name, state: Mutex::default(), done: watch::channel(()).0 }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How its channel renews tokens.
    pub(crate) fn refresh(&self) -> Option<&dyn Refresh> {
        self.endpoint.connector.outbound()?.refresh()
    }

    /// What the configuration says of it.
    pub(crate) fn configured(&self) -> Option<&SendingAccount> {
        self.endpoint.connector.outbound().map(Outbound::accounts)?.get(&self.account)
    }

    /// What is known of its credential.
    pub(crate) fn found(&self) -> Option<Arc<Found>> {
        self.lock().found.clone()
    }

    /// Learns what stands in the store. What is older is not learned.
    pub(crate) fn learn(&self, found: Arc<Found>) {
        let mut state = self.lock();
        if state.found.as_ref().is_none_or(|known| known.version < found.version) {
            state.found = Some(found);
        }
    }

    /// Forgets what is known: the store has none.
    pub(crate) fn forget(&self) {
        self.lock().found = None;
    }

    /// The access token, if there is one that works as far as is known.
    pub(crate) fn usable(&self, refused: Option<&Secret>, now: i64) -> Option<Secret> {
        self.found()?.kept.usable(refused, now).cloned()
    }

    /// Whether it has to be renewed now, as far as is known.
    pub(crate) fn needs_renewal(&self, refused: Option<&Secret>, started: i64, now: i64) -> bool {
        let ahead = self.refresh().map(Refresh::ahead).unwrap_or_default();
        self.found()
            .is_none_or(|found| found.kept.needs_renewal(&Need { name: &self.name, refused, ahead, started, now }))
    }

    /// When it has to be renewed through its age, in microseconds since 1970; at once where nothing is known.
    pub(crate) fn due(&self) -> i64 {
        let ahead = self.refresh().map(Refresh::ahead).unwrap_or_default();
        self.found().map_or(0, |found| found.kept.due(&self.name, ahead))
    }

    /// Why there is no token.
    pub(crate) fn trouble(&self) -> TokenError {
        let refused = self.found().and_then(|found| found.kept.refused.clone());
        refused.map_or(TokenError::Passing, |refused| TokenError::Broken { code: Some(refused.code) })
    }

    /// Begins work, unless there is some or it has to rest. Whoever got a yes makes a [`Work`].
    pub(crate) fn begin(&self) -> Begun {
        let mut state = self.lock();
        if state.busy {
            return Begun::Busy;
        }
        if state.rest_until.is_some_and(|until| Instant::now() < until) {
            return Begun::Resting;
        }
        state.busy = true;
        Begun::Yes
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.lock().busy
    }

    /// Hears of the end of work.
    pub(crate) fn done(&self) -> watch::Receiver<()> {
        self.done.subscribe()
    }

    /// Renewing it did not come to an end: the next try waits, longer each time.
    pub(crate) fn rest(&self) {
        let mut state = self.lock();
        let doubled = Duration::from_secs(1).saturating_mul(1 << state.failures.min(16));
        state.failures = state.failures.saturating_add(1);
        let pause = doubled.min(LONGEST_REST).mul_f64(0.75 + fastrand::f64() / 2.0);
        state.rest_until = Instant::now().checked_add(pause);
    }

    /// Renewing it came to an end.
    pub(crate) fn rested(&self) {
        let mut state = self.lock();
        (state.failures, state.rest_until) = (0, None);
    }

    /// What is not in the store yet of how it fares.
    pub(crate) fn unreported(&self) -> Option<RenewalFare> {
        let state = self.lock();
        let fare = state.found.as_ref()?.kept.fare();
        (state.reported.as_ref() != Some(&fare)).then_some(fare)
    }

    pub(crate) fn reported(&self, fare: RenewalFare) {
        self.lock().reported = Some(fare);
    }

    /// It cannot be opened. Whether that is news.
    pub(crate) fn unreadable(&self, version: u64) -> bool {
        self.lock().unreadable.replace(version) != Some(version)
    }
}
