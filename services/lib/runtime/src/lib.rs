//! What every service runs on: configuration, telemetry, health, serving, shutdown. Knows no channel and no broker.

pub mod clock;
pub mod config;
pub mod health;
pub mod metrics;
pub mod seldom;
pub mod serve;
pub mod telemetry;
pub mod trace;
