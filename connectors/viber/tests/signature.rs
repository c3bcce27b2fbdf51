//! Which requests are believed.

use connector_sdk::{Ack, Proof, Rejected};
use connector_testkit::Endpoint;
use connector_viber::CONNECTOR;

const HEADER: &str = "X-Viber-Content-Signature";
const BODY: &str = r#"{"event":"webhook","timestamp":1767225600000,"message_token":6012345678901234587}"#;
const SIGNATURE: &str = "21cd1119521c4363ff3741e3eeb4f4ec6fadf7aa97a4bc990266a184c7f49bb8";

fn endpoint(tokens: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("account_id: pa:1\nauth_tokens: {tokens}"))
}

fn says(value: &str) -> Result<Proof, Rejected> {
    endpoint("viber-token-0001").verdict(BODY, &[(HEADER, value)], 0)
}

#[test]
fn the_vector_is_believed() {
    assert_eq!(says(SIGNATURE), Ok(Proof::Signature));
    assert_eq!(says(&SIGNATURE.to_uppercase()), Ok(Proof::Signature));
    assert_eq!(endpoint("viber-token-0001").signed(BODY, 0), [(HEADER, SIGNATURE.to_owned())]);
}

#[test]
fn other_writings_of_the_digest_are_refused() {
    let base64 = "Ic0RGVIcQ2P/N0Hj7rT07G+t96qXpLyZAmahhMf0m7g=";
    let short = SIGNATURE.get(2..).unwrap();
    for value in
        ["", base64, short, &format!("sha256={SIGNATURE}"), &format!("={SIGNATURE}"), &format!("{SIGNATURE}00")]
    {
        assert_eq!(says(value), Err(Rejected::SignatureMalformed), "{value}");
    }
    assert_eq!(says(&SIGNATURE.replacen('2', "3", 1)), Err(Rejected::SignatureMismatch));
    assert_eq!(endpoint("x").verdict(BODY, &[], 0), Err(Rejected::SignatureMissing));
}

#[test]
fn a_number_rounded_on_its_way_is_refused() {
    let rounded = BODY.replace("6012345678901234587", "6012345678901234688");
    let verdict = endpoint("viber-token-0001").verdict(&rounded, &[(HEADER, SIGNATURE)], 0);
    assert_eq!(verdict, Err(Rejected::SignatureMismatch));
}

#[test]
fn while_the_token_is_replaced_both_are_believed() {
    let verdict = |tokens: &str| endpoint(tokens).verdict(BODY, &[(HEADER, SIGNATURE)], 0);
    assert_eq!(verdict("[other, viber-token-0001]"), Ok(Proof::Signature));
    assert_eq!(verdict("other"), Err(Rejected::SignatureMismatch));
}

#[test]
fn the_check_of_the_address_is_answered_with_nothing() {
    let endpoint = endpoint("s");
    assert_eq!(endpoint.ack(BODY), Ack::Empty);
    assert_eq!(endpoint.normalized(BODY).skipped.len(), 1);
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["viber.account_id", "viber.auth_tokens"]);
}
