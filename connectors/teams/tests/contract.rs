//! What holds for every connector, and what each activity becomes.

use std::path::Path;

use connector_sdk::Proof;
use connector_teams::CONNECTOR;

#[test]
fn the_contract_holds() {
    connector_testkit::contract(&CONNECTOR);
}

#[test]
fn a_token_covers_no_body() {
    assert_eq!(connector_testkit::proof(&CONNECTOR), Proof::Token);
}

#[test]
fn every_activity_becomes_its_golden() {
    connector_testkit::golden(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}

#[test]
fn everything_sent_makes_its_call() {
    connector_testkit::sending(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}
