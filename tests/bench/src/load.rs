//! Webhook calls over kept connections, each sent when the one before it was answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use kenh_tests::webhook;
use tokio::{net::TcpStream, task::JoinSet};

/// Header of Meta's signature.
pub(crate) const SIGNATURE: &str = "x-hub-signature-256";
/// Settings under which an event is published whatever was published before.
pub(crate) const WITHOUT_DEDUPE: &str = "dedupe: {enabled: false}\n";
/// Connections that calls come over at the same time.
const CONNECTIONS: usize = 64;
/// Length of a message's text: makes a body of about 470 bytes, as a short message with its ids is.
const TEXT: usize = 270;

/// A signed webhook call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its body.
    pub(crate) body: Bytes,
    signature: HeaderValue,
}

/// Calls of one text message each, no two of them alike, nor like any that was made before.
pub(crate) fn calls(count: usize) -> Vec<Call> {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let first = MADE.fetch_add(count, Ordering::Relaxed);
    let (channel, text) = (webhook::messenger(), "x".repeat(TEXT));
    let call = |number: usize| {
        let person = 7_130_004_455_000_000 + number as u64 % 5_000;
        let body = webhook::messenger_text(person, &format!("m_{number:016}"), &text);
        let signature =
            channel.sign(body.as_bytes()).into_iter().find(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE));
        let signature = signature.and_then(|(_, value)| value.parse().ok()).expect("a signature");
        Call { body: body.into(), signature }
    };
    (first..first + count).map(call).collect()
}

/// Calls that are taken from the front by whoever makes the next.
#[derive(Debug)]
pub(crate) struct Supply {
    calls: Vec<Call>,
    taken: AtomicUsize,
}

impl Supply {
    /// So many, made and signed now.
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { calls: calls(count), taken: AtomicUsize::new(0) })
    }

    /// `None` when all are taken.
    fn next(&self) -> Option<&Call> {
        self.calls.get(self.taken.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where calls go.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    socket: SocketAddr,
    uri: Uri,
}

impl Address {
    /// A path of a port on loopback.
    pub(crate) fn new(port: u16, path: &'static str) -> Self {
        Self { socket: ([127, 0, 0, 1], port).into(), uri: Uri::from_static(path) }
    }

    /// The Messenger endpoint of a test gateway.
    pub(crate) fn messenger(port: u16) -> Self {
        Self::new(port, "/v1/webhooks/messenger/main")
    }
}

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Connection {
    requests: SendRequest<Full<Bytes>>,
    uri: Uri,
}

impl Connection {
    /// Opens one; `None` when nobody listens.
    pub(crate) async fn open(address: &Address) -> Option<Self> {
        let stream = TcpStream::connect(address.socket).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (requests, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Self { requests, uri: address.uri.clone() })
    }

    /// Makes a call. Whether it was answered with 200.
    pub(crate) async fn post(&mut self, call: &Call) -> bool {
        let request = Request::post(self.uri.clone())
            .header(http::header::HOST, "localhost")
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(SIGNATURE, call.signature.clone())
            .body(Full::new(call.body.clone()))
            .expect("a request");
        if self.requests.ready().await.is_err() {
            return false;
        }
        let Ok(answer) = self.requests.send_request(request).await else { return false };
        let accepted = answer.status() == http::StatusCode::OK;
        answer.into_body().collect().await.is_ok() && accepted
    }
}

/// How long the answers to some calls took.
#[derive(Debug)]
pub(crate) struct Answers {
    /// Sorted.
    times: Vec<Duration>,
    elapsed: Duration,
}

impl Answers {
    /// How many.
    pub(crate) fn count(&self) -> f64 {
        self.times.len() as f64
    }

    /// How many a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count() / self.elapsed.as_secs_f64()
    }

    /// Milliseconds that so many of a hundred took at most.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let index = self.times.len() * percent / 100;
        self.times.get(index).or(self.times.last()).expect("at least one answer").as_secs_f64() * 1000.0
    }
}

/// Makes calls for some time, or until there are no more.
pub(crate) async fn run(address: &Address, calls: &Arc<Supply>, time: Duration) -> Answers {
    let mut connections = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..CONNECTIONS {
        let (address, calls) = (address.clone(), calls.clone());
        connections.spawn(async move {
            let mut connection = Connection::open(&address).await.expect("the service listens");
            let mut times = Vec::with_capacity(1 << 14);
            while let Some(call) = calls.next() {
                let sent = Instant::now();
                if sent - begun >= time {
                    break;
                }
                assert!(connection.post(call).await, "every call is accepted");
                times.push(sent.elapsed());
            }
            times
        });
    }
    let mut times = connections.join_all().await.concat();
    let elapsed = begun.elapsed();
    times.sort_unstable();
    Answers { times, elapsed }
}
