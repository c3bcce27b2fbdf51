//! Which requests are believed, and what Discord hears at once.

#![allow(clippy::string_slice, reason = "tests fail by panicking")]

use connector_discord::CONNECTOR;
use connector_sdk::{Ack, Proof, Rejected};
use connector_testkit::Endpoint;

const KEY: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
const OTHER: &str = "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7";
const BODY: &str = r#"{"type":1}"#;
const AT: u64 = 1_767_225_600;
const TIME: &str = "1767225600";
const SIGNATURE: &str = "25aa4784bff62901fdfb578701f99af3dd1d7ebd0a0de05316b3453d30c2d592ce160c002a6c878a7fae2e0dd551179e7f002c0a600c04899e3c5fd7e652d00a";

fn endpoint(keys: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("public_keys: {keys}"))
}

fn says(signature: &str, time: &str, at: u64) -> Result<Proof, Rejected> {
    let headers = [("X-Signature-Ed25519", signature), ("X-Signature-Timestamp", time)];
    endpoint(KEY).verdict(BODY, &headers, at)
}

#[test]
fn the_vector_is_believed() {
    assert_eq!(says(SIGNATURE, TIME, AT), Ok(Proof::Signature));
    assert_eq!(says(&SIGNATURE.to_uppercase(), TIME, AT), Ok(Proof::Signature));
}

#[test]
fn other_signatures_are_refused() {
    let base64 = "JapHhL/2KQH9+1eHAfma890dfr0KDeBTFrNFPTDC1ZLOFgwAKmyHin+uLg3VUReefwAsCmAMBImePF/X5lLQCg==";
    for malformed in ["x", base64, &SIGNATURE[1..]] {
        assert_eq!(says(malformed, TIME, AT), Err(Rejected::SignatureMalformed), "{malformed}");
    }
    for wrong in ["", &SIGNATURE.replacen('2', "3", 1), &SIGNATURE[2..], &format!("{SIGNATURE}00")] {
        assert_eq!(says(wrong, TIME, AT), Err(Rejected::SignatureMismatch), "{wrong}");
    }
    let headers = [("X-Signature-Ed25519", SIGNATURE), ("X-Signature-Timestamp", TIME)];
    assert_eq!(endpoint(KEY).verdict("{\"type\":2}", &headers, AT), Err(Rejected::SignatureMismatch));
    assert_eq!(endpoint(KEY).verdict(BODY, &headers[..1], AT), Err(Rejected::TimestampMissing));
    assert_eq!(endpoint(KEY).verdict(BODY, &headers[1..], AT), Err(Rejected::SignatureMissing));
    assert_eq!(says(SIGNATURE, "soon", AT), Err(Rejected::TimestampMissing));
}

#[test]
fn a_signature_is_good_for_five_minutes() {
    for at in [AT - 300, AT - 299, AT + 299, AT + 300] {
        assert_eq!(says(SIGNATURE, TIME, at), Ok(Proof::Signature), "{at}");
    }
    for at in [AT - 301, AT + 301] {
        assert_eq!(says(SIGNATURE, TIME, at), Err(Rejected::Stale), "{at}");
    }
}

#[test]
fn the_end_of_the_time_cannot_be_moved_into_the_body() {
    let headers = [("X-Signature-Ed25519", SIGNATURE), ("X-Signature-Timestamp", "176722560")];
    assert_eq!(endpoint(KEY).verdict("0{\"type\":1}", &headers, AT), Err(Rejected::Stale));
}

#[test]
fn while_the_key_is_replaced_both_are_believed() {
    let headers = [("X-Signature-Ed25519", SIGNATURE), ("X-Signature-Timestamp", TIME)];
    assert_eq!(endpoint(&format!("[{OTHER}, {KEY}]")).verdict(BODY, &headers, AT), Ok(Proof::Signature));
    assert_eq!(endpoint(OTHER).verdict(BODY, &headers, AT), Err(Rejected::SignatureMismatch));
}

#[test]
fn each_call_is_answered_as_discord_wants() {
    let json = |text: &'static str| Ack::Json(text.into());
    let deferred = json(r#"{"type":5}"#);
    for (sample, expected) in [
        ("ping", json(r#"{"type":1}"#)),
        ("event_ping", Ack::NoContent),
        ("command", deferred.clone()),
        ("component_button", json(r#"{"type":6}"#)),
        ("autocomplete", json(r#"{"type":8,"data":{"choices":[]}}"#)),
        ("modal_submit", deferred),
        ("modal_submit_message", json(r#"{"type":6}"#)),
        ("application_authorized", Ack::NoContent),
        ("entitlement_create", Ack::NoContent),
    ] {
        assert_eq!(endpoint(KEY).ack(CONNECTOR.sample(sample).unwrap().body), expected, "{sample}");
    }
    assert_eq!(endpoint(KEY).ack(BODY), json(r#"{"type":1}"#));
    let alone = Endpoint::of(&CONNECTOR, &format!("public_keys: {KEY}\nephemeral: true"));
    let command = CONNECTOR.sample("command").unwrap().body;
    assert_eq!(alone.ack(command), json(r#"{"type":5,"data":{"flags":64}}"#));
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["discord.public_keys"]);
    assert_eq!(Endpoint::faults(&CONNECTOR, "public_keys: not-a-key"), ["discord.public_keys"]);
    let account = format!("public_keys: {KEY}\naccounts: {{shop: {{token: t}}}}");
    assert_eq!(Endpoint::faults(&CONNECTOR, &account), ["discord.accounts"]);
    assert!(!endpoint(KEY).sends());
}
