//! Which requests are believed. How Meta's signature is written is tested with Messenger, which shares it.

use connector_instagram::CONNECTOR;
use connector_sdk::{Proof, Rejected};
use connector_testkit::Endpoint;

const HEADER: &str = "X-Hub-Signature-256";
const PLAIN: &str = r#"{"object":"instagram","entry":[{"id":"17840001","time":1767225800123,"messaging":[{"sender":{"id":"550001"},"recipient":{"id":"17840001"},"timestamp":1767225800000,"message":{"mid":"aWdfMQ","text":"hello"}}]}]}"#;
const PLAIN_SIGNATURE: &str = "sha256=98ba46dd35429898b978359aa5851818686b947f01801c61038b916f0d254035";
/// As on the wire: characters beyond ASCII and slashes are escaped, and the signature covers that.
const ESCAPED: &str = r#"{"object":"instagram","entry":[{"id":"17840001","time":1767225800123,"messaging":[{"sender":{"id":"550001"},"recipient":{"id":"17840001"},"timestamp":1767225800000,"message":{"mid":"aWdfMg","text":"caf\u00e9 \ud83d\ude00 a\/b"}}]}]}"#;
const ESCAPED_SIGNATURE: &str = "sha256=70a59568a5ca21f896e053e311a3cbdba2a1ab1db581a00fa186c1d3aaa7ee79";

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
    let sha1 = "sha1=74c173bfc1c3d5bc0e316e74a7547691ca066621";
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
    let path = |name: &str| format!("instagram.{name}");
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), [path("app_secrets"), path("verify_token")]);
}
