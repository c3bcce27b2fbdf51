//! A server on loopback that gives out access tokens of a mailbox, and tells a mail server which of them are good.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{dovecot::USER, leaks};

/// What every access token begins with.
const TOKEN: &str = "mail-token-of-tests-";
/// What the mailbox's owner consented with; no log may have it.
pub const REFRESH: &str = "mail-refresh-of-tests";

#[derive(Debug, Default)]
struct Inner {
    given: usize,
    /// Tokens up to this one are not good any more.
    ended: usize,
}

/// The server. Ends when it is dropped.
#[derive(Debug)]
pub struct MailTokens {
    url: String,
    inner: Arc<Mutex<Inner>>,
    serving: JoinHandle<()>,
}

impl Drop for MailTokens {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl MailTokens {
    /// Starts one.
    pub async fn start() -> Self {
        leaks::unsaid(REFRESH);
        let inner: Arc<Mutex<Inner>> = Arc::default();
        let router =
            Router::new().route("/token", post(token)).route("/introspect", post(introspect)).with_state(inner.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, inner, serving }
    }

    /// Where tokens are given out.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// Where they are asked about.
    pub fn introspection(&self) -> String {
        format!("{}/introspect", self.url)
    }

    /// No token given out so far is good any more.
    pub fn end_all(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.ended = inner.given;
    }

    /// Tokens given out.
    pub fn given(&self) -> usize {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).given
    }
}

/// A field of a form. None of those looked at is escaped in any way.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn token(State(inner): State<Arc<Mutex<Inner>>>, form: String) -> Response {
    if field(&form, "grant_type") != Some("refresh_token") || field(&form, "refresh_token") != Some(REFRESH) {
        return json(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
    }
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.given += 1;
    let token = format!("{TOKEN}{}", inner.given);
    leaks::unsaid(&token);
    json(StatusCode::OK, &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}))
}

async fn introspect(State(inner): State<Arc<Mutex<Inner>>>, form: String) -> Response {
    let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    let number = field(&form, "token").and_then(|token| token.strip_prefix(TOKEN)?.parse::<usize>().ok());
    let good = number.is_some_and(|number| number > inner.ended && number <= inner.given);
    json(StatusCode::OK, &if good { json!({"active": true, "username": USER}) } else { json!({"active": false}) })
}
