//! What holds for every connector, what each documented event becomes, and what is called to send.

use std::path::Path;

use connector_zalo::CONNECTOR;

#[test]
fn the_contract_holds() {
    connector_testkit::contract(&CONNECTOR);
}

#[test]
fn every_event_becomes_its_golden() {
    connector_testkit::golden(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}

#[test]
fn everything_sent_makes_its_calls() {
    connector_testkit::sending(&CONNECTOR, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
}
