//! The binary as shipped, from the outside: HTTP in, gRPC out, on both engines.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

mod broker;
mod ledger;
mod main_job;
mod spool;
