//! What holds for every connector, and what the program of the example settings makes of calls.

use std::path::Path;

use connector_webhook::CONNECTOR;

#[test]
fn the_contract_holds() {
    connector_testkit::contract(&CONNECTOR);
}

#[test]
fn every_event_becomes_its_golden() {
    connector_testkit::golden(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}

#[test]
fn every_message_becomes_its_calls() {
    connector_testkit::sending(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}
