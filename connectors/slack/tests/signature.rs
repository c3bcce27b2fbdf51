//! Which requests are believed.

use connector_sdk::{Proof, Rejected};
use connector_slack::CONNECTOR;
use connector_testkit::Endpoint;

const SIGNATURE_HEADER: &str = "X-Slack-Signature";
const TIMESTAMP_HEADER: &str = "X-Slack-Request-Timestamp";
const BODY: &str = r#"{"type":"url_verification","token":"t","challenge":"c-123"}"#;
const AT: u64 = 1_767_225_600;
const SIGNATURE: &str = "v0=58e8c5ea4cdd66de374050b7fc0d6155edb248aabf432a9f1a47a78b169a7d38";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("signing_secrets: {secrets}"))
}

fn says(signature: &str, timestamp: &str, now: u64) -> Result<Proof, Rejected> {
    let headers = [(SIGNATURE_HEADER, signature), (TIMESTAMP_HEADER, timestamp)];
    endpoint("slack-signing-secret-0001").verdict(BODY, &headers, now)
}

#[test]
fn the_vector_is_believed() {
    assert_eq!(says(SIGNATURE, "1767225600", AT), Ok(Proof::Signature));
    let wanted = [(TIMESTAMP_HEADER, "1767225600".to_owned()), (SIGNATURE_HEADER, SIGNATURE.to_owned())];
    assert_eq!(endpoint("slack-signing-secret-0001").signed(BODY, AT), wanted);
}

#[test]
fn five_minutes_either_way_are_near_enough() {
    for now in [AT - 300, AT - 299, AT + 299, AT + 300] {
        assert_eq!(says(SIGNATURE, "1767225600", now), Ok(Proof::Signature), "{now}");
    }
    for now in [0, AT - 301, AT + 301, AT + 86_400] {
        assert_eq!(says(SIGNATURE, "1767225600", now), Err(Rejected::Stale), "{now}");
    }
    assert_eq!(says(SIGNATURE, "18446744073709551615", AT), Err(Rejected::Stale));
}

#[test]
fn a_time_of_another_writing_is_refused() {
    let long = "1".repeat(21);
    for timestamp in ["", "+1767225600", "-1", " 1767225600", "1767225600.0", "1767225600s", "0x1", "soon", &long] {
        assert_eq!(says(SIGNATURE, timestamp, AT), Err(Rejected::TimestampMissing), "{timestamp}");
    }
    // The same moment in other digits is another text, and the text is what is signed.
    assert_eq!(says(SIGNATURE, "01767225600", AT), Err(Rejected::SignatureMismatch));
    assert_eq!(says(SIGNATURE, "1767225601", AT), Err(Rejected::SignatureMismatch));
}

#[test]
fn a_header_that_is_missing_doubled_or_broken_is_refused() {
    let endpoint = endpoint("slack-signing-secret-0001");
    let (signature, timestamp) = ((SIGNATURE_HEADER, SIGNATURE), (TIMESTAMP_HEADER, "1767225600"));
    assert_eq!(endpoint.verdict(BODY, &[timestamp], AT), Err(Rejected::SignatureMissing));
    assert_eq!(endpoint.verdict(BODY, &[signature], AT), Err(Rejected::TimestampMissing));
    assert_eq!(endpoint.verdict(BODY, &[signature, timestamp, timestamp], AT), Err(Rejected::TimestampMissing));
    assert_eq!(endpoint.verdict(BODY, &[signature, signature, timestamp], AT), Err(Rejected::SignatureMissing));
    for value in ["", "v0=", &SIGNATURE.replace("v0=", ""), &SIGNATURE.replace("v0=", "v1="), &format!("{SIGNATURE}00")]
    {
        assert_eq!(says(value, "1767225600", AT), Err(Rejected::SignatureMalformed), "{value}");
    }
}

#[test]
fn where_the_time_ends_and_the_body_begins_cannot_be_moved() {
    let endpoint = endpoint("slack-signing-secret-0001");
    let moved = format!("0:{BODY}");
    let headers = [(SIGNATURE_HEADER, SIGNATURE), (TIMESTAMP_HEADER, "176722560")];
    assert_ne!(endpoint.verdict(&moved, &headers, 176_722_560), Ok(Proof::Signature));
}

#[test]
fn while_a_secret_is_replaced_both_are_believed() {
    let headers = [(SIGNATURE_HEADER, SIGNATURE), (TIMESTAMP_HEADER, "1767225600")];
    let verdict = |secrets: &str| endpoint(secrets).verdict(BODY, &headers, AT);
    assert_eq!(verdict("[other, slack-signing-secret-0001]"), Ok(Proof::Signature));
    assert_eq!(verdict("other"), Err(Rejected::SignatureMismatch));
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["slack.signing_secrets"]);
}
