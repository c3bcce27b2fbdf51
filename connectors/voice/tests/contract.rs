//! What holds for every connector, for each provider, and what each call becomes.

use std::path::{Path, PathBuf};

use connector_sdk::Proof;
use connector_voice::providers;

fn fixtures(provider: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    // The samples of the catalog's entry stand where the catalog looks for them.
    if provider == "stringee" { fixtures } else { fixtures.join(provider) }
}

#[test]
fn the_contract_holds_for_every_provider() {
    let all = providers();
    connector_testkit::contracts(all.iter().map(|(name, registration)| (*name, registration)));
}

#[test]
fn only_the_provider_that_does_not_sign_is_proven_by_a_token() {
    let registrations = providers();
    let by_token =
        registrations.iter().filter(|(_, registration)| connector_testkit::proof(registration) == Proof::Token);
    assert_eq!(by_token.map(|(name, _)| *name).collect::<Vec<_>>(), ["omicall"]);
}

#[test]
fn every_call_becomes_its_golden() {
    for (name, registration) in providers() {
        connector_testkit::golden(&registration, &fixtures(name));
    }
}

#[test]
fn nothing_is_sent() {
    for (name, registration) in providers() {
        assert!(connector_testkit::configured(&registration, "").outbound().is_none(), "{name}");
        assert!(!fixtures(name).join("send").exists(), "{name}");
    }
}
