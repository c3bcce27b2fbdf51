//! What reads bytes from outside, and what must hold whatever the bytes are.
//!
//! A [`Target`] takes any bytes and panics when something does not hold. libFuzzer runs the targets for as long as it
//! is let (`make fuzz`), the tests of this crate over the seeds and a bounded number of mutations of them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a target says what does not hold by panicking"
)]

mod call;
pub mod channels;
mod seeds;
pub mod services;

pub use seeds::regressions;

/// Something that reads bytes from outside.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of libFuzzer's program for it.
    pub name: &'static str,
    /// Panics when something does not hold for these bytes.
    pub run: fn(&[u8]),
    /// Bytes to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "verify", run: channels::verify, seeds: seeds::calls },
    Target { name: "handshake", run: channels::handshake, seeds: seeds::handshakes },
    Target { name: "normalize", run: channels::normalize, seeds: seeds::calls },
    Target { name: "neighbours", run: channels::neighbours, seeds: seeds::calls },
    Target { name: "whole", run: channels::whole, seeds: seeds::calls },
    Target { name: "settings", run: services::settings, seeds: seeds::settings },
    Target { name: "cursors", run: services::cursors, seeds: seeds::cursors },
    Target { name: "window", run: services::window, seeds: seeds::windows },
    Target { name: "message", run: services::message, seeds: seeds::messages },
    Target { name: "session", run: services::session, seeds: seeds::sessions },
];

/// The target of that name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The channel and the body of a seed that is a call.
pub fn channel_and_body(seed: &[u8]) -> Option<(&'static str, &[u8])> {
    call::Call::parse(seed).map(|call| (call.registration.channel, call.body))
}
