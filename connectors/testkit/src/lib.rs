//! The tests every connector passes: what a channel may send, tampered with in every way, and what becomes of it.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::let_underscore_must_use,
    clippy::panic,
    reason = "a test kit fails by panicking"
)]

mod chance;
mod contract;
mod endpoint;
mod golden;
mod mutate;
mod sending;
mod spans;
pub mod steps;

pub use chance::Chance;
pub use contract::{contract, contracts, proof};
pub use endpoint::Endpoint;
pub use golden::golden;
pub use mutate::mutate;
pub use sending::sending;
pub use spans::{Container, containers};

use connector_sdk::{
    Connector, Registration, Section,
    settings::{self, Faults},
};

/// Builds a connector from its own example settings. Each `${…}` stands for itself, so the example's secrets are
/// known here; `variant` changes them.
///
/// # Panics
/// When the example is not right.
pub fn configured(registration: &Registration, variant: &str) -> Box<dyn Connector> {
    let mut faults = Faults::default();
    let example = registration.example.replace("${", &format!("{variant}${{"));
    let node = settings::parse(&with_own_keys(&example), &mut faults);
    let mut section = Section::new(&node, registration.channel, &mut faults);
    let connector = (registration.configure)(&mut section);
    section.finish();
    let faults = faults.sorted();
    assert!(faults.is_empty(), "the example settings of {} are wrong: {faults:?}", registration.channel);
    connector
}

/// Where the channel's public key belongs stands a key of our own: nobody else can sign samples.
fn with_own_keys(example: &str) -> String {
    let lines = example.lines().map(|line| match line.split_once(": \"") {
        Some((key, value)) if value.contains("_PUBLIC_KEY}") => format!("{key}: \"test:{value}\n"),
        Some(_) | None => format!("{line}\n"),
    });
    lines.collect()
}
