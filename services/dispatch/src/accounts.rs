//! How accounts fare, and leaving one alone that keeps failing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use kenh_proto::v1::AccountState;
use kenh_runtime::clock;
use kenh_store::{SendingFare, Spent};
use tokio::sync::watch;

use crate::Config;

/// An account: channel, endpoint, the channel's id.
pub(crate) type Key = (&'static str, String, String);

/// How all accounts of this process fare.
#[derive(Debug, Clone)]
pub(crate) struct Accounts(Arc<Inner>);

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
    spent: Option<Spent>,
    unwritten: Unwritten,
}

/// What the store does not have of it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unwritten {
    /// Nothing.
    Nothing,
    /// Its times.
    Times,
    /// Its state.
    State,
}

impl Fare {
    fn kept(&self) -> SendingFare {
        let (last_error_at, code) = self.last_error.clone().unzip();
        SendingFare {
            state: self.state.into(),
            last_success_at: self.last_success.map(clock::micros),
            last_error_at: last_error_at.map(clock::micros),
            last_error_code: code.flatten(),
            spent: self.spent.clone(),
        }
    }
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

    /// What the store does not have yet, of what is as urgent as that. It counts as written.
    pub(crate) fn take_unwritten(&self, urgent: Unwritten) -> Vec<(Key, SendingFare)> {
        let mut accounts = self.lock();
        let due = accounts.iter_mut().filter(|(_, fare)| fare.unwritten >= urgent);
        due.map(|(key, fare)| {
            fare.unwritten = Unwritten::Nothing;
            (key.clone(), fare.kept())
        })
        .collect()
    }

    /// It could not be written after all.
    pub(crate) fn not_written(&self, key: &Key) {
        if let Some(fare) = self.lock().get_mut(key) {
            fare.unwritten = Unwritten::State;
        }
    }

    /// Tells of changes of state.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// How long the account is to be left alone.
    pub(crate) fn rest(&self, key: &Key) -> Option<Duration> {
        let until = self.lock().get(key)?.rest_until?;
        until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero())
    }

    /// How long the allowance of a template (empty: of messages without one) is used up for, as the channel last said.
    pub(crate) fn spent(&self, key: &Key, on: &str) -> Option<Duration> {
        let accounts = self.lock();
        let spent = accounts.get(key)?.spent.as_ref().filter(|spent| spent.on == on)?;
        let left = u64::try_from(spent.until.saturating_sub(clock::micros(clock::now()))).ok()?;
        Some(Duration::from_micros(left)).filter(|left| !left.is_zero())
    }

    /// The channel took something.
    pub(crate) fn succeeded(&self, key: &Key, on: &str) {
        self.change(key, |fare| {
            (fare.state, fare.failures, fare.rest_until) = (AccountState::Healthy, 0, None);
            fare.last_success = Some(clock::now());
            if fare.spent.take_if(|spent| spent.on == on).is_some() {
                fare.unwritten = Unwritten::State;
            }
        });
    }

    /// The channel said that an allowance is used up.
    pub(crate) fn exhausted(&self, key: &Key, on: &str, code: Option<String>, pause: Duration) {
        let now = clock::now();
        let until = clock::micros(now.checked_add(pause).unwrap_or(now));
        self.change(key, |fare| {
            fare.last_error = Some((now, code));
            fare.spent = Some(Spent { on: on.into(), until });
            // Whoever plans reads it in the store.
            fare.unwritten = Unwritten::State;
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
            spent: None,
            // What stands in the store may be of another process, that sent before this one.
            unwritten: Unwritten::State,
        });
        let before = fare.state;
        change(fare);
        let changed = fare.state != before || fare.unwritten == Unwritten::State;
        fare.unwritten = fare.unwritten.max(if changed { Unwritten::State } else { Unwritten::Times });
        drop(accounts);
        if changed {
            self.0.changes.send_modify(|version| *version = version.wrapping_add(1));
        }
    }
}
