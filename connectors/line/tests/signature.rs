//! Which requests are believed.

use connector_line::CONNECTOR;
use connector_sdk::{Ack, Proof, Rejected};
use connector_testkit::Endpoint;

const HEADER: &str = "X-Line-Signature";
const BODY: &str = r#"{"destination":"U00000000000000000000000000000000","events":[]}"#;
const SIGNATURE: &str = "8umRclsHV6B6iuNYWqHFoHFH+l3Ju/qn8dS/nr8+agY=";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("channel_secrets: {secrets}"))
}

fn says(value: &str) -> Result<Proof, Rejected> {
    endpoint("line-channel-secret-0001").verdict(BODY, &[(HEADER, value)], 0)
}

#[test]
fn the_vector_is_believed_under_any_case_of_the_header() {
    for name in [HEADER, "x-line-signature", "X-LINE-SIGNATURE"] {
        let verdict = endpoint("line-channel-secret-0001").verdict(BODY, &[(name, SIGNATURE)], 0);
        assert_eq!(verdict, Ok(Proof::Signature), "{name}");
    }
    assert_eq!(endpoint("line-channel-secret-0001").signed(BODY, 0), [(HEADER, SIGNATURE.to_owned())]);
}

#[test]
fn other_writings_of_the_digest_are_refused() {
    let hex = "f2e991725b0757a07a8ae3585aa1c5a07147fa5dc9bbfaa7f1d4bf9ebf3e6a06";
    let url_safe = SIGNATURE.replace('+', "-").replace('/', "_");
    let unpadded = SIGNATURE.trim_end_matches('=');
    let loose_bits = SIGNATURE.replace("agY=", "agZ=");
    for value in ["", "=", hex, &url_safe, unpadded, &loose_bits, &format!("sha256={SIGNATURE}")] {
        assert_eq!(says(value), Err(Rejected::SignatureMalformed), "{value}");
    }
    assert_eq!(says(&SIGNATURE.replace('8', "9")), Err(Rejected::SignatureMismatch));
    assert_eq!(endpoint("x").verdict(BODY, &[], 0), Err(Rejected::SignatureMissing));
}

#[test]
fn a_body_serialised_anew_or_another_secret_is_refused() {
    let spaced = BODY.replace(',', ", ");
    let verdict = endpoint("line-channel-secret-0001").verdict(&spaced, &[(HEADER, SIGNATURE)], 0);
    assert_eq!(verdict, Err(Rejected::SignatureMismatch));
    assert_eq!(endpoint("other").verdict(BODY, &[(HEADER, SIGNATURE)], 0), Err(Rejected::SignatureMismatch));
    let both = endpoint("[other, line-channel-secret-0001]");
    assert_eq!(both.verdict(BODY, &[(HEADER, SIGNATURE)], 0), Ok(Proof::Signature));
}

#[test]
fn the_check_of_the_address_is_answered_with_nothing() {
    let endpoint = endpoint("s");
    assert_eq!(endpoint.ack(BODY), Ack::Empty);
    assert_eq!(endpoint.normalized(BODY).skipped.len(), 1);
}

#[test]
fn a_secret_is_needed() {
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["line.channel_secrets"]);
}
