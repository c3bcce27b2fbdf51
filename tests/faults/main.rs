//! The ledger through every fault: what was answered with 2xx comes out, in order, with one id.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

mod audit;
mod broker;
mod clock;
mod cluster;
mod database;
mod disk;
mod ledger;
mod memory;
mod network;
mod redelivery;
mod restarts;
mod run;
mod sharing;
mod spool;
mod subscriber;
