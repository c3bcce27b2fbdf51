//! The contract of every connector, and the goldens.

use std::path::Path;

use connector_instagram::CONNECTOR;

#[test]
fn keeps_the_contract() {
    connector_testkit::contract(&CONNECTOR);
}

#[test]
fn every_fixture_becomes_its_golden() {
    connector_testkit::golden(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}

#[test]
fn every_message_becomes_its_calls() {
    connector_testkit::sending(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}
