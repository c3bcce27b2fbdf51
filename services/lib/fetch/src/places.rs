//! How much is fetched at the same time, in all and from one host.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::FetchError;

/// Hosts that are remembered before those nobody fetches from are forgotten.
const HOSTS: usize = 256;

/// Places to fetch at.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _of_host: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(at_once: usize, per_host: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(at_once)), per_host, hosts: Mutex::default() }
    }

    /// Waits for a place. Who waits for his host has taken none of the places of all.
    pub(crate) async fn take(&self, host: &str) -> Result<Place, FetchError> {
        let closed = |_| FetchError::Unreachable;
        let of_host = self.host(host).acquire_owned().await.map_err(closed)?;
        let of_all = self.all.clone().acquire_owned().await.map_err(closed)?;
        Ok(Place { _of_host: of_host, _of_all: of_all })
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host).and_then(Weak::upgrade) {
            return known;
        }
        if hosts.len() >= HOSTS {
            hosts.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(Semaphore::new(self.per_host));
        hosts.insert(host.to_owned(), Arc::downgrade(&places));
        places
    }
}
