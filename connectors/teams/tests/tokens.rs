//! How a bot's token is fetched, and what the answers mean.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Body, Pair, RefreshError, Reply},
};
use connector_teams::CONNECTOR;
use connector_testkit::configured;

fn read(status: u16, body: &'static str) -> Result<Pair, RefreshError> {
    let connector = configured(&CONNECTOR, "");
    let refresh = connector.outbound().and_then(|outbound| outbound.refresh()).expect("tokens are fetched");
    refresh.read(&Reply { status, retry_after: None, body: body.into() })
}

#[test]
fn a_token_is_asked_for_with_the_clients_secret() {
    let connector = configured(&CONNECTOR, "");
    let refresh = connector.outbound().and_then(|outbound| outbound.refresh()).expect("tokens are fetched");
    let call = refresh.call("28:00000000-0000-0000-0000-000000000010", &Secret::from("client-secret"));
    assert_eq!(call.url, "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token");
    let Body::Form(fields) = &call.body else { panic!("a form") };
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", "00000000-0000-0000-0000-000000000010"),
        ("client_secret", "client-secret"),
        ("scope", "https://api.botframework.com/.default"),
    ];
    assert_eq!(fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>(), expected);
    assert!(!refresh.single_use(), "the secret works as often as it is used");
}

#[test]
fn a_token_has_an_end_and_a_refusal_is_final_only_when_it_is() {
    let pair = read(200, r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#).expect("a token");
    assert_eq!((pair.access.expose_secret(), pair.expires_in), ("t", Some(Duration::from_secs(3599))));
    assert!(pair.refresh.is_none());
    let code = |code: &str| code.to_owned();
    for (status, body, error) in [
        (
            401,
            r#"{"error":"invalid_client","error_description":"words"}"#,
            RefreshError::Final { code: code("invalid_client") },
        ),
        (400, r#"{"error":"unauthorized_client"}"#, RefreshError::Final { code: code("unauthorized_client") }),
        (
            429,
            r#"{"error":"temporarily_unavailable"}"#,
            RefreshError::Passing { code: code("temporarily_unavailable") },
        ),
        (500, "<html>", RefreshError::Passing { code: code("http_500") }),
        (200, "{}", RefreshError::Passing { code: code("http_200") }),
        (400, r#"{"error":"A sentence."}"#, RefreshError::Passing { code: code("http_400") }),
    ] {
        assert_eq!(read(status, body).map(|_| ()), Err(error), "{status} {body}");
    }
}
