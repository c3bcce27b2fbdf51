//! Live and ready.
//!
//! Ready is a latch per dependency: released when the dependency works, armed again when it is lost. Live is only
//! "not stuck": the admin server answers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The latches of a process.
#[derive(Debug, Clone, Default)]
pub struct Health {
    latches: Arc<Mutex<BTreeMap<&'static str, Result<(), String>>>>,
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
        let latch = Latch { name, health: self.clone() };
        latch.arm("starting");
        latch
    }

    /// Whether everything is ready.
    pub fn is_ready(&self) -> bool {
        self.lock().values().all(Result::is_ok)
    }

    /// One line for each dependency.
    pub fn report(&self) -> String {
        let line = |(name, state): (&&str, &Result<(), String>)| {
            let state = state.as_ref().map_or_else(String::as_str, |()| "ready");
            [name, ": ", state, "\n"].concat()
        };
        self.lock().iter().map(line).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Result<(), String>>> {
        self.latches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latch {
    /// The dependency works.
    pub fn release(&self) {
        self.health.lock().insert(self.name, Ok(()));
    }

    /// The dependency is lost.
    pub fn arm(&self, reason: impl Into<String>) {
        self.health.lock().insert(self.name, Err(reason.into()));
    }
}
