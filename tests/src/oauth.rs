//! An OAuth server on loopback, as Zalo's: a refresh token works once, and what is given for it rotates.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::gateway::{ZALO_APP, ZALO_APP_SECRET};

/// What every token of it begins with; no log may have it.
pub const TOKEN: &str = "oa-token-of-tests-";
/// The first refresh token, of the consent.
pub const FIRST: &str = "oa-token-of-tests-refresh-0";
/// The access token that came with it.
pub const FIRST_ACCESS: &str = "oa-token-of-tests-access-0";

/// How it takes a call.
#[derive(Debug, Clone)]
pub enum Manner {
    /// It does what is asked, after a while.
    Slowly(Duration),
    /// It never answers, and has done nothing.
    SilentBefore,
    /// It never answers, and the token is spent.
    SilentAfter,
    /// It answers with a status and a body, and has done nothing.
    Says(u16, Value),
}

#[derive(Debug)]
struct Inner {
    calls: Vec<String>,
    valid: String,
    given: u32,
    lasts: u64,
    manners: VecDeque<Manner>,
}

/// The server. Ends when it is dropped.
#[derive(Debug)]
pub struct Oauth {
    url: String,
    inner: Arc<Mutex<Inner>>,
    serving: JoinHandle<()>,
}

impl Drop for Oauth {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Oauth {
    /// Starts one; its first consent gave [`FIRST`].
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("a port"));
        let inner = Inner { calls: Vec::new(), valid: FIRST.into(), given: 0, lasts: 90_000, manners: VecDeque::new() };
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new().route("/v4/oa/access_token", post(token)).with_state(inner.clone());
        let serving = tokio::spawn(async move {
            drop(axum::serve(listener, router).await);
        });
        Self { url, inner, serving }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// How it takes the next calls.
    pub fn next(&self, manners: impl IntoIterator<Item = Manner>) {
        lock(&self.inner).manners.extend(manners);
    }

    /// How long the tokens work that it gives from now on, in seconds.
    pub fn lasting(&self, seconds: u64) {
        lock(&self.inner).lasts = seconds;
    }

    /// Gives a refresh token by a new consent; the one before works no more.
    pub fn consent(&self) -> String {
        let mut inner = lock(&self.inner);
        inner.given += 1;
        inner.valid = format!("{TOKEN}consent-{}", inner.given);
        inner.valid.clone()
    }

    /// The refresh tokens it was asked with, in their order.
    pub fn calls(&self) -> Vec<String> {
        lock(&self.inner).calls.clone()
    }
}

async fn token(State(inner): State<Arc<Mutex<Inner>>>, headers: HeaderMap, body: Bytes) -> Response {
    let address = format!("http://localhost/?{}", String::from_utf8_lossy(&body));
    let fields: BTreeMap<String, String> =
        reqwest::Url::parse(&address).expect("a form").query_pairs().into_owned().collect();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let refresh = field("refresh_token");
    let manner = {
        let mut inner = lock(&inner);
        inner.calls.push(refresh.clone());
        inner.manners.pop_front()
    };
    let app = (field("app_id"), field("grant_type"), headers.get("secret_key").map(|key| key.as_bytes().to_vec()));
    if app != (ZALO_APP.into(), "refresh_token".into(), Some(ZALO_APP_SECRET.into())) {
        return says(200, &json!({"error": -14003, "error_name": "Invalid app"}));
    }
    match manner {
        None => {}
        Some(Manner::Slowly(time)) => tokio::time::sleep(time).await,
        Some(Manner::SilentBefore) => std::future::pending().await,
        Some(Manner::SilentAfter) => {
            drop(spend(&inner, &refresh));
            std::future::pending::<()>().await;
        }
        Some(Manner::Says(status, body)) => return says(status, &body),
    }
    spend(&inner, &refresh)
}

fn spend(inner: &Mutex<Inner>, refresh: &str) -> Response {
    let mut inner = lock(inner);
    if inner.valid != refresh {
        return says(
            200,
            &json!({"error": -14014, "error_name": "Invalid refresh token", "error_reason": "",
            "error_description": "made up"}),
        );
    }
    inner.given += 1;
    inner.valid = format!("{TOKEN}refresh-{}", inner.given);
    says(
        200,
        &json!({"access_token": format!("{TOKEN}access-{}", inner.given), "refresh_token": inner.valid,
        "expires_in": inner.lasts.to_string()}),
    )
}

fn says(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
