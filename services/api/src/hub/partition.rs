//! Keeping one partition's ring up with the log.

use std::{sync::RwLock, time::Duration};

use kenh_log::{EventLog, Filter, Limit, ReadError};
use tokio::sync::watch;
use tracing::{debug, warn};

use super::{Portion, ring::Ring};

const PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(super) struct Partition {
    ring: RwLock<Ring>,
    opened: watch::Sender<bool>,
}

impl Partition {
    pub(super) fn new(capacity: usize) -> Self {
        Self { ring: RwLock::new(Ring::new(capacity)), opened: watch::channel(false).0 }
    }

    pub(super) async fn opened(&self) {
        // The sender lives as long as the partition.
        drop(self.opened.subscribe().wait_for(|opened| *opened).await);
    }

    pub(super) fn head(&self) -> u64 {
        self.read().head()
    }

    pub(super) fn take(&self, from: u64, filter: &Filter, limit: Limit) -> Result<Portion, u64> {
        self.read().take(from, filter, limit)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Ring> {
        self.ring.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Follows the log for ever, through every loss of it.
    pub(super) async fn keep_reading(&self, number: u32, log: &dyn EventLog, changed: impl Fn()) {
        loop {
            if let Err(error) = self.follow(number, log, &changed).await {
                debug!(partition = number, %error, "the log cannot be followed, trying again");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn follow(&self, number: u32, log: &dyn EventLog, changed: impl Fn()) -> Result<(), ReadError> {
        if *self.opened.borrow() {
            self.mind_the_gap(number, log).await?;
        } else {
            let head = log.head(number).await?;
            self.write().restart(head);
        }
        let mut tail = log.follow(number, self.head()).await?;
        self.opened.send_replace(true);
        let mut arrived = Vec::new();
        while tail.recv_many(&mut arrived, 256).await > 0 {
            {
                let mut ring = self.write();
                arrived.drain(..).for_each(|entry| ring.push(entry));
            }
            changed();
        }
        Ok(())
    }

    /// While the log was away it may have been cut behind us, or made anew. The ring begins again then: those who
    /// stand before it find out when they read the log.
    async fn mind_the_gap(&self, number: u32, log: &dyn EventLog) -> Result<(), ReadError> {
        let (oldest, head) = (log.oldest(number).await?, log.head(number).await?);
        if oldest > self.head() || head < self.head() {
            warn!(partition = number, "the log was cut or made anew while it could not be read");
            self.write().restart(oldest.max(head));
        }
        Ok(())
    }
}
