//! How many partitions' batches are on their way at a time.
//!
//! A broker takes one batch of two hundred events with far less work than ten of twenty. While two batches are on
//! their way it has something to do, and what another partition gathers meanwhile makes a larger one. Measured with
//! four partitions and events in bundles: the broker's work for an event is half of what it is without (`tests/bench/README.md`).

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, SemaphorePermit};

const AT_A_TIME: usize = 2;
/// A batch waits no longer than this for others': a partition that the broker does not confirm holds up no other.
const PATIENCE: Duration = Duration::from_millis(5);

/// Shared by the lanes of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Arc<Semaphore>);

impl Pace {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }

    /// Waits for a turn, which lasts as long as what this returns: nothing, if others took too long.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        tokio::time::timeout(PATIENCE, self.0.acquire()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_gets_no_turn_goes_on_without_one_and_turns_come_back() {
        let pace = Pace::new();
        let (first, second) = (pace.turn().await, pace.turn().await);
        assert!(first.is_some() && second.is_some());
        assert!(pace.turn().await.is_none(), "both are taken, by partitions that nobody confirms");
        drop(first);
        assert!(pace.turn().await.is_some());
    }
}
