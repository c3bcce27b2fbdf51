//! How tokens are renewed, and which failures are for good.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[cfg(test)]
mod common;

use std::time::Duration;

use common::configured;
use connector_sdk::{
    Connector, ExposeSecret as _, Secret,
    outbound::{Body, Effect, Method, Pair, RefreshError, Reply},
};

const OA: &str = "7770001112223334445";

fn endpoint() -> Box<dyn Connector> {
    let base = "app_id: '1000000000000000001'\noa_secret_keys: s\napp_secret: appSecretForTests01\n";
    configured(&format!("{base}accounts: {{'{OA}': {{refresh_token: rt-0001}}}}\noauth_url: http://127.0.0.1:9"))
        .unwrap()
}

fn read(status: u16, body: &str) -> Result<Pair, RefreshError> {
    let reply = Reply { status, retry_after: None, body: body.to_owned().into() };
    endpoint().outbound().unwrap().refresh().unwrap().read(&reply)
}

#[test]
fn the_call_is_as_documented() {
    let endpoint = endpoint();
    let call = endpoint.outbound().unwrap().refresh().unwrap().call(OA, &Secret::from("rt-0001"));
    assert_eq!((call.method, call.effect), (Method::Post, Effect::Repeatable));
    assert_eq!(call.url, "http://127.0.0.1:9/v4/oa/access_token");
    assert_eq!(call.headers, [("secret_key", "appSecretForTests01".to_owned())]);
    let Body::Form(fields) = call.body else { panic!("a form") };
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let wanted = [("refresh_token", "rt-0001"), ("app_id", "1000000000000000001"), ("grant_type", "refresh_token")];
    assert_eq!(fields, wanted);
}

#[test]
fn tokens_last_a_day_and_an_hour_and_are_renewed_five_hours_before() {
    let pair = read(200, r#"{"access_token":"at-0002","refresh_token":"rt-0002","expires_in":"90000"}"#).unwrap();
    assert_eq!(pair.access.expose_secret(), "at-0002");
    assert_eq!(pair.refresh.unwrap().expose_secret(), "rt-0002");
    assert_eq!(pair.expires_in, Some(Duration::from_secs(90_000)));
    let as_number = read(200, r#"{"access_token":"a","refresh_token":"r","expires_in":90000}"#).unwrap();
    assert_eq!(as_number.expires_in, Some(Duration::from_secs(90_000)));
    let endpoint = endpoint();
    let refresh = endpoint.outbound().unwrap().refresh().unwrap();
    assert_eq!((refresh.ahead().as_secs(), refresh.single_use()), (5 * 3600, true));
}

#[test]
fn an_answer_without_a_token_is_a_failure_for_good() {
    let code = |body: &str| match read(200, body).unwrap_err() {
        RefreshError::Final { code } => code,
        RefreshError::Passing { code } => panic!("{code} is for good"),
    };
    let refused =
        r#"{"error":-14014,"error_name":"Invalid refresh token","error_reason":"","error_description":"made-up"}"#;
    assert_eq!(code(refused), "-14014");
    assert_eq!(
        code(r#"{"error_name":"Invalid refresh token","error_description":"made-up"}"#),
        "Invalid refresh token"
    );
    assert_eq!(code(r#"{"error":0,"error_name":"Invalid <b>app"}"#), "Invalid");
    assert_eq!(code(r#"{"access_token":"","refresh_token":"rt-0002"}"#), "http_200");
    assert_eq!(code("{}"), "http_200");
}

#[test]
fn what_may_pass_does_not_end_the_consent() {
    let passing = [
        (200, r#"{"error":-32,"error_name":"Too many requests"}"#, "-32"),
        (200, "<html>", "http_200"),
        (200, "", "http_200"),
        (502, "<html>", "http_502"),
        (500, r#"{"error":-14014}"#, "-14014"),
        (429, "{}", "http_429"),
    ];
    for (status, body, code) in passing {
        assert_eq!(read(status, body).unwrap_err(), RefreshError::Passing { code: code.into() }, "{status} {body}");
    }
}

#[test]
fn without_the_app_secret_nothing_is_renewed() {
    let endpoint = configured(&format!("app_id: '1'\noa_secret_keys: s\naccounts: {{'{OA}': {{token: t}}}}")).unwrap();
    assert!(endpoint.outbound().unwrap().refresh().is_none());
}

#[test]
fn no_secret_of_sending_is_shown() {
    let shown = format!("{:?}", endpoint());
    assert!(
        shown.contains("Sender") && !shown.contains("appSecretForTests01") && !shown.contains("rt-0001"),
        "{shown}"
    );
}
