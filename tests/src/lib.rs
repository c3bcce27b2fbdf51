//! What the tests stand on: the binary as shipped, a real broker, clients. A test that cannot have what it needs
//! fails; none is skipped.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and they are the environment of what they test"
)]

pub mod access;
pub mod clock;
pub mod collector;
pub mod disk;
pub mod dovecot;
pub mod exim;
pub mod gateway;
pub mod handover;
pub mod issuer;
pub mod leaks;
pub mod mailtokens;
pub mod named;
pub mod oauth;
pub mod outbound;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod provider;
pub mod proxy;
pub mod rabbitmq;
pub mod s3;
pub mod smsc;
pub mod smtpd;
pub mod stream;
pub mod tools;
pub mod updates;
pub mod webhook;

use std::{env, path::PathBuf, time::Duration};

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How long each fault is repeated under load: `KENH_SOAK` in minutes, as `make soak` sets it. Once, when it is not set.
pub fn soak() -> Option<Duration> {
    let minutes: f64 = env::var("KENH_SOAK").ok()?.parse().expect("KENH_SOAK is a number of minutes");
    Some(Duration::from_secs_f64(minutes * 60.0))
}

/// The repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").into()
}

/// Waits until a condition holds.
pub async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let met = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, met).await.is_ok(), "not in time: {what}");
}
