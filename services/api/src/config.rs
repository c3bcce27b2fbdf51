//! Settings of the api.

use std::{net::SocketAddr, time::Duration};

use connector_sdk::Section;

/// Settings of the api.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// How often a stream hears something, also when nothing happens.
    pub heartbeat: Duration,
    /// Event streams open at the same time.
    pub max_streams: usize,
    /// Streams of one connection.
    pub streams_per_connection: u32,
    /// Bytes of events kept in memory for subscribers, all partitions together.
    pub ring_bytes: usize,
    /// Bytes of events that named streams may hold for their consumers, all together.
    pub windows_bytes: usize,
    /// How long a consumer of a named subscription keeps its partitions when its process is gone.
    pub lease: Duration,
    /// Named subscriptions there may be.
    pub max_subscriptions: u64,
}

impl Config {
    /// Reads `api`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let streams = section.number("max_streams", 1..=100_000, 2000);
        let ring = section.bytes("ring_bytes", 16 << 20);
        let heartbeat = section.duration("heartbeat", Duration::from_secs(15));
        if heartbeat < Duration::from_millis(100) {
            section.fault("heartbeat", "expected at least 100ms");
        }
        let lease = section.duration("lease", Duration::from_secs(10));
        if lease < Duration::from_secs(1) {
            section.fault("lease", "expected at least 1s");
        }
        let windows = section.bytes("windows_bytes", 128 << 20);
        Self {
            listen: section.value(
                "listen",
                "an address such as 127.0.0.1:50051",
                SocketAddr::from(([127, 0, 0, 1], 50051)),
            ),
            heartbeat,
            max_streams: usize::try_from(streams).unwrap_or(usize::MAX),
            streams_per_connection: u32::try_from(section.number("streams_per_connection", 1..=100_000, 1000))
                .unwrap_or(u32::MAX),
            ring_bytes: usize::try_from(ring).unwrap_or(usize::MAX),
            windows_bytes: usize::try_from(windows).unwrap_or(usize::MAX),
            lease,
            max_subscriptions: section.number("max_subscriptions", 1..=1_000_000, 10_000),
        }
    }
}
