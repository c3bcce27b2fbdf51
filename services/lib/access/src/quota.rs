//! How much one client may do: requests in a second, streams at a time. Counted by each process for itself.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use connector_sdk::Section;
use governor::{
    DefaultDirectRateLimiter, RateLimiter,
    clock::{Clock as _, DefaultClock},
};

/// Bounds of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Calls in a second, in the long run.
    pub(crate) requests_per_second: NonZeroU32,
    /// Calls at once after a pause.
    pub(crate) burst: NonZeroU32,
    /// Streams open at a time.
    pub(crate) streams: u32,
}

const MOST: u64 = 1_000_000;

impl Quota {
    /// Reads `quotas`.
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let number = |section: &mut Section<'_>, key, default| {
            let number = u32::try_from(section.number(key, 1..=MOST, default)).unwrap_or(u32::MAX);
            NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
        };
        let requests_per_second = number(section, "requests_per_second", 100);
        let burst = number(section, "burst", 2 * u64::from(requests_per_second.get()));
        Self { requests_per_second, burst, streams: number(section, "streams", 100).get() }
    }
}

/// What a client has used of its quota.
#[derive(Debug)]
pub(crate) struct Meter {
    requests: Option<DefaultDirectRateLimiter>,
    streams: AtomicU32,
    most_streams: u32,
}

impl Meter {
    pub(crate) fn new(quota: Quota) -> Self {
        let requests = governor::Quota::per_second(quota.requests_per_second).allow_burst(quota.burst);
        Self { requests: Some(RateLimiter::direct(requests)), streams: AtomicU32::new(0), most_streams: quota.streams }
    }

    pub(crate) fn unlimited() -> Self {
        Self { requests: None, streams: AtomicU32::new(0), most_streams: u32::MAX }
    }

    /// Counts a call; how long to wait when it is one too many.
    pub(crate) fn request(&self) -> Result<(), Duration> {
        let Some(requests) = &self.requests else { return Ok(()) };
        requests.check().map_err(|later| later.wait_time_from(DefaultClock::default().now()))
    }

    /// Takes room for a stream; how many there may be when there is none.
    pub(crate) fn stream(self: &Arc<Self>) -> Result<OpenStream, u32> {
        let one_more = |open: u32| open.checked_add(1).filter(|open| *open <= self.most_streams);
        let taken = self.streams.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.map(|_| OpenStream(self.clone())).map_err(|_| self.most_streams)
    }
}

/// Room that a stream takes until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenStream(Arc<Meter>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Arc<Meter> {
        let number = |n| NonZeroU32::new(n).unwrap();
        Arc::new(Meter::new(Quota { requests_per_second: number(1), burst: number(3), streams: 2 }))
    }

    #[test]
    fn after_the_burst_a_call_is_told_to_wait() {
        let meter = meter();
        assert!((0..3).all(|_| meter.request().is_ok()));
        let wait = meter.request().unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
    }

    #[test]
    fn a_stream_that_ends_makes_room_for_another() {
        let meter = meter();
        let (first, _second) = (meter.stream().unwrap(), meter.stream().unwrap());
        assert_eq!(meter.stream().unwrap_err(), 2);
        drop(first);
        assert!(meter.stream().is_ok());
    }
}
