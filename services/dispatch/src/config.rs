//! Settings of the dispatcher.

use std::time::Duration;

use connector_sdk::Section;

/// Settings of the dispatcher.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long a channel may take to answer a call.
    pub timeout: Duration,
    /// Messages of one channel being sent at the same time.
    pub concurrency: usize,
    /// Tries before a message is given up that fails in a way that may pass.
    pub tries: u32,
    /// The longest pause between two tries.
    pub longest_pause: Duration,
    /// Failures of an account, one after the other, after which it is left alone for a while.
    pub breaker_failures: u32,
    /// For how long.
    pub breaker_pause: Duration,
    /// How often the store is looked into for messages nobody was told of.
    pub sweep: Duration,
    /// Bytes of a file fetched to be sent, at most.
    pub fetch_bytes: u64,
    /// Files may be fetched from addresses that are not public.
    pub fetch_private: bool,
}

impl Config {
    /// Reads `dispatch`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let timeout = section.duration("timeout", Duration::from_secs(20));
        if timeout < Duration::from_millis(100) || timeout > Duration::from_secs(120) {
            section.fault("timeout", "expected 100ms to 2m");
        }
        let breaker = section.section("breaker", |breaker| {
            let failures = u32::try_from(breaker.number("failures", 1..=1000, 5)).unwrap_or(5);
            (failures, breaker.duration("pause", Duration::from_secs(30)))
        });
        let sweep = section.duration("sweep", Duration::from_secs(1));
        if sweep < Duration::from_millis(50) {
            section.fault("sweep", "expected at least 50ms");
        }
        let (fetch_bytes, fetch_private) = section.section("fetch", |fetch| {
            (fetch.bytes("max_bytes", 25 << 20), fetch.boolean("allow_private_addresses", false))
        });
        Self {
            timeout,
            concurrency: usize::try_from(section.number("concurrency", 1..=1024, 64)).unwrap_or(64),
            tries: u32::try_from(section.number("tries", 1..=100, 8)).unwrap_or(8),
            longest_pause: section.duration("longest_pause", Duration::from_secs(300)),
            breaker_failures: breaker.0,
            breaker_pause: breaker.1,
            sweep,
            fetch_bytes,
            fetch_private,
        }
    }

    /// How long a dispatcher has a message to itself without writing: longer than any one step takes.
    pub(crate) fn lease(&self) -> Duration {
        self.timeout * 2 + Duration::from_secs(10)
    }

    /// The pause after a number of tries: doubled each time, and spread.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        let doubled = Duration::from_secs(1).saturating_mul(1 << tries.saturating_sub(1).min(16));
        doubled.min(self.longest_pause).mul_f64(0.75 + fastrand::f64() / 2.0)
    }
}
