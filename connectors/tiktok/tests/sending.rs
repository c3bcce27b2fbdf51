//! Renewing tokens, and rules that no single golden shows.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::Duration;

use connector_sdk::{
    Connector, ExposeSecret as _, Secret,
    outbound::{Body, Pair, RefreshError, Reply},
};
use connector_testkit::steps;
use connector_tiktok::CONNECTOR;
use serde_json::json;

fn endpoint() -> Box<dyn Connector> {
    let yaml = "client_secrets: [clientSecretForTests01, old]\nclient_id: ck1\naccounts: {biz-1: {refresh_token: r}}\n\
                api_url: http://127.0.0.1:9";
    let (endpoint, faults) = steps::read(&CONNECTOR, yaml);
    assert!(faults.is_empty(), "{faults:?}");
    endpoint
}

fn read(status: u16, body: &str) -> Result<Pair, RefreshError> {
    let reply = Reply { status, retry_after: None, body: body.to_owned().into() };
    endpoint().outbound().unwrap().refresh().unwrap().read(&reply)
}

#[test]
fn the_call_that_renews_is_as_documented() {
    let endpoint = endpoint();
    let call = endpoint.outbound().unwrap().refresh().unwrap().call("biz-1", &Secret::from("rt-0001"));
    assert_eq!(call.url, "http://127.0.0.1:9/open_api/v1.3/tt_user/oauth2/refresh_token/");
    let Body::Json(body) = call.body else { panic!("JSON") };
    let secret = "clientSecretForTests01";
    let expected =
        json!({"client_id": "ck1", "client_secret": secret, "grant_type": "refresh_token", "refresh_token": "rt-0001"});
    assert_eq!(body, expected);
    assert!(!format!("{endpoint:?}").contains(secret));
}

#[test]
fn a_new_pair_is_read_and_a_refusal_with_status_200_is_one() {
    let pair = read(200, r#"{"code":0,"data":{"access_token":"a","refresh_token":"r2","expires_in":86400}}"#).unwrap();
    assert_eq!((pair.access.expose_secret(), pair.expires_in), ("a", Some(Duration::from_secs(86_400))));
    assert_eq!(pair.refresh.unwrap().expose_secret(), "r2");
    for (status, body, code) in
        [(200, r#"{"code":40105,"message":"made up"}"#, "40105"), (200, r#"{"code":40002,"data":{}}"#, "40002")]
    {
        assert_eq!(read(status, body).unwrap_err(), RefreshError::Final { code: code.into() }, "{body}");
    }
    for (status, body, code) in [
        (200, r#"{"code":40100}"#, "40100"),
        (200, r#"{"code":50000}"#, "50000"),
        (200, r#"{"code":0,"data":{}}"#, "0"),
        (500, r#"{"code":40105}"#, "40105"),
        (502, "<html>", "http_502"),
    ] {
        assert_eq!(read(status, body).unwrap_err(), RefreshError::Passing { code: code.into() }, "{body}");
    }
}
