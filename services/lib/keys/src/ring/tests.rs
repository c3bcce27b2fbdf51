use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time};

use super::*;

/// An issuer on this machine: what it publishes, nothing while it fails, and how often it was asked.
#[derive(Clone, Default)]
struct Local(Arc<(Mutex<Option<Value>>, AtomicU64)>);

impl Local {
    fn publishes(&self, ids: &[&str]) {
        let keys: Vec<_> = ids.iter().map(|id| json!({"kty": "RSA", "kid": id, "n": "AQAB", "e": "AQAB"})).collect();
        *self.0.0.lock().unwrap() = Some(json!({ "keys": keys }));
    }

    fn fails(&self) {
        *self.0.0.lock().unwrap() = None;
    }

    fn asked(&self) -> u64 {
        self.0.1.load(Ordering::Relaxed)
    }

    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let keys = format!("{url}/keys");
        let metadata = get(move || async move { json!({ "jwks_uri": keys }).to_string() });
        let set = get(async |State(local): State<Self>| {
            local.0.1.fetch_add(1, Ordering::Relaxed);
            let set = local.0.0.lock().unwrap().clone();
            set.map(|set| set.to_string()).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
        });
        let router = Router::new().route("/metadata", metadata).route("/keys", set).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        time::sleep(Duration::from_millis(20)).await;
    }
    panic!("in ten seconds it did not happen that {what}");
}

fn rhythm(at_most_every: Duration) -> Rhythm {
    Rhythm { every: Duration::from_secs(3600), at_most_every }
}

fn started(rhythm: Rhythm, needed: &[&Arc<PublishedKeys>], stop: &CancellationToken) -> KeyRing {
    // It may be there already: then it is this one.
    rustls::crypto::ring::default_provider().install_default().ok();
    KeyRing::start_in(rhythm, needed.iter().map(|keys| ("test", (*keys).clone())), stop).unwrap()
}

const OFTEN: Duration = Duration::ZERO;

#[tokio::test]
async fn keys_are_fetched_renewed_and_kept_while_the_issuer_fails() {
    let (local, stop) = (Local::default(), CancellationToken::new());
    local.publishes(&["old"]);
    let url = local.start().await;
    let keys = PublishedKeys::of(KeySource::Metadata(format!("{url}/metadata")));
    let same = PublishedKeys::of(KeySource::Metadata(format!("{url}/metadata")));
    let ring = started(rhythm(OFTEN), &[&keys, &same], &stop);
    until("both know the key", || keys.find(Some("old")).is_some() && same.find(Some("old")).is_some()).await;
    assert_eq!(local.asked(), 1, "once for both");
    local.publishes(&["new"]);
    assert_eq!(ring.renew(&keys).await, Asked::Answered);
    assert!(keys.find(Some("new")).is_some() && same.find(Some("new")).is_some() && keys.find(Some("old")).is_none());
    local.fails();
    assert_eq!(ring.renew(&keys).await, Asked::Failed);
    assert!(keys.find(Some("new")).is_some(), "the last good set is kept");
    local.publishes(&["new", "newer"]);
    until("the issuer is asked again by itself", || keys.find(Some("newer")).is_some()).await;
}

#[tokio::test]
async fn however_many_unknown_keys_are_named_the_issuer_is_asked_at_most_so_often() {
    let (local, stop) = (Local::default(), CancellationToken::new());
    local.publishes(&["only"]);
    let url = local.start().await;
    let keys = PublishedKeys::of(KeySource::Set(format!("{url}/keys")));
    let ring = Arc::new(started(rhythm(Duration::from_secs(3600)), &[&keys], &stop));
    until("the key is known", || keys.find(Some("only")).is_some()).await;
    let mut calls = Vec::new();
    for _ in 0..100 {
        let (ring, keys) = (ring.clone(), keys.clone());
        calls.push(tokio::spawn(async move { ring.renew(&keys).await }));
    }
    for call in calls {
        // The first of them may come while the first answer is on its way.
        assert!(matches!(call.await.unwrap(), Asked::JustNow | Asked::Answered));
    }
    assert_eq!(local.asked(), 1);
}

#[tokio::test]
async fn an_address_that_cannot_be_trusted_is_not_asked() {
    let (local, stop) = (Local::default(), CancellationToken::new());
    local.publishes(&["k"]);
    let (url, keys) = (local.start().await, |url: &str| PublishedKeys::of(KeySource::Set(url.into())));
    let far = keys("http://issuer.example.test/keys");
    let elsewhere = keys(&format!("{url}/nothing"));
    let ring = started(rhythm(OFTEN), &[&far, &elsewhere], &stop);
    for keys in [&far, &elsewhere, &keys(&format!("{url}/keys"))] {
        assert_eq!(ring.renew(keys).await, Asked::Failed, "{}", keys.source().url());
        assert!(keys.find(None).is_none());
    }
    assert_eq!(local.asked(), 0);
}
