//! `poller`

use std::time::Duration;

use connector_sdk::Section;

/// How mailboxes are read.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long a server may take for one answer.
    pub timeout: Duration,
    /// The longest pause after a connection that failed; the first is a second, and each is twice the one before.
    pub longest_pause: Duration,
}

impl Config {
    /// Reads `poller`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let timeout = section.duration("timeout", Duration::from_secs(60));
        if timeout < Duration::from_millis(100) || timeout > Duration::from_secs(600) {
            section.fault("timeout", "expected 100ms to 10m");
        }
        Self { timeout, longest_pause: section.duration("longest_pause", Duration::from_secs(300)) }
    }

    /// The pause after a number of failures in a row: doubled each time, and spread.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        let doubled = Duration::from_secs(1).saturating_mul(1 << failures.saturating_sub(1).min(16));
        doubled.min(self.longest_pause).mul_f64(0.75 + fastrand::f64() / 2.0)
    }
}
