//! Every connector in the catalog passes the contract and has goldens.

use std::path::Path;

use connector_catalog::CONNECTORS;
use connector_sdk::Proof;

#[test]
fn every_connector_passes_the_contract() {
    connector_testkit::contracts(CONNECTORS.iter().map(|registration| (registration.channel, registration)));
}

#[test]
fn every_connector_has_samples_with_goldens() {
    for registration in CONNECTORS {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(registration.channel).join("fixtures");
        connector_testkit::golden(registration, &fixtures);
    }
}

#[test]
fn every_connector_that_sends_has_goldens_of_it_and_no_other() {
    for registration in CONNECTORS {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(registration.channel).join("fixtures");
        if connector_testkit::configured(registration, "").outbound().is_some() {
            connector_testkit::sending(registration, &fixtures);
        } else {
            assert!(!fixtures.join("send").exists(), "{} sends nothing", registration.channel);
        }
    }
}

/// The others sign, and the contract shows that no byte of their bodies can be changed.
#[test]
fn only_channels_that_do_not_sign_are_proven_by_a_token() {
    let by_token = CONNECTORS.iter().filter(|registration| connector_testkit::proof(registration) == Proof::Token);
    assert_eq!(by_token.map(|registration| registration.channel).collect::<Vec<_>>(), ["email", "teams", "telegram"]);
}

#[test]
fn slugs_are_unique_and_in_order() {
    assert!(CONNECTORS.is_sorted_by(|a, b| a.channel < b.channel));
}
