//! The same file is had once at a time, however many ask for it.

use std::{
    collections::{HashMap, hash_map},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::{Key, Problem, stored::Record};

type Outcome = Result<Record, Problem>;

/// What is under way.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<Key, watch::Receiver<Option<Outcome>>>>);

/// Takes a flight off the list, also when it ends in a panic.
struct Landing(Arc<Flights>, Key);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Flights {
    /// What came of it. The work goes on when whoever began it goes away: others may wait for it, or ask a moment later.
    pub(crate) async fn join(
        self: &Arc<Self>,
        key: Key,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> Outcome {
        let mut outcome = match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key) {
            hash_map::Entry::Occupied(under_way) => under_way.get().clone(),
            hash_map::Entry::Vacant(place) => {
                let (done, outcome) = watch::channel(None);
                place.insert(outcome.clone());
                let landing = Landing(self.clone(), key);
                tokio::spawn(async move {
                    let came = work.await;
                    // Nobody joins what has ended: the store has it, or it is tried anew.
                    drop(landing);
                    done.send_replace(Some(came));
                });
                outcome
            }
        };
        let came = outcome.wait_for(Option::is_some).await.ok().and_then(|came| came.clone());
        came.unwrap_or(Err(Problem::Store))
    }
}
