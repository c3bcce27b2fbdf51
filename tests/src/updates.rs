//! Telegram's API as who asks for updates sees it: it keeps them until they are said to be taken, holds a question while there
//! is nothing new, and tells one at a time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

#[derive(Debug, Default)]
struct Inner {
    kept: Vec<Value>,
    instead: Option<(u16, Value)>,
    questions: u64,
}

#[derive(Debug, Default)]
struct Shared {
    inner: Mutex<Inner>,
    news: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bot's updates. Ends when it is dropped.
#[derive(Debug)]
pub struct Updates {
    port: u16,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Drop for Updates {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Updates {
    /// Starts one for the bot of a token.
    pub async fn start(token: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port for the channel");
        let port = listener.local_addr().expect("a port").port();
        let shared = Arc::new(Shared::default());
        let state = (shared.clone(), format!("bot{token}"));
        let router = Router::new().route("/{bot}/getUpdates", post(answer)).with_state(state);
        let serving = tokio::spawn(async move {
            drop(axum::serve(listener, router).await);
        });
        Self { port, shared, serving }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Somebody writes the text of a number.
    pub fn write(&self, number: u64) {
        let update = json!({"update_id": 900_000_000 + number, "message": {"message_id": number, "date": 1_767_225_600,
            "from": {"id": 5_000_700_001_u64, "is_bot": false, "first_name": "Ana"},
            "chat": {"id": 5_000_700_001_u64, "type": "private", "first_name": "Ana"}, "text": format!("text {number}")}});
        self.shared.lock().kept.push(update);
        self.shared.news.notify_waiters();
    }

    /// What questions get instead of updates, until something else is said.
    pub fn instead(&self, answer: Option<(u16, Value)>) {
        self.shared.lock().instead = answer;
        self.shared.news.notify_waiters();
    }

    /// How many questions there were.
    pub fn asked(&self) -> u64 {
        self.shared.lock().questions
    }

    /// How many updates are not said to be taken.
    pub fn kept(&self) -> usize {
        self.shared.lock().kept.len()
    }
}

fn says(status: u16, body: &Value) -> (StatusCode, String) {
    (StatusCode::from_u16(status).expect("a status"), body.to_string())
}

fn no(code: u16, description: &str) -> (StatusCode, String) {
    says(code, &json!({"ok": false, "error_code": code, "description": description}))
}

fn number(object: &Value, key: &str) -> Option<u64> {
    object.get(key)?.as_u64()
}

async fn answer(
    State((shared, bot)): State<(Arc<Shared>, String)>,
    Path(asked): Path<String>,
    question: Bytes,
) -> (StatusCode, String) {
    if asked != bot {
        return no(401, "Unauthorized");
    }
    let question: Value = serde_json::from_slice(&question).unwrap_or_default();
    let mine = {
        let mut inner = shared.lock();
        if let Some(offset) = number(&question, "offset") {
            inner.kept.retain(|update| number(update, "update_id") >= Some(offset));
        }
        inner.questions += 1;
        inner.questions
    };
    // One who asks anew sends away who asked before.
    shared.news.notify_waiters();
    let until = tokio::time::Instant::now() + Duration::from_secs(number(&question, "timeout").unwrap_or(0));
    loop {
        let news = shared.news.notified();
        tokio::pin!(news);
        news.as_mut().enable();
        {
            let inner = shared.lock();
            if inner.questions != mine {
                return no(409, "Conflict: terminated by other getUpdates request");
            }
            if let Some((status, body)) = inner.instead.clone() {
                return says(status, &body);
            }
            let most = usize::try_from(number(&question, "limit").unwrap_or(100)).unwrap_or(100);
            let told: Vec<_> = inner.kept.iter().take(most).cloned().collect();
            if !told.is_empty() || tokio::time::Instant::now() >= until {
                return says(200, &json!({"ok": true, "result": told}));
            }
        }
        drop(tokio::time::timeout_at(until, news).await);
    }
}
