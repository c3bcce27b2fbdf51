//! The documents that are made from the contract are as it is now. `KENH_GOLDEN=write` writes them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

mod comments;
mod errors;
mod guide;
mod metrics;

use std::{env, fs};

use kenh_tests::repository;

/// Compares a document with what it should be, or writes it.
fn golden(path: &str, document: &str) {
    let path = repository().join(path);
    if env::var_os("KENH_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, document).expect("a writable document");
        return;
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    let stale = document.lines().zip(there.lines().chain(std::iter::repeat(""))).find(|(new, old)| new != old);
    assert!(
        there == document,
        "{} is stale: `make golden`, then read the diff; it begins with {stale:?}",
        path.display()
    );
}

#[test]
fn the_guide_to_the_api_is_as_the_contract() {
    golden("proto/API.md", &guide::render(&comments::files()));
}

#[test]
fn the_catalogue_of_errors_is_as_the_code() {
    golden("proto/ERRORS.md", &errors::render(&comments::files()));
}

#[test]
fn the_list_of_metrics_is_as_the_code() {
    golden("deploy/METRICS.md", &metrics::render());
}
