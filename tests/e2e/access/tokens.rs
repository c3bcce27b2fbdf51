//! Tokens of an OpenID Connect issuer.

use std::time::{Duration, Instant};

use kenh_tests::{
    PATIENCE,
    access::{connect, new_key},
    issuer::{self, Issuer, SigningKey, seconds},
    stream::{Stream, latest},
    until,
};
use serde_json::json;

use super::*;

fn oidc(issuer: &Issuer, more: &str) -> String {
    format!(
        "access:\n  oidc:\n    issuer: {}\n    audience: kenh\n    refresh_at_most_every: 200ms\n{more}",
        issuer.url()
    )
}

async fn calls(gateway: &Gateway, token: &str) -> Result<Vec<String>, Status> {
    channels(&connect(&gateway.api_url(), Some(token)).await).await
}

/// Whether a token proves nothing, and is said to.
async fn is_wrong(gateway: &Gateway, token: &str) -> bool {
    // An unknown key is asked for at most every so often; until then the answer is to try again.
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "the issuer is asked again");
        let answer = refusal(calls(gateway, token).await);
        if answer != refused(Code::Unavailable, "ISSUER_UNAVAILABLE") {
            return answer == refused(Code::Unauthenticated, "CREDENTIALS_INVALID");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_who_calls_and_what_it_may() {
    let (folder, mut issuer) = (tempfile::tempdir().unwrap(), Issuer::default());
    let (ec, rsa) = (SigningKey::es256("ec-1"), SigningKey::rs256("rsa-1"));
    issuer.publish(&[&ec, &rsa]);
    issuer.start().await;
    let gateway = start(&folder, &oidc(&issuer, "")).await;
    post_three(&gateway).await;
    for key in [&ec, &rsa] {
        let token = key.token(&issuer.claims("crm", "openid read profile"));
        sees(&connect(&gateway.api_url(), Some(&token)).await, 3).await;
    }
    let desk = connect(&gateway.api_url(), Some(&ec.token(&issuer.claims("desk", "read:zalo")))).await;
    assert_eq!(channels(&desk).await.unwrap(), ["zalo"]);
    assert_eq!(refusal(pulled(&desk, &["messenger"]).await), refused(Code::PermissionDenied, "RIGHT_MISSING"));
    let line = &lines_of(&gateway, "Pull")[0];
    assert_eq!((&line["client"], &line["auth"]), (&"desk".into(), &"oidc".into()));
    let nothing = ec.token(&issuer.claims("crm", "openid"));
    assert_eq!(refusal(calls(&gateway, &nothing).await), refused(Code::PermissionDenied, "RIGHT_MISSING"));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_mapped_to_rights() {
    let (folder, mut issuer, key) = (tempfile::tempdir().unwrap(), Issuer::default(), SigningKey::es256("k"));
    issuer.publish(&[&key]);
    issuer.start().await;
    let more =
        "    name_claim: azp\n    rights_claim: realm_access.roles\n    roles:\n      agent: {rights: ['read:zalo']}\n";
    let gateway = start(&folder, &oidc(&issuer, more)).await;
    post_three(&gateway).await;
    let mut claims = issuer.claims("7f3c", "read");
    claims["azp"] = json!("help-desk");
    claims["realm_access"] = json!({"roles": ["agent", "offline_access"]});
    sees(&connect(&gateway.api_url(), Some(&key.token(&claims))).await, 1).await;
    assert_eq!(calls(&gateway, &key.token(&claims)).await.unwrap(), ["zalo"]);
    claims["realm_access"] = json!({"roles": ["read"]});
    let answer = refusal(calls(&gateway, &key.token(&claims)).await);
    assert_eq!(answer, refused(Code::PermissionDenied, "RIGHT_MISSING"), "where roles are mapped a right is none");
    assert_eq!(lines_of(&gateway, "ListEvents")[0]["client"], "help-desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_nothing_is_refused() {
    let (folder, mut issuer) = (tempfile::tempdir().unwrap(), Issuer::default());
    let (ec, rsa, foreign) = (SigningKey::es256("ec"), SigningKey::rs256("rsa"), SigningKey::es256("ec"));
    issuer.publish(&[&ec, &rsa]);
    issuer.start().await;
    let gateway = start(&folder, &oidc(&issuer, "    clock_skew: 5s\n")).await;
    let good = issuer.claims("crm", "read");
    assert!(calls(&gateway, &ec.token(&good)).await.is_ok());
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    for (why, token) in [
        ("another audience", ec.token(&with("aud", json!("billing")))),
        ("no audience", ec.token(&without("aud"))),
        ("another issuer", ec.token(&with("iss", json!("https://id.example.org")))),
        ("no issuer", ec.token(&without("iss"))),
        ("no expiry", ec.token(&without("exp"))),
        ("not yet", ec.token(&with("nbf", json!(seconds(60))))),
        ("nobody", ec.token(&without("sub"))),
        ("signed by nobody", issuer::none("ec", &good)),
        ("a public key as a secret", rsa.confused(&good)),
        ("a public key as a secret", ec.confused(&good)),
        ("another key of that name", foreign.token(&good)),
        ("an unknown key", SigningKey::es256("unknown").token(&good)),
        ("another algorithm than the key's", ec.token_with(&json!({"alg": "RS256", "kid": "ec"}), &good)),
        ("which key of two", ec.token_with(&json!({"alg": "ES384"}), &good)),
        (
            "something critical",
            ec.token_with(&json!({"alg": "ES256", "kid": "ec", "crit": ["b64"], "b64": false}), &good),
        ),
        ("no token", "a.b.c".into()),
        ("too long", ec.token(&with("filler", json!("x".repeat(9000))))),
    ] {
        assert!(is_wrong(&gateway, &token).await, "{why}");
    }
    let token = ec.token(&good);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let other = ec.token(&issuer.claims("crm", "read manage"));
    let forged = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    assert!(is_wrong(&gateway, &forged).await, "the signature of other claims");
    assert!(is_wrong(&gateway, head).await, "without its signature");
    let expired = ec.token(&with("exp", json!(seconds(-60))));
    assert_eq!(refusal(calls(&gateway, &expired).await), refused(Code::Unauthenticated, "TOKEN_EXPIRED"));
    assert!(!gateway.log().contains(signature), "the log holds a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_replaces_its_keys_and_those_that_are_known_outlive_its_absence() {
    let (folder, mut issuer) = (tempfile::tempdir().unwrap(), Issuer::default());
    let (first, second) = (SigningKey::es256("one"), SigningKey::rs256("two"));
    issuer.publish(&[&first]);
    issuer.start().await;
    let gateway = start(&folder, &oidc(&issuer, "    refresh_every: 1h\n")).await;
    let claims = issuer.claims("crm", "read");
    assert!(calls(&gateway, &first.token(&claims)).await.is_ok());

    issuer.publish(&[&first, &second]);
    until("the new key is known", || async { calls(&gateway, &second.token(&claims)).await.is_ok() }).await;
    let asked = issuer.asked();
    issuer.stop().await;
    for key in [&first, &second] {
        assert!(calls(&gateway, &key.token(&claims)).await.is_ok(), "the issuer is away");
    }
    let unknown = SigningKey::es256("three");
    let answer = refusal(calls(&gateway, &unknown.token(&claims)).await);
    assert_eq!(answer, refused(Code::Unavailable, "ISSUER_UNAVAILABLE"), "nobody can say whose key it is");
    issuer.publish(&[&second]);
    issuer.start().await;
    until("the old key is forgotten", || async {
        drop(calls(&gateway, &unknown.token(&claims)).await);
        calls(&gateway, &first.token(&claims)).await.is_err()
    })
    .await;
    assert!(calls(&gateway, &second.token(&claims)).await.is_ok());

    // Whatever tokens name, the issuer is not asked for each of them.
    let before = issuer.asked();
    let began = std::time::Instant::now();
    for number in 0..100 {
        drop(calls(&gateway, &SigningKey::es256(&format!("made-up-{number}")).token(&claims)).await);
    }
    let allowed = 2 + u64::try_from(began.elapsed().as_millis() / 200).unwrap();
    let times = issuer.asked() - before;
    assert!(asked >= 2 && times <= allowed, "asked {times} times, {allowed} would do");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_is_away_at_the_start_is_waited_for_and_keys_do_meanwhile() {
    let (folder, mut issuer, key) = (tempfile::tempdir().unwrap(), Issuer::default(), SigningKey::es256("k"));
    issuer.publish(&[&key]);
    let api_key = new_key().await;
    let clients = format!("  clients:\n{}", client("ops", &api_key, "read"));
    let gateway = start(&folder, &(oidc(&issuer, "") + &clients)).await;
    let token = key.token(&issuer.claims("crm", "read"));
    assert_eq!(refusal(calls(&gateway, &token).await), refused(Code::Unavailable, "ISSUER_UNAVAILABLE"));
    assert!(calls(&gateway, &api_key.secret).await.is_ok());
    issuer.start().await;
    until("its keys are known", || async { calls(&gateway, &token).await.is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_its_token_does() {
    let (folder, mut issuer, key) = (tempfile::tempdir().unwrap(), Issuer::default(), SigningKey::es256("k"));
    issuer.publish(&[&key]);
    issuer.start().await;
    let gateway = start(&folder, &oidc(&issuer, "    clock_skew: 0s\n")).await;
    until("the gateway's own stream is open", || async { gateway.metric("kenh_streams", "").await > 0.5 }).await;
    let mut claims = issuer.claims("crm", "read");
    claims["exp"] = json!(seconds(3));
    let crm = connect(&gateway.api_url(), Some(&key.token(&claims))).await;
    let mut stream = Stream::over(&mut events(&crm), latest()).await.unwrap();
    let ended = async {
        loop {
            match stream.response().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended without a word"),
                Err(status) => return status,
            }
        }
    };
    let end = tokio::time::timeout(PATIENCE, ended).await.expect("it ends with its token");
    assert_eq!(refusal::<()>(Err(end)), refused(Code::Unauthenticated, "TOKEN_EXPIRED"));
    until("the stream is gone", || async { gateway.metric("kenh_streams", "").await < 1.5 }).await;
}
