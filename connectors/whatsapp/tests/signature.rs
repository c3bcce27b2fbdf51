//! Which requests are believed. How Meta's signature is written is tested with Messenger, which shares it.

use connector_sdk::{Proof, Rejected};
use connector_testkit::Endpoint;
use connector_whatsapp::CONNECTOR;

const HEADER: &str = "X-Hub-Signature-256";
const PLAIN: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"30001","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"40001"},"messages":[{"from":"38640111222","id":"wamid.AAA1","timestamp":"1767226000","type":"text","text":{"body":"hello"}}]}}]}]}"#;
const PLAIN_SIGNATURE: &str = "sha256=b8bda323d5b8bdd4ca7bb0b23e84c8f3dc3bfbd6bff704d4170a13193d46edb0";
/// As on the wire: characters beyond ASCII and slashes are escaped, and the signature covers that.
const ESCAPED: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"30001","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"40001"},"messages":[{"from":"38640111222","id":"wamid.AAA2","timestamp":"1767226000","type":"text","text":{"body":"caf\u00e9 \ud83d\ude00 a\/b"}}]}}]}]}"#;
const ESCAPED_SIGNATURE: &str = "sha256=bf64dbf28241c9fe6e96089039e2bc568b865cef2f6a3bdffefb2b2086b49e06";

fn endpoint(secrets: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("app_secrets: {secrets}\nverify_token: word"))
}

fn says(secrets: &str, body: &str, signature: &str) -> Result<Proof, Rejected> {
    endpoint(secrets).verdict(body, &[(HEADER, signature)], 0)
}

#[test]
fn the_vectors_are_believed() {
    for (body, signature) in [(PLAIN, PLAIN_SIGNATURE), (ESCAPED, ESCAPED_SIGNATURE)] {
        assert_eq!(says("meta-app-secret-0001", body, signature), Ok(Proof::Signature));
        assert_eq!(endpoint("meta-app-secret-0001").signed(body, 0), [(HEADER, signature.to_owned())]);
    }
}

#[test]
fn a_body_that_was_read_and_written_again_is_refused() {
    let rewritten = ESCAPED.replace(r"\u00e9", "é").replace(r"\ud83d\ude00", "😀").replace(r"\/", "/");
    assert_ne!(rewritten, ESCAPED);
    assert_eq!(says("meta-app-secret-0001", &rewritten, ESCAPED_SIGNATURE), Err(Rejected::SignatureMismatch));
}

#[test]
fn another_body_secret_or_signature_is_refused() {
    let mismatch = Err(Rejected::SignatureMismatch);
    assert_eq!(says("meta-app-secret-0001", &PLAIN.replace("hello", "hallo"), PLAIN_SIGNATURE), mismatch);
    assert_eq!(says("meta-app-secret-0001", PLAIN, ESCAPED_SIGNATURE), mismatch);
    assert_eq!(says("another-secret", PLAIN, PLAIN_SIGNATURE), mismatch);
    let digits = PLAIN_SIGNATURE.trim_start_matches("sha256=");
    for malformed in ["", digits, "sha256=", &PLAIN_SIGNATURE.replace("256", "512"), &format!("{PLAIN_SIGNATURE}0")] {
        assert_eq!(says("meta-app-secret-0001", PLAIN, malformed), Err(Rejected::SignatureMalformed), "{malformed}");
    }
    assert_eq!(endpoint("meta-app-secret-0001").verdict(PLAIN, &[], 0), Err(Rejected::SignatureMissing));
}

#[test]
fn the_older_signature_is_never_enough() {
    let sha1 = "sha1=34938a26113652112394c0bcf95fd63ab80e1901";
    let verdict = endpoint("meta-app-secret-0001").verdict(PLAIN, &[("X-Hub-Signature", sha1)], 0);
    assert_eq!(verdict, Err(Rejected::SignatureMissing));
    assert_eq!(says("meta-app-secret-0001", PLAIN, sha1), Err(Rejected::SignatureMalformed));
}

#[test]
fn several_secrets_are_good_at_once() {
    for secrets in ["[meta-app-secret-0001, the-other]", "[the-other, meta-app-secret-0001]"] {
        assert_eq!(says(secrets, PLAIN, PLAIN_SIGNATURE), Ok(Proof::Signature), "{secrets}");
    }
}

#[test]
fn secrets_and_a_token_are_needed() {
    let path = |name: &str| format!("whatsapp.{name}");
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), [path("app_secrets"), path("verify_token")]);
}
