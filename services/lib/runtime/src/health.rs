//! Live and ready.
//!
//! Ready is a latch per dependency: released when the dependency works, armed again when it is lost. One that the
//! process can do without is waited for at the start and only reported later. Live is only "not stuck": the admin
//! server answers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The latches of a process.
#[derive(Debug, Clone, Default)]
pub struct Health {
    latches: Arc<Mutex<BTreeMap<&'static str, State>>>,
}

#[derive(Debug, Default)]
struct State {
    /// Why it is not ready.
    missing: Option<String>,
    /// It was ready, or is known not to be.
    heard_of: bool,
    /// The process can do without it.
    spare: bool,
}

impl State {
    fn is_ready(&self) -> bool {
        self.missing.is_none() || (self.spare && self.heard_of)
    }
}

/// One dependency's latch. Begins armed.
#[derive(Debug, Clone)]
pub struct Latch {
    name: &'static str,
    health: Health,
}

impl Health {
    /// Adds a dependency that is not ready yet.
    pub fn latch(&self, name: &'static str) -> Latch {
        self.lock().entry(name).or_default().missing = Some("starting".into());
        Latch { name, health: self.clone() }
    }

    /// The process can do without that dependency: once it is known whether it is there, its loss is reported and the
    /// process stays ready.
    pub fn can_spare(&self, name: &'static str) {
        self.lock().entry(name).or_default().spare = true;
    }

    /// Whether everything is ready.
    pub fn is_ready(&self) -> bool {
        self.lock().values().all(State::is_ready)
    }

    /// One line for each dependency.
    pub fn report(&self) -> String {
        let line = |(name, state): (&&str, &State)| {
            let note = if state.missing.is_some() && state.is_ready() { " (not needed to be ready)" } else { "" };
            [name, ": ", state.missing.as_deref().unwrap_or("ready"), note, "\n"].concat()
        };
        self.lock().iter().map(line).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, State>> {
        self.latches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latch {
    /// The dependency works.
    pub fn release(&self) {
        self.set(None);
    }

    /// The dependency is lost.
    pub fn arm(&self, reason: impl Into<String>) {
        self.set(Some(reason.into()));
    }

    fn set(&self, missing: Option<String>) {
        let mut latches = self.health.lock();
        let state = latches.entry(self.name).or_default();
        (state.missing, state.heard_of) = (missing, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_spared_is_waited_for_once() {
        let health = Health::default();
        health.can_spare("broker");
        let (broker, log) = (health.latch("broker"), health.latch("log"));
        log.release();
        assert!(!health.is_ready(), "nothing is known of the broker yet");
        broker.arm("no connection");
        assert!(health.is_ready());
        assert_eq!(health.report(), "broker: no connection (not needed to be ready)\nlog: ready\n");
        log.arm("the disk is full");
        assert!(!health.is_ready());
    }
}
