//! Which requests are believed.

use connector_sdk::{Ack, Proof, Rejected};
use connector_testkit::Endpoint;
use connector_tiktok::CONNECTOR;

const HEADER: &str = "Tiktok-Signature";
const BODY: &str = r#"{"event":"im_receive_msg"}"#;
const AT: u64 = 1_767_225_600;
const DIGEST: &str = "84d37dfe0655cbd777da47ed40898ffe81ff643fe591a7813bdbdc123efc4054";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("client_secrets: {secrets}"))
}

fn says(value: &str, at: u64) -> Result<Proof, Rejected> {
    endpoint("tiktok-client-secret-0001").verdict(BODY, &[(HEADER, value)], at)
}

#[test]
fn the_vector_is_believed() {
    let vector = format!("t={AT},s={DIGEST}");
    assert_eq!(says(&vector, AT), Ok(Proof::Signature));
    assert_eq!(says(&format!("s={DIGEST}, t={AT},v=2"), AT), Ok(Proof::Signature), "in any order, beside others");
    assert_eq!(endpoint("tiktok-client-secret-0001").signed(BODY, AT), [(HEADER, vector)]);
}

#[test]
fn other_headers_are_refused() {
    let base64 = "hNN9/gZVy9d32kftQImP/oH/ZD/lkaeBO9vcEj78QFQ=";
    for (value, why) in [
        (String::new(), Rejected::TimestampMissing),
        (format!("s={DIGEST}"), Rejected::TimestampMissing),
        (format!("t=soon,s={DIGEST}"), Rejected::TimestampMissing),
        (format!("t={AT},t={AT},s={DIGEST}"), Rejected::TimestampMissing),
        (format!("t={AT}"), Rejected::SignatureMalformed),
        (format!("t={AT},s={base64}"), Rejected::SignatureMalformed),
        (format!("t={AT},s={DIGEST}00"), Rejected::SignatureMalformed),
        (format!("t={AT},s={DIGEST},s={DIGEST}"), Rejected::SignatureMalformed),
        (format!("t={AT},s={}", DIGEST.replacen('8', "9", 1)), Rejected::SignatureMismatch),
        (format!("t={},s={DIGEST}", AT + 1), Rejected::SignatureMismatch),
    ] {
        assert_eq!(says(&value, AT), Err(why), "{value}");
    }
    assert_eq!(endpoint("s").verdict(BODY, &[], AT), Err(Rejected::SignatureMissing));
}

#[test]
fn a_signature_is_good_for_five_minutes() {
    let value = format!("t={AT},s={DIGEST}");
    for at in [AT - 300, AT - 299, AT + 299, AT + 300] {
        assert_eq!(says(&value, at), Ok(Proof::Signature), "{at}");
    }
    for at in [AT - 301, AT + 301] {
        assert_eq!(says(&value, at), Err(Rejected::Stale), "{at}");
    }
}

#[test]
fn while_the_secret_is_replaced_both_are_believed() {
    let value = format!("t={AT},s={DIGEST}");
    let verdict = |secrets: &str| endpoint(secrets).verdict(BODY, &[(HEADER, &value)], AT);
    assert_eq!(verdict("[other, tiktok-client-secret-0001]"), Ok(Proof::Signature));
    assert_eq!(verdict("other"), Err(Rejected::SignatureMismatch));
}

#[test]
fn nothing_is_answered_but_yes() {
    assert_eq!(endpoint("s").ack(BODY), Ack::Empty);
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["tiktok.client_secrets"]);
    let account = "client_secrets: s\naccounts: {biz-1: {refresh_token: r}}";
    assert_eq!(Endpoint::faults(&CONNECTOR, account), ["tiktok.client_id"]);
    assert!(!endpoint("s").sends());
}
