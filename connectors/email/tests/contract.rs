//! What holds for every connector, for each provider, and what each call becomes.

use std::path::{Path, PathBuf};

use connector_email::{CONNECTOR, Email, providers};
use connector_sdk::{
    Configure as _, Connector as _, Proof, Section,
    mailbox::Mailbox,
    settings::{self, Faults},
};

fn fixtures(provider: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    // The samples of the catalog's entry stand where the catalog looks for them.
    if provider == "postmark" { fixtures } else { fixtures.join(provider) }
}

/// But for Amazon's, whose signature leaves out what stands around its members; see `signature.rs`.
#[test]
fn the_contract_holds_for_every_provider() {
    let all = providers();
    let own = all.iter().filter(|(name, _)| *name != "ses");
    connector_testkit::contracts(own.map(|(name, registration)| (*name, registration)));
}

#[test]
fn what_proves_no_body_is_a_token() {
    let calling = providers().into_iter().filter(|(name, _)| *name != "ses");
    let by_token = calling.filter(|(_, registration)| connector_testkit::proof(registration) == Proof::Token);
    assert_eq!(by_token.map(|(name, _)| name).collect::<Vec<_>>(), ["mailgun", "postmark", "sendgrid"]);
}

#[test]
fn every_call_becomes_its_golden() {
    for (name, registration) in providers() {
        connector_testkit::golden(&registration, &fixtures(name));
    }
}

#[test]
fn every_message_becomes_a_mail() {
    connector_testkit::sending(&CONNECTOR, &fixtures("postmark"));
}

#[test]
fn the_example_of_a_mailbox_is_read() {
    let mut faults = Faults::default();
    let node = settings::parse(include_str!("../examples/imap.yaml"), &mut faults);
    let mut section = Section::new(&node, "email", &mut faults);
    let connector = Email::configure(&mut section);
    section.finish();
    assert!(faults.sorted().is_empty());
    let is_read = |mailbox: &Mailbox| {
        (mailbox.server.host.as_str(), mailbox.server.port) == ("imap.example.com", 993) && mailbox.folders == ["INBOX"]
    };
    assert!(connector.mailbox().is_some_and(is_read));
    assert!(!format!("{connector:?}").contains("KENH_EMAIL_PASSWORD"), "it shows the password");
}
