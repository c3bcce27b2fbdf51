//! When an event is delivered again, and when no more.

use std::time::Duration;

/// How a subscription treats events that are not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// How long a consumer may keep an event.
    pub(crate) ack_deadline: Duration,
    /// Deliveries after which it is parked.
    pub(crate) max_attempts: u32,
    /// Wait before the second delivery.
    pub(crate) retry_min: Duration,
    /// Longest wait.
    pub(crate) retry_max: Duration,
}

impl Policy {
    /// The wait after so many deliveries.
    pub(crate) fn backoff(&self, attempts: u32) -> Duration {
        let doubled = 1u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.retry_min.saturating_mul(doubled).min(self.retry_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let second = Duration::from_secs(1);
        let policy = Policy { ack_deadline: second, max_attempts: 9, retry_min: second, retry_max: second * 10 };
        let waits: Vec<_> = [0, 1, 2, 3, 4, 5, 40, u32::MAX].map(|attempts| policy.backoff(attempts).as_secs()).into();
        assert_eq!(waits, [1, 1, 2, 4, 8, 10, 10, 10]);
    }
}
