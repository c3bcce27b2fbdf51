//! What an operator sees of the shared spool, and waking those who drain it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kenh_runtime::metrics;
use kenh_store::{SpoolState, Store};
use tokio::sync::Notify;
use tracing::debug;

use super::{SHARED, SharedConfig};
use crate::watch::{Alarm, as_f64};

const EVERY: Duration = Duration::from_secs(1);

/// Of a partition, whether it is known to be spooled, and who is to know.
type Seen = (Arc<AtomicBool>, Arc<Notify>);

pub(super) struct Watcher {
    config: SharedConfig,
    store: Arc<dyn Store>,
    seen: Vec<Seen>,
    alarm: Alarm,
}

impl Watcher {
    pub(super) fn new(config: SharedConfig, store: Arc<dyn Store>, seen: Vec<Seen>) -> Self {
        Self { alarm: Alarm::new(config.max_age_alarm, config.now), config, store, seen }
    }

    /// Looks for ever. What another process left, or cannot drain, is seen here.
    pub(super) async fn run(mut self) {
        loop {
            match self.store.spools().await {
                Ok(spools) => self.look(&spools),
                Err(error) => debug!(%error, "the shared spool cannot be looked at now"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn look(&mut self, spools: &[SpoolState]) {
        for (partition, (known, wake)) in (0..).zip(&self.seen) {
            let spooled = spools.iter().any(|spool| spool.partition == partition && spool.spooled);
            known.store(spooled, Ordering::Release);
            if spooled {
                wake.notify_one();
            }
        }
        let events = spools.iter().map(|spool| spool.events).sum();
        let oldest = spools.iter().filter_map(|spool| spool.oldest).min();
        metrics::SPOOL_HELD.set(as_f64(events), [("spool", SHARED)]);
        metrics::SPOOL_BYTES.set(as_f64(spools.iter().map(|spool| spool.bytes).sum()), [("spool", SHARED)]);
        metrics::SPOOL_LIMIT_BYTES.set(as_f64(self.config.max_bytes), [("spool", SHARED)]);
        metrics::SPOOL_OLDEST_AGE.set(self.alarm.age(oldest, events).as_secs_f64(), [("spool", SHARED)]);
    }
}
