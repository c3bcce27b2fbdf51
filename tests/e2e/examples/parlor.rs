//! Parlor, the made-up channel of `deploy/examples/connector-python`: what it posts, its feed, its API.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Query, State},
    response::IntoResponse,
    routing::{get, post},
};
use kenh_tests::leaks;
use ring::hmac;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_stream::{StreamExt as _, wrappers::WatchStream};

/// What Parlor signs with.
pub(super) const SECRET: &str = "parlor-signing-secret-0001";
/// What Parlor is called with.
pub(super) const TOKEN: &str = "parlor-api-token-0001";

#[derive(Clone)]
struct Inner {
    /// Bodies of messages it was given, with the token.
    given: Arc<Mutex<Vec<(String, Value)>>>,
    /// Lines of its feed.
    feed: watch::Sender<Vec<Value>>,
}

/// It. Ends when it is dropped.
pub(super) struct Parlor {
    pub(super) url: String,
    inner: Inner,
    serving: JoinHandle<()>,
}

impl Drop for Parlor {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Parlor {
    pub(super) async fn start() -> Self {
        leaks::unsaid(SECRET);
        leaks::unsaid(TOKEN);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner { given: Arc::default(), feed: watch::channel(Vec::new()).0 };
        let router = Router::new().route("/messages", post(take)).route("/feed", get(feed)).with_state(inner.clone());
        let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, inner, serving }
    }

    /// The signature of a body.
    pub(super) fn sign(body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let digest = hmac::sign(&key, body.as_bytes());
        digest.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// Adds a line to the feed.
    pub(super) fn tell(&self, item: Value) {
        self.inner.feed.send_modify(|lines| lines.push(item));
    }

    /// What it was given: tokens and bodies.
    pub(super) fn given(&self) -> Vec<(String, Value)> {
        self.inner.given.lock().unwrap().clone()
    }
}

async fn take(State(inner): State<Inner>, headers: axum::http::HeaderMap, body: Bytes) -> String {
    let token = headers["authorization"].to_str().unwrap().to_owned();
    let mut given = inner.given.lock().unwrap();
    given.push((token, serde_json::from_slice(&body).unwrap()));
    json!({"id": format!("p-{}", given.len())}).to_string()
}

/// Everything behind an id, and what comes, for as long as it is read.
async fn feed(State(inner): State<Inner>, Query(query): Query<Vec<(String, String)>>) -> impl IntoResponse {
    let after = query.into_iter().find(|(name, _)| name == "after").map(|(_, id)| id).unwrap_or_default();
    let lines = inner.feed.borrow().clone();
    let mut told = lines.iter().position(|line| line["id"] == after.as_str()).map_or(0, |place| place + 1);
    let news = WatchStream::new(inner.feed.subscribe()).map(move |lines| {
        let new: String = lines.iter().skip(told).fold(String::new(), |text, line| text + &line.to_string() + "\n");
        told = told.max(lines.len());
        Ok::<_, Infallible>(Bytes::from(new))
    });
    Body::from_stream(news)
}
