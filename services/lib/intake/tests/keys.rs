//! A call whose token names a key that is not known yet.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use connector_sdk::{
    Batch, Connector, Delivery, Malformed, RawRequest, Rejected, Secret, Verified,
    keys::{KeySet, KeySource, PublishedKeys},
    signature::{self, TokenRules},
};
use http::{HeaderMap, Method};
use kenh_intake::{DedupeConfig, Endpoint, Intake, KeepRaw, KeyRenewal, Outcome, Renewal};
use kenh_log::embedded;
use kenh_runtime::{clock, health::Health};
use kenh_store::config::Engine as Store;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

const WORDS: &str = "words of the issuer's key";

fn rules<'a>(own: Option<&'a Secret>, known: &'a [String]) -> TokenRules<'a> {
    let (header, prefix, clock_skew) = ("authorization", "Bearer ", Duration::from_secs(60));
    TokenRules { header, prefix, issuers: known, audiences: known, clock_skew, body: None, own }
}

/// Proven by published keys; its calls hold nothing.
#[derive(Debug)]
struct Proven(Arc<PublishedKeys>);

impl Connector for Proven {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::jwt_published(request, &self.0, &rules(None, &["us".into()]), |_| true)
    }

    fn normalize(&self, _: Delivery<'_>) -> Result<Batch, Malformed> {
        Ok(Batch::skipped("probe"))
    }

    fn sign(&self, _: &[u8]) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn published_keys(&self) -> Option<&Arc<PublishedKeys>> {
        Some(&self.0)
    }
}

/// An issuer that gives what it is told to, and counts.
struct Issuer(Mutex<(Renewal, Option<KeySet>)>, AtomicU64);

#[async_trait]
impl KeyRenewal for Issuer {
    async fn renew(&self, keys: &PublishedKeys) -> Renewal {
        self.1.fetch_add(1, Ordering::Relaxed);
        let mut gives = self.0.lock().unwrap();
        if let Some(set) = gives.1.take() {
            keys.replace(Arc::new(set));
        }
        gives.0
    }
}

/// A set with a key of this id, of these words.
fn set(id: &str, words: &str) -> KeySet {
    let pair = Ed25519KeyPair::from_seed_unchecked(&Sha256::digest(words)).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x});
    KeySet::parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap()
}

/// What becomes of a call to an endpoint that knows these keys, with an issuer that does this; how often it was asked.
async fn called(known: Option<KeySet>, renewal: Renewal, gives: Option<KeySet>) -> (Outcome, u64) {
    let folder = tempfile::tempdir().unwrap();
    let config = embedded::Config {
        folder: folder.path().into(),
        partitions: 1,
        max_age: Duration::from_secs(3600),
        max_bytes: 1 << 24,
        now: clock::now,
    };
    let log = Arc::new(embedded::EmbeddedLog::open(&config).unwrap());
    let engine = Store::Sqlite { folder: folder.path().into() };
    let config = kenh_store::Config { engine, timeout: Duration::from_secs(5) };
    let stop = CancellationToken::new();
    let store = kenh_store::open(&config, &Health::default(), &stop).await.unwrap();
    let issuer = Arc::new(Issuer(Mutex::new((renewal, gives)), AtomicU64::new(0)));
    let dedupe = DedupeConfig { window: None, lapse: Duration::from_secs(1) };
    let intake = Intake::start(log, store, dedupe, &stop).renewing(issuer.clone());
    let keys = PublishedKeys::of(KeySource::Set("https://issuer.example.test/keys".into()));
    if let Some(set) = known {
        keys.replace(Arc::new(set));
    }
    let connector = Box::new(Proven(keys));
    let (name, tenant) = ("main".into(), "default".into());
    let endpoint = Endpoint { channel: "proven", name, tenant, keep_raw: KeepRaw::None, connector };
    let words = Secret::from(WORDS);
    let us = ["us".to_owned()];
    let (header, token) = signature::sign_jwt_own(b"{}", &rules(Some(&words), &us), [], clock::now()).unwrap();
    let headers: HeaderMap = [(header.parse().unwrap(), token.parse().unwrap())].into_iter().collect();
    let request =
        RawRequest { method: &Method::POST, query: "", headers: &headers, body: b"{}", received_at: clock::now() };
    let outcome = intake.accept(&endpoint, request).await.outcome;
    (outcome, issuer.1.load(Ordering::Relaxed))
}

/// The id that tokens name which [`signature::sign_jwt_own`] makes.
const ID: &str = "kenh-simulation";

#[tokio::test]
async fn a_key_that_is_known_needs_no_issuer() {
    assert_eq!(called(Some(set(ID, WORDS)), Renewal::Failed, None).await, (Outcome::Skipped, 0));
}

#[tokio::test]
async fn a_key_that_is_not_known_is_fetched_once_and_the_call_proven() {
    for known in [None, Some(set("another", WORDS))] {
        assert_eq!(called(known, Renewal::Done, Some(set(ID, WORDS))).await, (Outcome::Skipped, 1));
    }
}

#[tokio::test]
async fn a_key_that_the_issuer_does_not_publish_proves_nothing() {
    let unknown = Outcome::Rejected(Rejected::KeyUnknown);
    let answers = called(Some(set("another", WORDS)), Renewal::Done, Some(set("third", WORDS))).await;
    assert_eq!(answers, (unknown.clone(), 1));
    assert_eq!(called(Some(set("another", WORDS)), Renewal::Recent, None).await, (unknown, 1));
}

#[tokio::test]
async fn while_the_issuer_is_away_nobody_can_say() {
    let away = (Outcome::Rejected(Rejected::KeysUnavailable), 1);
    assert_eq!(called(None, Renewal::Failed, None).await, away);
    assert_eq!(called(Some(set("another", WORDS)), Renewal::Failed, None).await, away);
}

#[tokio::test]
async fn a_wrong_signature_asks_nobody() {
    let forged = called(Some(set(ID, "other words")), Renewal::Done, Some(set(ID, WORDS))).await;
    assert_eq!(forged, (Outcome::Rejected(Rejected::SignatureMismatch), 0));
}
