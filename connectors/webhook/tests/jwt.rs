//! Signed tokens: with a secret, and with public keys.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use connector_sdk::{
    Proof, Rejected, Secret,
    signature::{Algorithm, sign_hmac_assembled},
};
use connector_testkit::Endpoint;
use connector_webhook::CONNECTOR;
use serde_json::{Value, json};

use common::faults_of;

const NOW: u64 = 1_767_225_600;

fn yaml(verify: &str) -> String {
    format!("account: a\nevents: \"empty\"\nverify:\n  {}\n", verify.replace('\n', "\n  "))
}

fn endpoint(more: &str) -> Endpoint {
    let yaml = yaml(&format!("scheme: jwt\nalgorithm: HS256\nsecrets: [older, k]\n{more}"));
    assert_eq!(faults_of(&yaml), Vec::<String>::new());
    Endpoint::of(&CONNECTOR, &yaml)
}

fn token(header: &Value, claims: &Value, secret: &str) -> String {
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = sign_hmac_assembled(Algorithm::Sha256, signed.as_bytes(), &Secret::from(secret));
    format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn says(endpoint: &Endpoint, body: &str, claims: &Value) -> Result<Proof, Rejected> {
    let token = token(&json!({"alg": "HS256"}), claims, "k");
    endpoint.verdict(body, &[("Authorization", &token)], NOW)
}

#[test]
fn a_token_without_the_bodys_digest_proves_no_body() {
    let endpoint = endpoint("issuer: desk\naudience: us");
    let right = json!({"iss": "desk", "aud": ["them", "us"], "exp": NOW + 10, "nbf": NOW - 10});
    assert_eq!(says(&endpoint, "{}", &right), Ok(Proof::Token));
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        says(&endpoint, "{}", &claims)
    };
    assert_eq!(with("iss", json!("other")), Err(Rejected::WrongApplication));
    assert_eq!(with("aud", json!("them")), Err(Rejected::WrongApplication));
    assert_eq!(with("exp", json!(NOW - 61)), Err(Rejected::Stale));
    assert_eq!(with("exp", json!(NOW - 60)), Ok(Proof::Token));
    assert_eq!(with("nbf", json!(NOW + 61)), Err(Rejected::Stale));
    assert_eq!(with("iat", json!(NOW + 61)), Err(Rejected::Stale));
    for wrong in [json!(null), json!("soon"), json!(-1)] {
        assert_eq!(with("exp", wrong), Err(Rejected::TimestampMissing));
    }
    let no_end = json!({"iss": "desk", "aud": "us"});
    assert_eq!(says(&endpoint, "{}", &no_end), Err(Rejected::TimestampMissing), "a token that never ends");
}

#[test]
fn a_token_that_names_the_bodys_digest_is_a_signature() {
    let endpoint = endpoint("body_claim: digest");
    // sha256 of {}
    let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let claims = json!({"exp": NOW, "digest": digest});
    assert_eq!(says(&endpoint, "{}", &claims), Ok(Proof::Signature));
    assert_eq!(says(&endpoint, "{ }", &claims), Err(Rejected::SignatureMismatch));
    assert_eq!(says(&endpoint, "{}", &json!({"exp": NOW})), Err(Rejected::SignedPartMissing));
}

#[test]
fn the_token_does_not_choose_its_algorithm() {
    let endpoint = endpoint("");
    let claims = json!({"exp": NOW});
    let of = |value: &str| endpoint.verdict("{}", &[("Authorization", value)], NOW);
    assert_eq!(of(&token(&json!({"alg": "HS256"}), &claims, "k")), Ok(Proof::Token));
    for alg in ["none", "HS512", "RS256", ""] {
        assert_eq!(of(&token(&json!({"alg": alg}), &claims, "k")), Err(Rejected::SignatureMalformed), "{alg}");
    }
    assert_eq!(of(&token(&json!({"alg": "HS256"}), &claims, "guessed")), Err(Rejected::SignatureMismatch));
    let unsigned = format!("Bearer {}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode("{}"));
    assert_eq!(of(&unsigned), Err(Rejected::SignatureMismatch));
    for wrong in ["Bearer", "Bearer a.b", "Bearer a.b.?", "Basic YTpi", ""] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
    assert_eq!(endpoint.verdict("{}", &[], NOW), Err(Rejected::SignatureMissing));
}

#[test]
fn public_keys_prove_what_their_own_half_signed() {
    for (algorithm, private, public, other) in [
        ("ES256", include_str!("keys/es256.key"), include_str!("keys/es256.pem"), include_str!("keys/other.pem")),
        ("RS256", include_str!("keys/rs256.key"), include_str!("keys/rs256.pem"), ""),
    ] {
        let of = |key: &str| {
            let yaml = yaml(&format!("scheme: jwt\nalgorithm: {algorithm}\nsecrets: {}", Value::from(key)));
            assert_eq!(faults_of(&yaml), Vec::<String>::new(), "{algorithm}");
            Endpoint::of(&CONNECTOR, &yaml)
        };
        let own = format!("test:{}", private.lines().filter(|line| !line.starts_with('-')).collect::<String>());
        let signed = of(&own).signed("{}", NOW);
        let headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(of(public).verdict("{}", &headers, NOW), Ok(Proof::Token), "{algorithm}");
        assert_eq!(of(public).verdict("{}", &headers, NOW + 200), Err(Rejected::Stale), "{algorithm}");
        if !other.is_empty() {
            assert_eq!(of(other).verdict("{}", &headers, NOW), Err(Rejected::SignatureMismatch), "{algorithm}");
        }
        // A public key is no secret: a token signed with its text proves nothing.
        let forged = token(&json!({"alg": "HS256"}), &json!({"exp": NOW + 60}), public);
        assert_eq!(of(public).verdict("{}", &[("Authorization", &forged)], NOW), Err(Rejected::SignatureMismatch));
    }
    let wrong = yaml("scheme: jwt\nalgorithm: RS256\nsecrets: no-key");
    assert!(faults_of(&wrong).iter().any(|fault| fault.contains("verify.secrets")), "{:?}", faults_of(&wrong));
}

fn published(more: &str) -> Endpoint {
    let yaml = yaml(&format!(
        "scheme: jwks\njwks_url: https://issuer.example.test/keys\nissuer: desk\naudience: us\nsimulation_key: words\n{more}"
    ));
    assert_eq!(faults_of(&yaml), Vec::<String>::new());
    Endpoint::of(&CONNECTOR, &yaml)
}

#[test]
fn a_published_key_proves_the_body_where_the_token_names_its_digest() {
    for (more, proof, other) in [
        ("", Proof::Token, Ok(Proof::Token)),
        ("header: X-Token", Proof::Token, Ok(Proof::Token)),
        ("body_claim: digest\nencoding: base64", Proof::Signature, Err(Rejected::SignatureMismatch)),
    ] {
        let endpoint = published(more);
        let signed = endpoint.signed("{}", NOW);
        let headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(endpoint.verdict("{}", &headers, NOW), Ok(proof), "{more}");
        assert_eq!(endpoint.verdict("[]", &headers, NOW), other, "{more}");
        assert_eq!(endpoint.verdict("{}", &headers, NOW + 361), Err(Rejected::Stale), "{more}");
        assert_eq!(endpoint.verdict("{}", &[], NOW), Err(Rejected::SignatureMissing), "{more}");
    }
    let other = published("").signed("{}", NOW);
    let headers: Vec<_> = other.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        published("body_claim: digest").verdict("{}", &headers, NOW),
        Err(Rejected::SignedPartMissing),
        "a token that covers no body"
    );
}

#[test]
fn what_an_issuers_token_has_to_say_is_required() {
    let faults = faults_of(&yaml("scheme: jwks\njwks_url: http://issuer.example.test/keys"));
    for wanted in
        ["verify.jwks_url: expected an https address", "verify.issuer: is required", "verify.audience: is required"]
    {
        assert!(faults.iter().any(|fault| fault.contains(wanted)), "{wanted}: {faults:?}");
    }
}
