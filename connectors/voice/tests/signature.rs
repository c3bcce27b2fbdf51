//! Which calls are believed.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::SystemTime;

use connector_sdk::{Proof, RawRequest, Rejected};
use connector_testkit::{Endpoint, configured};
use connector_voice::{CONNECTOR, providers};
use http::{HeaderMap, Method};

const STRINGEE: &str = "provider: stringee\nsecrets: [older, stringeeSigningKey]\n";
const HEADER: &str = "X-STRINGEE-SIGNATURE";
const BODY: &str = r#"{"call_status":"started","project_id":77,"timestamp_ms":1767225600123,"type":"stringee_call","call_id":"call-vn-1-TEST000001-1767225600000"}"#;
const SIGNATURE: &str = "8srMgbsic9n6zt1996Ti6pyYZzk=";
/// The time in [`BODY`], in seconds.
const THEN: u64 = 1_767_225_600;

fn stringee(body: &str, signature: &str, at: u64) -> Result<Proof, Rejected> {
    Endpoint::of(&CONNECTOR, STRINGEE).verdict(body, &[(HEADER, signature)], at)
}

#[test]
fn stringee_signs_the_body() {
    assert_eq!(stringee(BODY, SIGNATURE, THEN), Ok(Proof::Signature));
    let signed = Endpoint::of(&CONNECTOR, "provider: stringee\nsecrets: stringeeSigningKey\n").signed(BODY, THEN);
    assert_eq!(signed, [("x-stringee-signature", SIGNATURE.to_owned())]);
    for (body, signature) in [
        (BODY.replace("77", "78"), SIGNATURE),
        (format!("{BODY}\n"), SIGNATURE),
        (BODY.to_owned(), "9srMgbsic9n6zt1996Ti6pyYZzk="),
        // The vector of an address, which is what Stringee signs of a GET.
        (BODY.to_owned(), "9bi0jO6yupbi4JmTt5v54BL+AdQ="),
    ] {
        assert_eq!(stringee(&body, signature, THEN), Err(Rejected::SignatureMismatch), "{body} {signature}");
    }
    // The digest as hexadecimal digits is base64 of something else.
    let hexadecimal = "f2cacc81bb2273d9facedd7df7a4e2ea9c986739";
    assert_eq!(stringee(BODY, hexadecimal, THEN), Err(Rejected::SignatureMismatch));
    assert_eq!(stringee(BODY, "?", THEN), Err(Rejected::SignatureMalformed));
    let unsigned = Endpoint::of(&CONNECTOR, STRINGEE).verdict(BODY, &[], THEN);
    assert_eq!(unsigned, Err(Rejected::SignatureMissing));
    let other = Endpoint::of(&CONNECTOR, "provider: stringee\nsecrets: other\n");
    assert_eq!(other.verdict(BODY, &[(HEADER, SIGNATURE)], THEN), Err(Rejected::SignatureMismatch));
}

#[test]
fn an_event_of_stringee_is_good_for_a_while() {
    const DAY: u64 = 24 * 3600;
    assert_eq!(stringee(BODY, SIGNATURE, THEN + DAY), Ok(Proof::Signature));
    assert_eq!(stringee(BODY, SIGNATURE, THEN + DAY + 1), Err(Rejected::Stale));
    assert_eq!(stringee(BODY, SIGNATURE, THEN - DAY - 1), Err(Rejected::Stale));
    let short = Endpoint::of(&CONNECTOR, &format!("{STRINGEE}replay_window: 1m\n"));
    assert_eq!(short.verdict(BODY, &[(HEADER, SIGNATURE)], THEN + 61), Err(Rejected::Stale));
    // A signature is looked at first: what a forger writes as time says nothing.
    assert_eq!(stringee(&BODY.replace("77", "78"), SIGNATURE, 0), Err(Rejected::SignatureMismatch));
    let body = r#"{"call_id":"call-1","dtmf":"1"}"#;
    let endpoint = Endpoint::of(&CONNECTOR, STRINGEE);
    let [(name, signature)] = endpoint.signed(body, 0).try_into().expect("one header");
    assert_eq!(endpoint.verdict(body, &[(name, &signature)], THEN), Ok(Proof::Signature), "it has no time");
}

const TOKEN: &str = "an-unguessable-token-0001";

#[test]
fn omicall_has_a_token_in_its_address_or_as_password() {
    let endpoint =
        Endpoint::of(&CONNECTOR, &format!("provider: omicall\nsecrets: [{TOKEN}, an-unguessable-token-0002]\n"));
    let says = |headers: &[(&str, &str)]| endpoint.verdict("{}", headers, THEN);
    assert_eq!(says(&[("x-kenh-token", TOKEN)]), Ok(Proof::Token));
    assert_eq!(says(&[("x-kenh-token", "an-unguessable-token-0002")]), Ok(Proof::Token));
    // kenh:an-unguessable-token-0001
    assert_eq!(says(&[("Authorization", "Basic a2VuaDphbi11bmd1ZXNzYWJsZS10b2tlbi0wMDAx")]), Ok(Proof::Token));
    assert_eq!(says(&[]), Err(Rejected::TokenMissing));
    assert_eq!(says(&[("x-kenh-token", "an-unguessable-token-000")]), Err(Rejected::TokenMismatch));
    assert_eq!(says(&[("Authorization", "Basic a2VuaDo=")]), Err(Rejected::TokenMismatch));
}

/// Calls and recordings are signed alike; the scheme's own vectors are in the SMS connector's tests, which share it.
#[test]
fn twilio_signs_the_address_and_every_field() {
    let (_, twilio) = providers().into_iter().find(|(name, _)| *name == "twilio").expect("it is listed");
    let settings = "provider: twilio\nsecrets: [older, test_auth_token_0001]\npublic_url: https://gw.example.test/v\n";
    let signing = Endpoint::of(
        &twilio,
        "provider: twilio\nsecrets: test_auth_token_0001\npublic_url: https://gw.example.test/v\n",
    );
    let endpoint = Endpoint::of(&twilio, settings);
    for name in ["completed", "recording_completed"] {
        let body = twilio.sample(name).expect("a sample").body;
        let [(header, signature)] = signing.signed(body, 0).try_into().expect("one header");
        assert_eq!(endpoint.verdict(body, &[(header, &signature)], 0), Ok(Proof::Signature));
        let forged = body.replace("AC0000000000000000000000000000000", "AC0000000000000000000000000000009");
        assert_eq!(endpoint.verdict(&forged, &[(header, &signature)], 0), Err(Rejected::SignatureMismatch));
        let elsewhere = Endpoint::of(&twilio, &settings.replace("/v\n", "/w\n"));
        assert_eq!(elsewhere.verdict(body, &[(header, &signature)], 0), Err(Rejected::SignatureMismatch));
    }
    let body = "CallSid=CA1&CallStatus=ringing";
    // HMAC-SHA1 of https://gw.example.test/vCallSidCA1CallStatusringing, made elsewhere.
    assert_eq!(
        endpoint.verdict(body, &[("X-Twilio-Signature", "xoQJRzwdF58OvGScs1+c7msD6qE=")], 0),
        Ok(Proof::Signature)
    );
}

#[test]
fn a_call_of_twilios_by_get_is_signed_by_its_address_alone() {
    let (_, twilio) = providers().into_iter().find(|(name, _)| *name == "twilio").expect("it is listed");
    let example = "provider: twilio\nsecrets: test_auth_token_0001\npublic_url: https://gw.example.test/v\n";
    let endpoint = configured(&connector_sdk::Registration { example, ..twilio }, "");
    assert!(endpoint.delivers_by_get());
    let says = |query: &str, signature: &str| {
        let headers: HeaderMap = [("x-twilio-signature".parse().expect("a name"), signature.parse().expect("a value"))]
            .into_iter()
            .collect();
        let (body, received_at) = (query.as_bytes(), SystemTime::UNIX_EPOCH);
        let call = RawRequest { method: &Method::GET, query, headers: &headers, body, received_at };
        endpoint.verify(call).map(|verified| verified.proof())
    };
    // HMAC-SHA1 of https://gw.example.test/v?CallSid=CA1&CallStatus=ringing, made elsewhere.
    let signature = "TUgewQiUz/G3bkfYN1304HLltN8=";
    assert_eq!(says("CallSid=CA1&CallStatus=ringing", signature), Ok(Proof::Signature));
    assert_eq!(says("CallSid=CA2&CallStatus=ringing", signature), Err(Rejected::SignatureMismatch));
    assert_eq!(says("CallStatus=ringing&CallSid=CA1", signature), Err(Rejected::SignatureMismatch));
}
