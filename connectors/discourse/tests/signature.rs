//! Which requests are believed.

use connector_discourse::CONNECTOR;
use connector_sdk::{Ack, Proof, Rejected};
use connector_testkit::Endpoint;

const HEADER: &str = "X-Discourse-Event-Signature";
const BODY: &str = r#"{"ping":"OK"}"#;
const SIGNATURE: &str = "sha256=350823b3266cde165d9023ad1d7d532c9c120012a748007e0c54d865999ec862";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("site: https://forum.example.test\nsecrets: {secrets}"))
}

fn says(value: &str) -> Result<Proof, Rejected> {
    endpoint("discourse-secret-0001").verdict(BODY, &[(HEADER, value)], 0)
}

#[test]
fn the_vector_is_believed_whatever_the_content_type() {
    assert_eq!(says(SIGNATURE), Ok(Proof::Signature));
    assert_eq!(endpoint("discourse-secret-0001").signed(BODY, 0), [(HEADER, SIGNATURE.to_owned())]);
    let form = [(HEADER, SIGNATURE), ("Content-Type", "application/x-www-form-urlencoded")];
    let endpoint = endpoint("discourse-secret-0001");
    assert_eq!(endpoint.verdict(BODY, &form, 0), Ok(Proof::Signature), "the same JSON comes under a form's name");
    assert_eq!(endpoint.normalized(BODY).skipped.len(), 1);
    assert_eq!(endpoint.ack(BODY), Ack::Empty);
}

#[test]
fn other_writings_of_the_digest_are_refused() {
    let digits = SIGNATURE.trim_start_matches("sha256=");
    let base64 = "sha256=NQgjsyZs3hZdkCOtHX1TLJwSABKnSAB+DFTYZZmeyGI=";
    for value in ["", digits, base64, &format!("sha1={digits}"), &format!("{SIGNATURE}00"), "sha256="] {
        assert_eq!(says(value), Err(Rejected::SignatureMalformed), "{value}");
    }
    assert_eq!(says(&SIGNATURE.replacen("=3", "=4", 1)), Err(Rejected::SignatureMismatch));
    assert_eq!(endpoint("s").verdict(BODY, &[], 0), Err(Rejected::SignatureMissing), "a webhook without a secret");
}

#[test]
fn while_the_secret_is_replaced_both_are_believed() {
    let verdict = |secrets: &str| endpoint(secrets).verdict(BODY, &[(HEADER, SIGNATURE)], 0);
    assert_eq!(verdict("[other, discourse-secret-0001]"), Ok(Proof::Signature));
    assert_eq!(verdict("other"), Err(Rejected::SignatureMismatch));
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    let base = "site: https://forum.example.test\nsecrets: s\n";
    for (wrong, named) in [
        ("{}".to_owned(), vec!["discourse.site", "discourse.secrets"]),
        ("site: forum.example.test\nsecrets: s".to_owned(), vec!["discourse.site"]),
        (
            format!("{base}accounts: {{'https://other.test': {{token: t}}}}\napi_username: x"),
            vec!["discourse.accounts"],
        ),
        (format!("{base}accounts: {{'https://forum.example.test': {{token: t}}}}"), vec!["discourse.api_username"]),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, &wrong), named, "{wrong}");
    }
    assert!(!endpoint("s").sends());
}
