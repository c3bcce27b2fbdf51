//! Channels' APIs on loopback: what the gateway calls when it answers. They behave as the fact sheets say, and as badly as
//! they are told to.

mod chat;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// A call the gateway made.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Text of the message it carries.
    pub fn text(&self) -> Option<String> {
        let body = self.json();
        let text = body.pointer("/message/text").or_else(|| body.pointer("/text/body"));
        Some(text?.as_str()?.to_owned())
    }
}

/// What the channel does with a call.
#[derive(Debug, Clone)]
pub enum Manner {
    /// Takes it after a while.
    Slowly(Duration),
    /// Takes it and never says so.
    TakenInSilence,
    /// Answers with a status and a body.
    Says(u16, Value),
    /// Answers with a status, `Retry-After` in seconds and a body.
    SaysLater(u16, u64, Value),
}

#[derive(Debug, Default)]
struct Inner {
    received: Vec<Received>,
    manners: VecDeque<Manner>,
    files: Vec<(String, String, Bytes)>,
    fetched: Vec<Received>,
}

/// A channel's API. Ends when it is dropped.
#[derive(Debug)]
pub struct Provider {
    port: u16,
    inner: Arc<Mutex<Inner>>,
    serving: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_on(0).await
    }

    /// Starts one on a port.
    pub async fn start_on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port for the channel");
        let port = listener.local_addr().expect("a port").port();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let serving = tokio::spawn(async move {
            drop(axum::serve(listener, router).await);
        });
        Self { port, inner, serving }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How it takes the next calls that send something. Without a word it takes them at once.
    pub fn next(&self, manners: impl IntoIterator<Item = Manner>) {
        lock(&self.inner).manners.extend(manners);
    }

    /// A file it serves.
    pub fn file(&self, path: &str, mime: &str, bytes: &'static [u8]) -> String {
        self.file_of(path, mime, Bytes::from_static(bytes))
    }

    /// The same with bytes made up by a test.
    pub fn file_of(&self, path: &str, mime: &str, bytes: Bytes) -> String {
        lock(&self.inner).files.push((path.into(), mime.into(), bytes));
        format!("{}{path}", self.url())
    }

    /// All calls for files so far.
    pub fn fetched(&self) -> Vec<Received> {
        lock(&self.inner).fetched.clone()
    }

    /// All calls so far, files left out.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.inner).received.clone()
    }

    /// Texts of the messages it was given, in their order, taken or not.
    pub fn texts(&self) -> Vec<String> {
        self.received().iter().filter_map(Received::text).collect()
    }
}

async fn answer(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    let (number, manner) = {
        let mut inner = lock(&inner);
        let received = Received { method: method.to_string(), path: path.clone(), headers, body: body.clone() };
        if let Some((_, mime, bytes)) = inner.files.iter().find(|(file, ..)| *file == path).cloned() {
            inner.fetched.push(received);
            return ([(header::CONTENT_TYPE, mime)], bytes).into_response();
        }
        inner.received.push(received);
        (inner.received.len(), inner.manners.pop_front())
    };
    match manner {
        None => {}
        Some(Manner::Slowly(time)) => tokio::time::sleep(time).await,
        Some(Manner::TakenInSilence) => std::future::pending().await,
        Some(Manner::Says(status, body)) => return says(status, &body),
        Some(Manner::SaysLater(status, seconds, body)) => {
            let mut answer = says(status, &body);
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            return answer;
        }
    }
    let taken = chat::taken(&path, number, &host)
        .unwrap_or_else(|| taken(&path, number, &serde_json::from_slice(&body).unwrap_or_default()));
    says(200, &taken)
}

fn says(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// What each API says when it takes something.
fn taken(path: &str, number: usize, body: &Value) -> Value {
    let path = path.split('?').next().unwrap_or_default();
    if path.ends_with("/Messages.json") {
        return json!({"sid": format!("SM{number:04}"), "status": "queued", "num_segments": "1"});
    }
    if path.contains("/SendMultipleMessage_V4") {
        return json!({"CodeResult": "100", "CountRegenerate": 0, "SMSID": format!("esms-{number:04}")});
    }
    if path.contains("/oa/upload/") {
        return json!({"error": 0, "message": "Success",
            "data": {"attachment_id": format!("att-{number:04}"), "token": format!("file-token-{number:04}")}});
    }
    if path.contains("/oa/") {
        return json!({"error": 0, "message": "Success", "data": {"message_id": format!("zalo-{number:04}"),
            "user_id": body.pointer("/recipient/user_id"), "sent_time": "1767225617000",
            "quota": {"quota_type": "reply", "remain": "8", "total": "8"}}});
    }
    if path.starts_with("/message/template") {
        return json!({"error": 0, "message": "Success", "data": {"msg_id": format!("zns-{number:04}"),
            "sent_time": "1767225604000", "sending_mode": "1", "quota": {"dailyQuota": "500", "remainingQuota": "499"}}});
    }
    if path.ends_with("/message_attachments") {
        return json!({"attachment_id": format!("{number:016}")});
    }
    if path.ends_with("/media") {
        return json!({"id": format!("95{number:04}")});
    }
    if path.ends_with("/comments") || path.ends_with("/replies") {
        return json!({"id": format!("770001_{number:04}")});
    }
    if body.get("messaging_product").is_some() {
        if body.get("status").is_some() {
            return json!({"success": true});
        }
        let to = body.get("to").or_else(|| body.get("recipient"));
        return json!({"messaging_product": "whatsapp", "contacts": [{"input": to}],
            "messages": [{"id": format!("wamid.OUT{number:04}"), "message_status": "accepted"}]});
    }
    if path.ends_with("/messages") {
        return json!({"recipient_id": body.pointer("/recipient/id"), "message_id": format!("m_out_{number:04}")});
    }
    json!({"success": true})
}
