//! What counts as signed by Meta.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::time::SystemTime;

use connector_messenger::{CONNECTOR, Messenger};
use connector_sdk::{
    Connector, RawRequest, Rejected, Section,
    settings::{self, Faults},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

const PLAIN: &str = r#"{"object":"page","entry":[{"id":"770001","time":1767225600123,"messaging":[{"sender":{"id":"660001"},"recipient":{"id":"770001"},"timestamp":1767225600000,"message":{"mid":"m_AAA111","text":"hello"}}]}]}"#;
const PLAIN_SIGNATURE: &str = "sha256=98c1ad128e4baf6b7764b1dd1648643b4ea593a6835c291fecbb80b07da13179";
const ESCAPED: &str = r#"{"object":"page","entry":[{"id":"770001","time":1767225600123,"messaging":[{"sender":{"id":"660001"},"recipient":{"id":"770001"},"timestamp":1767225600000,"message":{"mid":"m_AAA112","text":"caf\u00e9 \ud83d\ude00 a\/b"}}]}]}"#;
const ESCAPED_SIGNATURE: &str = "sha256=667c69d71907f61246f0a2848503a234ebce743b945587f5942a38925317f574";

fn connector(secrets: &str) -> Box<dyn Connector> {
    let mut faults = Faults::default();
    let node = settings::parse(&format!("app_secrets: {secrets}\nverify_token: word"), &mut faults);
    let mut section = Section::new(&node, "messenger", &mut faults);
    let connector = (CONNECTOR.configure)(&mut section);
    section.finish();
    assert!(faults.sorted().is_empty());
    connector
}

fn verified(connector: &dyn Connector, headers: &[(&str, &str)], body: &str) -> Result<(), Rejected> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    let request = RawRequest {
        method: &Method::POST,
        query: "",
        headers: &headers,
        body: body.as_bytes(),
        received_at: SystemTime::UNIX_EPOCH,
    };
    connector.verify(request).map(|_| ())
}

fn signed(value: &str, body: &str) -> Result<(), Rejected> {
    verified(&*connector("meta-app-secret-0001"), &[("x-hub-signature-256", value)], body)
}

#[test]
fn bodies_as_meta_sends_them_are_accepted() {
    assert_eq!((PLAIN.len(), ESCAPED.len()), (203, 225));
    assert_eq!(signed(PLAIN_SIGNATURE, PLAIN), Ok(()));
    assert_eq!(signed(ESCAPED_SIGNATURE, ESCAPED), Ok(()));
}

#[test]
fn a_body_that_was_read_and_written_again_is_refused() {
    let rewritten = serde_json::from_str::<serde_json::Value>(ESCAPED).unwrap();
    assert_eq!(signed(ESCAPED_SIGNATURE, &rewritten.to_string()), Err(Rejected::SignatureMismatch));
    let same_order = ESCAPED.replace(r"\u00e9", "é").replace(r"\ud83d\ude00", "😀").replace(r"\/", "/");
    assert_eq!(same_order.len(), 212);
    assert_eq!(signed(ESCAPED_SIGNATURE, &same_order), Err(Rejected::SignatureMismatch));
}

#[test]
fn the_older_signature_is_never_enough() {
    let connector = connector("meta-app-secret-0001");
    let sha1 = "sha1=d975bdf3ef943cb3895770bbb8a9912fdfc78e60";
    assert_eq!(verified(&*connector, &[("x-hub-signature", sha1)], PLAIN), Err(Rejected::SignatureMissing));
    assert_eq!(verified(&*connector, &[("x-hub-signature-256", sha1)], PLAIN), Err(Rejected::SignatureMalformed));
    let both = [("x-hub-signature", sha1), ("x-hub-signature-256", PLAIN_SIGNATURE)];
    assert_eq!(verified(&*connector, &both, PLAIN), Ok(()));
}

#[test]
fn a_signature_that_is_none_is_refused() {
    let digits = PLAIN_SIGNATURE.trim_start_matches("sha256=");
    let malformed = [
        String::new(),
        digits.to_owned(),
        format!("sha512={digits}"),
        format!("sha256={}", &digits[1..]),
        format!("sha256={digits}00"),
        format!("sha256={}", digits.replace('9', "g")),
        format!("sha256:{digits}"),
    ];
    for value in malformed {
        assert_eq!(signed(&value, PLAIN), Err(Rejected::SignatureMalformed), "{value}");
    }
    assert_eq!(verified(&*connector("meta-app-secret-0001"), &[], PLAIN), Err(Rejected::SignatureMissing));
    let twice = [("x-hub-signature-256", PLAIN_SIGNATURE); 2];
    assert_eq!(verified(&*connector("meta-app-secret-0001"), &twice, PLAIN), Err(Rejected::SignatureMissing));
}

#[test]
fn upper_case_digits_are_the_same_digits() {
    let upper = format!("sha256={}", PLAIN_SIGNATURE.trim_start_matches("sha256=").to_uppercase());
    assert_eq!(signed(&upper, PLAIN), Ok(()));
}

#[test]
fn another_body_or_another_secret_is_refused() {
    assert_eq!(signed(PLAIN_SIGNATURE, &PLAIN.replace("hello", "hallo")), Err(Rejected::SignatureMismatch));
    assert_eq!(signed(PLAIN_SIGNATURE, &format!("{PLAIN}\n")), Err(Rejected::SignatureMismatch));
    assert_eq!(signed(PLAIN_SIGNATURE, ""), Err(Rejected::SignatureMismatch));
    let other = connector("meta-app-secret-0002");
    let headers = [("x-hub-signature-256", PLAIN_SIGNATURE)];
    assert_eq!(verified(&*other, &headers, PLAIN), Err(Rejected::SignatureMismatch));
}

#[test]
fn while_a_secret_is_replaced_both_are_good() {
    let headers = [("x-hub-signature-256", PLAIN_SIGNATURE)];
    for secrets in ["[meta-app-secret-0001, the-new-one]", "[the-new-one, meta-app-secret-0001]"] {
        let connector = connector(secrets);
        assert_eq!(verified(&*connector, &headers, PLAIN), Ok(()), "{secrets}");
        let own = connector.sign(PLAIN.as_bytes());
        let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(verified(&*connector, &own, PLAIN), Ok(()), "{secrets}");
    }
}

#[test]
fn without_a_secret_nothing_is_accepted() {
    let bare = Messenger::default();
    assert_eq!(verified(&bare, &[("x-hub-signature-256", PLAIN_SIGNATURE)], PLAIN), Err(Rejected::NoSecret));
    assert!(bare.sign(PLAIN.as_bytes()).is_empty());
}

#[test]
fn what_proves_a_delivery_is_kept_with_it() {
    let connector = connector("meta-app-secret-0001");
    let signed: Vec<_> = connector.sign(b"{}").into_iter().map(|(name, _)| name).collect();
    assert_eq!(connector.proof_headers(), signed);
}
