//! Which requests are believed, and which challenges are answered.

use connector_sdk::{Handshake, Proof, Rejected};
use connector_testkit::Endpoint;
use connector_x::CONNECTOR;

const HEADER: &str = "x-twitter-webhooks-signature";
const BODY: &str = r#"{"data":{"event_uuid":"-1","event_type":"dm.received"}}"#;
const SIGNATURE: &str = "sha256=EsfM+6ihaG9mke8lLJr3+ocj1lXU1RvAo8kNbc2BiF8=";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("consumer_secrets: {secrets}"))
}

fn says(value: &str) -> Result<Proof, Rejected> {
    endpoint("x-consumer-secret-0001").verdict(BODY, &[(HEADER, value)], 0)
}

#[test]
fn the_vector_is_believed() {
    assert_eq!(says(SIGNATURE), Ok(Proof::Signature));
    assert_eq!(endpoint("x-consumer-secret-0001").signed(BODY, 0), [(HEADER, SIGNATURE.to_owned())]);
}

#[test]
fn other_writings_of_the_digest_are_refused() {
    let base64 = SIGNATURE.trim_start_matches("sha256=");
    let hex = "sha256=12c7ccfba8a1686f6691ef252c9af7fa8723d655d4d51bc0a3c90d6dcd81885f";
    let unpadded = SIGNATURE.trim_end_matches('=');
    for value in ["", "sha256=", base64, hex, unpadded, &format!("sha1={base64}"), &format!("{SIGNATURE}=")] {
        assert_eq!(says(value), Err(Rejected::SignatureMalformed), "{value}");
    }
    assert_eq!(says(&SIGNATURE.replacen("=E", "=F", 1)), Err(Rejected::SignatureMismatch));
    assert_eq!(endpoint("x").verdict(BODY, &[], 0), Err(Rejected::SignatureMissing));
}

#[test]
fn while_the_secret_is_replaced_both_are_believed() {
    let verdict = |secrets: &str| endpoint(secrets).verdict(BODY, &[(HEADER, SIGNATURE)], 0);
    assert_eq!(verdict("[other, x-consumer-secret-0001]"), Ok(Proof::Signature));
    assert_eq!(verdict("other"), Err(Rejected::SignatureMismatch));
}

fn asked(secrets: &str, query: &str) -> Handshake {
    endpoint(secrets).handshake(query)
}

#[test]
fn a_challenge_is_answered_with_the_first_secret() {
    let right = r#"{"response_token":"sha256=XgN/VU/Q1xhXKMmcX1bWmMnKub15QE0LcSk0f+c4PaU="}"#;
    for secrets in ["x-consumer-secret-0001", "[x-consumer-secret-0001, other]"] {
        assert_eq!(asked(secrets, "crc_token=crc-token-123"), Handshake::Json(right.into()));
        assert_eq!(asked(secrets, "nonce=1&crc_token=crc-token-123"), Handshake::Json(right.into()));
    }
    assert_ne!(asked("[other, x-consumer-secret-0001]", "crc_token=crc-token-123"), Handshake::Json(right.into()));
}

#[test]
fn a_token_is_decoded_before_it_is_hashed() {
    let coded = asked("s", "crc_token=a%2Bb%2Fc%3D%3D");
    assert!(matches!(coded, Handshake::Json(_)));
    assert_eq!(coded, asked("s", "crc_token=a+b/c=="), "a plus sign that was not coded is one");
    assert_ne!(coded, asked("s", "crc_token=a-b/c=="));
}

#[test]
fn nobody_gets_a_body_signed_by_asking_for_it() {
    let body = BODY.replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
    let long = "a".repeat(257);
    for token in [body.as_str(), "", "7%0A", "%22a%22", "a%20b%7B", "%5B1%5D", &long] {
        let answer = asked("s", &format!("crc_token={token}"));
        assert!(matches!(answer, Handshake::Incomplete(_)), "{token}: {answer:?}");
    }
    assert!(matches!(asked("s", ""), Handshake::Incomplete(_)));
    // The other way round: what was signed as an answer is no body.
    let endpoint = endpoint("s");
    let signed = endpoint.signed("12345", 0);
    let pairs: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(endpoint.verdict("12345", &pairs, 0), Err(Rejected::SignedPartMissing));
}

#[test]
fn without_a_secret_nothing_is_answered() {
    let bare = Endpoint::bare(&CONNECTOR);
    assert_eq!(bare.handshake("crc_token=crc-token-123"), Handshake::Refused);
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["x.consumer_secrets"]);
}
