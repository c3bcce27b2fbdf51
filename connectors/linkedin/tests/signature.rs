//! Which requests are believed, and which challenges are answered.

#![allow(clippy::string_slice, reason = "tests fail by panicking")]

use connector_linkedin::CONNECTOR;
use connector_sdk::{Handshake, Proof, Rejected};
use connector_testkit::Endpoint;

const HEADER: &str = "X-LI-Signature";
const BODY: &str = r#"{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}"#;
const SIGNATURE: &str = "b827340e1d233aa841e8e36c36382e096ee87818a39a8c795aba95db376db026";
/// The same without the word that belongs in front of the body.
const BARE: &str = "0c5287fbef3a406a81596b707fd5161eb7e12deeb78c72146680e27199ac6d0e";
const CODE: &str = "3f2b7c1e-0000-4000-8000-000000000001";
const RESPONSE: &str = "ab70b3424e9ae638571061bc0684ae321783556948919c9f1ba943deb486e10b";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("client_secrets: {secrets}"))
}

fn says(value: &str) -> Result<Proof, Rejected> {
    endpoint("li-client-secret-0001").verdict(BODY, &[(HEADER, value)], 0)
}

#[test]
fn the_vector_is_believed() {
    assert_eq!(says(SIGNATURE), Ok(Proof::Signature));
    assert_eq!(says(&SIGNATURE.to_uppercase()), Ok(Proof::Signature));
    assert_eq!(endpoint("li-client-secret-0001").signed(BODY, 0), [(HEADER, SIGNATURE.to_owned())]);
}

#[test]
fn other_writings_of_the_digest_are_refused() {
    assert_eq!(says(BARE), Err(Rejected::SignatureMismatch), "the word in front of the body is missing");
    assert_eq!(says(&SIGNATURE.replacen('b', "c", 1)), Err(Rejected::SignatureMismatch));
    let base64 = "uCc0Dh0jOqhB6ONsNjguCW7oeBijmox5WrqV2zdtsCY=";
    for value in ["", base64, &format!("hmacsha256={SIGNATURE}"), &format!("{SIGNATURE}00"), &SIGNATURE[2..]] {
        assert_eq!(says(value), Err(Rejected::SignatureMalformed), "{value}");
    }
    assert_eq!(endpoint("s").verdict(BODY, &[], 0), Err(Rejected::SignatureMissing));
}

#[test]
fn while_the_secret_is_replaced_both_are_believed_and_a_childs_too() {
    let verdict = |secrets: &str| endpoint(secrets).verdict(BODY, &[(HEADER, SIGNATURE)], 0);
    assert_eq!(verdict("[other, li-client-secret-0001]"), Ok(Proof::Signature));
    assert_eq!(verdict("other"), Err(Rejected::SignatureMismatch));
    let child = "other\nchild_applications: {'77': {client_secrets: li-client-secret-0001}}";
    assert_eq!(verdict(child), Ok(Proof::Signature));
}

fn answered() -> Handshake {
    Handshake::Json(format!(r#"{{"challengeCode":"{CODE}","challengeResponse":"{RESPONSE}"}}"#))
}

#[test]
fn a_challenge_is_answered_with_the_secret_of_the_application_it_names() {
    let asked = |secrets: &str, more: &str| endpoint(secrets).handshake(&format!("challengeCode={CODE}{more}"));
    assert_eq!(asked("[li-client-secret-0001, other]", ""), answered());
    let child = "other\nchild_applications: {'77': {client_secrets: li-client-secret-0001}}";
    assert_eq!(asked(child, "&applicationId=77"), answered());
    assert_ne!(asked(child, ""), answered());
    assert_ne!(asked(child, "&applicationId=78"), answered());
    assert_eq!(asked("li-client-secret-0001", "&applicationId=78"), answered(), "its own id is nowhere configured");
}

#[test]
fn nobody_gets_a_body_signed_by_asking_for_it() {
    let endpoint = endpoint("s");
    let long = "a".repeat(65);
    for code in ["", "hmacsha256%3D%7B%22type%22%3A%22x%22%7D", "hmacsha256=1", "a%20b", "%7B%7D", &long] {
        let answer = endpoint.handshake(&format!("challengeCode={code}"));
        assert!(matches!(answer, Handshake::Incomplete(_)), "{code}: {answer:?}");
    }
    assert!(matches!(endpoint.handshake(""), Handshake::Incomplete(_)));
    assert_eq!(Endpoint::bare(&CONNECTOR).handshake(&format!("challengeCode={CODE}")), Handshake::Refused);
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    for (wrong, named) in [
        ("{}", vec!["linkedin.client_secrets"]),
        ("client_secrets: s\nchild_applications: {'77': {}}", vec!["linkedin.child_applications.77.client_secrets"]),
        ("client_secrets: s\naccounts: {'1001': {token: t}}", vec!["linkedin.accounts"]),
        ("client_secrets: s\naccounts: {'urn:li:organization:1': {refresh_token: t}}", vec!["linkedin.client_id"]),
        ("client_secrets: s\napi_version: latest", vec!["linkedin.api_version"]),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, wrong), named, "{wrong}");
    }
    assert!(!endpoint("s").sends());
}
