//! How accounts fare, and leaving one alone that keeps failing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use kenh_proto::v1::AccountState;
use kenh_runtime::clock;
use tokio::sync::watch;

use crate::Config;

/// An account: channel, endpoint, the channel's id.
pub(crate) type Key = (&'static str, String, String);

/// How all accounts of this process fare.
#[derive(Debug, Clone)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    accounts: Mutex<BTreeMap<Key, Fare>>,
    changes: watch::Sender<u64>,
}

/// How one fares.
#[derive(Debug, Clone)]
struct Fare {
    state: AccountState,
    failures: u32,
    rest_until: Option<Instant>,
    last_success: Option<SystemTime>,
    last_error: Option<(SystemTime, Option<String>)>,
}

/// What there is to say of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// How it fares.
    pub state: AccountState,
    /// When the channel last took something from it.
    pub last_success: Option<SystemTime>,
    /// When the channel last failed or refused it, and the channel's code.
    pub last_error: Option<(SystemTime, Option<String>)>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self(Arc::new(Inner { accounts: Mutex::default(), changes: watch::channel(0).0 }))
    }
}

impl Accounts {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Fare>> {
        self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to say of an account; `None` before its first call.
    pub fn report(&self, channel: &'static str, endpoint: &str, account: &str) -> Option<AccountReport> {
        let accounts = self.lock();
        let fare = accounts.get(&(channel, endpoint.to_owned(), account.to_owned()))?;
        let (state, last_success, last_error) = (fare.state, fare.last_success, fare.last_error.clone());
        Some(AccountReport { state, last_success, last_error })
    }

    /// Tells of changes of state.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// How long the account is to be left alone.
    pub(crate) fn rest(&self, key: &Key) -> Option<Duration> {
        let until = self.lock().get(key)?.rest_until?;
        until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero())
    }

    /// The channel took something.
    pub(crate) fn succeeded(&self, key: &Key) {
        self.change(key, |fare| {
            (fare.state, fare.failures, fare.rest_until) = (AccountState::Healthy, 0, None);
            fare.last_success = Some(clock::now());
        });
    }

    /// The channel could not be reached or had an error of its own.
    pub(crate) fn failed(&self, key: &Key, code: Option<String>, config: &Config) {
        self.change(key, |fare| {
            fare.failures = fare.failures.saturating_add(1);
            fare.last_error = Some((clock::now(), code));
            if fare.failures >= config.breaker_failures {
                fare.state = AccountState::Failing;
                fare.rest_until = Instant::now().checked_add(config.breaker_pause);
            }
        });
    }

    /// The channel does not take its credentials.
    pub(crate) fn broken(&self, key: &Key, code: Option<String>, config: &Config) {
        self.change(key, |fare| {
            fare.state = AccountState::AuthBroken;
            fare.last_error = Some((clock::now(), code));
            fare.rest_until = Instant::now().checked_add(config.breaker_pause);
        });
    }

    fn change(&self, key: &Key, change: impl FnOnce(&mut Fare)) {
        let mut accounts = self.lock();
        let fare = accounts.entry(key.clone()).or_insert(Fare {
            state: AccountState::Healthy,
            failures: 0,
            rest_until: None,
            last_success: None,
            last_error: None,
        });
        let before = fare.state;
        change(fare);
        let changed = fare.state != before;
        drop(accounts);
        if changed {
            self.0.changes.send_modify(|version| *version = version.wrapping_add(1));
        }
    }
}
