//! Mail servers that hand mail to the gateway: Python's smtplib, a line at a time by hand, and the DNS that says who they are.

use std::{path::Path, process::Stdio};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

use crate::{PATIENCE, ports, repository, tools};

/// What a server said.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Said {
    /// Code of its last answer; 0 where its certificate is another one.
    pub code: u16,
    /// Its words.
    pub text: String,
    /// Recipients that it refused, with the code.
    pub refused: std::collections::BTreeMap<String, u16>,
}

/// A mail to be handed over; see `tests/clients/python/handover.py`.
#[derive(Debug, Clone)]
pub struct Order(Map<String, Value>);

impl Order {
    /// From somebody to others.
    pub fn new(from: &str, to: &[&str], message: &[u8]) -> Self {
        let order = [("from", json!(from)), ("to", json!(to)), ("message", json!(STANDARD.encode(message)))];
        Self(order.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
    }

    /// Encrypted, to a server that this certificate is of.
    #[must_use]
    pub fn encrypted(mut self, certificate: &Path) -> Self {
        self.0.insert("ca".into(), json!(certificate));
        self
    }

    /// Signed for a domain.
    #[must_use]
    pub fn signed(mut self, domain: &str, selector: &str, key: &str) -> Self {
        self.0.insert("sign".into(), json!({"domain": domain, "selector": selector, "key": key}));
        self
    }

    /// Changed after it was signed.
    #[must_use]
    pub fn changed(mut self, before: &str, behind: &str) -> Self {
        self.0.insert("change".into(), json!([before, behind]));
        self
    }

    /// Hands it over.
    pub async fn hand_over(&self, protocol: &str, port: u16) -> Said {
        let mut command = Command::new(tools::python("python"));
        command.args(["-W", "ignore"]).arg(repository().join("tests/clients/python/handover.py"));
        command.args([protocol, &port.to_string()]);
        let mut sender = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it can be run");
        let mut input = sender.stdin.take().expect("it is piped");
        input.write_all(Value::Object(self.0.clone()).to_string().as_bytes()).await.expect("it reads");
        drop(input);
        let output = timeout(PATIENCE, sender.wait_with_output()).await.expect("it ends in time").expect("it ends");
        serde_json::from_slice(&output.stdout).expect("it says what came of it")
    }
}

/// A session by hand.
#[derive(Debug)]
pub struct Line(BufReader<TcpStream>);

impl Line {
    /// Connects, and reads the greeting's code.
    pub async fn open(port: u16) -> (Self, u16) {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
        let mut line = Self(BufReader::new(stream));
        let code = line.answer().await;
        (line, code)
    }

    /// Sends bytes.
    pub async fn send(&mut self, bytes: &str) {
        self.0.get_mut().write_all(bytes.as_bytes()).await.expect("it listens");
    }

    /// The same, where the other side may have gone.
    pub async fn try_send(&mut self, bytes: &str) -> bool {
        self.0.get_mut().write_all(bytes.as_bytes()).await.is_ok()
    }

    /// Code of the next answer, however many lines it has; 0 when the connection was closed, or what comes is none.
    pub async fn answer(&mut self) -> u16 {
        loop {
            let mut text = String::new();
            let read = timeout(PATIENCE, self.0.read_line(&mut text)).await.expect("it answers in time");
            if !matches!(read, Ok(1..)) {
                return 0;
            }
            if text.as_bytes().get(3) != Some(&b'-') {
                return text.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            }
        }
    }

    /// Sends bytes, and reads so many answers.
    pub async fn say(&mut self, bytes: &str, answers: usize) -> Vec<u16> {
        self.send(bytes).await;
        let mut codes = Vec::new();
        for _ in 0..answers {
            codes.push(self.answer().await);
        }
        codes
    }

    /// Whether nothing more comes before the connection is closed.
    pub async fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // Bytes that nobody read make a reset of a close.
        let read = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("it is closed in time");
        read.is_err() || rest.is_empty()
    }
}

/// A DNS server; see `tests/clients/python/dnsd.py`.
#[derive(Debug)]
pub struct Dns {
    port: u16,
    // Owns the standard input whose end makes the server end.
    _server: Child,
}

impl Dns {
    /// Starts one that knows these TXT records.
    pub async fn start(records: &Value) -> Self {
        let port = ports::free();
        let mut command = Command::new(tools::python("python"));
        command.arg(repository().join("tests/clients/python/dnsd.py")).args([port.to_string(), records.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut server = command.spawn().expect("it can be run");
        let mut lines = BufReader::new(server.stdout.take().expect("it is piped")).lines();
        let first = timeout(PATIENCE, lines.next_line()).await;
        assert_eq!(first.expect("it starts in time").expect("readable").as_deref(), Some("ready"));
        Self { port, _server: server }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}
