//! Settings of the webhook service.

use std::{net::SocketAddr, time::Duration};

use connector_sdk::Section;
use kenh_runtime::serve;

/// Settings of the webhook service.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Largest body taken, in bytes.
    pub max_body: usize,
    /// Calls worked on at the same time; further ones are told to come back.
    pub max_in_flight: usize,
    /// Bytes of bodies held at the same time; a call that would exceed it is told to come back.
    pub max_in_flight_bytes: usize,
    /// Connections open at the same time.
    pub max_connections: usize,
    /// Time for the head of a connection's next call to arrive.
    pub idle_timeout: Duration,
    /// Time for a call's body to arrive.
    pub body_timeout: Duration,
}

impl Config {
    /// Reads `ingress`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        let (max_body, in_flight) =
            (section.bytes("max_body", 4 << 20), section.bytes("max_in_flight_bytes", 64 << 20));
        if in_flight < max_body {
            section.fault("max_in_flight_bytes", "expected at least max_body");
        }
        Self {
            listen: section.value("listen", "an address such as 127.0.0.1:8080", listen),
            max_body: number(max_body),
            max_in_flight_bytes: number(in_flight),
            max_in_flight: number(section.number("max_in_flight", 1..=100_000, 512)),
            max_connections: number(section.number("max_connections", 1..=100_000, 4096)),
            idle_timeout: section.duration("idle_timeout", serve::IDLE),
            body_timeout: section.duration("body_timeout", Duration::from_secs(10)),
        }
    }
}
