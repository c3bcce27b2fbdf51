//! What holds for every connector, for each provider; what each call becomes, and what is called to send.

use std::path::{Path, PathBuf};

use connector_sdk::Proof;
use connector_sms::providers;

fn fixtures(provider: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    // The samples of the catalog's entry stand where the catalog looks for them.
    if provider == "twilio" { fixtures } else { fixtures.join(provider) }
}

#[test]
fn the_contract_holds_for_every_provider_that_calls() {
    let all = providers();
    let calling = all.iter().filter(|(_, registration)| !registration.samples.is_empty());
    connector_testkit::contracts(calling.map(|(name, registration)| (*name, registration)));
}

#[test]
fn only_providers_that_do_not_sign_are_proven_by_a_token() {
    let calling = providers().into_iter().filter(|(_, registration)| !registration.samples.is_empty());
    let by_token = calling.filter(|(_, registration)| connector_testkit::proof(registration) == Proof::Token);
    assert_eq!(by_token.map(|(name, _)| name).collect::<Vec<_>>(), ["esms", "infobip", "speedsms", "vietguys"]);
}

/// Providers with a web interface. A message centre is not called and calls nobody: `smpp.rs`.
fn on_the_web() -> impl Iterator<Item = (&'static str, connector_sdk::Registration)> {
    providers().into_iter().filter(|(name, _)| *name != "smpp")
}

#[test]
fn every_call_becomes_its_golden() {
    for (name, registration) in on_the_web() {
        connector_testkit::golden(&registration, &fixtures(name));
    }
}

#[test]
fn everything_sent_makes_its_call() {
    for (name, registration) in on_the_web() {
        connector_testkit::sending(&registration, &fixtures(name));
    }
}
