//! Settings of sending and renewing, and rules that no single golden shows.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Body, Method, RefreshError, Reply},
};
use connector_testkit::{Endpoint, steps};
use connector_x::CONNECTOR;

const BASE: &str = "consumer_secrets: s\n";
const ACCOUNT: &str = "accounts:\n  '1110001': {refresh_token: rt-0001}\n";
const CLIENT: &str = "client_id: client01\nclient_secret: clientSecretForTests01\n";

#[test]
fn without_an_account_it_only_receives() {
    assert!(!Endpoint::of(&CONNECTOR, BASE).sends());
    assert!(Endpoint::of(&CONNECTOR, &format!("{BASE}{ACCOUNT}{CLIENT}")).sends());
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    for (wrong, named) in [
        ("accounts:\n  '@shop': {token: t}\n".to_owned(), "x.accounts"),
        (ACCOUNT.to_owned(), "x.client_id"),
        (format!("{ACCOUNT}client_id: c\nclient_secret: x\npost_length: 0\n"), "x.post_length"),
        ("client_id: c\n".to_owned(), "x.client_secret"),
        ("client_secret: c\n".to_owned(), "x.client_id"),
        ("api_url: http://api.example.test\n".to_owned(), "x.api_url"),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, &format!("{BASE}{wrong}")), [named], "{wrong}");
    }
}

#[test]
fn a_token_is_renewed_as_a_confidential_client_does() {
    let (endpoint, faults) = steps::read(&CONNECTOR, &format!("{BASE}{ACCOUNT}{CLIENT}api_url: http://127.0.0.1:9"));
    assert!(faults.is_empty(), "{faults:?}");
    let refresh = endpoint.outbound().unwrap().refresh().unwrap();
    let call = refresh.call("1110001", &Secret::from("rt-0001"));
    assert_eq!((call.method, call.url.as_str()), (Method::Post, "http://127.0.0.1:9/2/oauth2/token"));
    let Body::Form(fields) = &call.body else { panic!("a form") };
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(fields, [("grant_type", "refresh_token"), ("refresh_token", "rt-0001")]);
    assert_eq!(call.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["Authorization"]);
    let reply = |status, body: &'static str| Reply { status, retry_after: None, body: body.into() };
    let pair = refresh.read(&reply(
        200,
        r#"{"token_type":"bearer","expires_in":7200,"access_token":"at","refresh_token":"rt-0002"}"#,
    ));
    let pair = pair.unwrap();
    assert_eq!((pair.access.expose_secret(), pair.expires_in), ("at", Some(Duration::from_secs(7200))));
    assert!(refresh.single_use() && pair.refresh.is_some());
    let refused = refresh.read(&reply(400, r#"{"error":"invalid_request","error_description":"made up"}"#));
    assert!(matches!(refused, Err(RefreshError::Final { .. })));
    assert!(!format!("{endpoint:?}").contains("clientSecretForTests01"));
}

#[test]
fn the_pause_is_until_the_moment_the_header_names() {
    let (endpoint, _) = steps::read(&CONNECTOR, &format!("{BASE}{ACCOUNT}{CLIENT}"));
    let now = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let pause = |name: &str, value: &str| endpoint.outbound().unwrap().pause(name, value, now);
    assert_eq!(pause("x-rate-limit-reset", "1767225690"), Some(Duration::from_secs(90)));
    assert_eq!(pause("x-rate-limit-reset", "99999999999"), Some(Duration::from_secs(86_400)));
    for (name, value) in [("x-rate-limit-reset", "1767225599"), ("x-rate-limit-reset", "soon"), ("x-rate-limit", "9")] {
        assert_eq!(pause(name, value), None, "{name}: {value}");
    }
}
