//! A real mail server, private to the tests, that mail is handed to.

use std::{fs, path::PathBuf, process::Stdio, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::Mutex,
};

use crate::{PATIENCE, dovecot::PASSWORD, ports, repository, tools, until};

/// A server: see `tests/clients/python/smtpd.py`. It wants STARTTLS and the user and password of [`crate::dovecot`].
#[derive(Debug)]
pub struct Smtpd {
    port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
    // Owns the standard input whose end makes the server end.
    _server: Child,
    folder: tempfile::TempDir,
}

/// A mail that it took.
#[derive(Debug, Clone, Deserialize)]
pub struct Taken {
    /// Where bounces go.
    pub sender: String,
    /// Who gets it.
    pub recipients: Vec<String>,
    message: String,
}

impl Taken {
    /// The message as it came.
    pub fn message(&self) -> String {
        String::from_utf8(STANDARD.decode(&self.message).expect("Base64")).expect("ASCII")
    }

    /// A header, unfolded; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        let message = self.message().replace("\r\n ", " ");
        let (head, _) = message.split_once("\r\n\r\n").expect("a header and a body");
        let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_default().to_owned()
    }
}

impl Smtpd {
    /// Starts one and waits until it takes connections.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        for (name, text) in [
            ("cert.pem", certified.cert.pem()),
            ("key.pem", certified.signing_key.serialize_pem()),
            ("password", PASSWORD.to_owned()),
        ] {
            fs::write(folder.path().join(name), text).expect("a writable folder");
        }
        let port = ports::free();
        let mut command = Command::new(tools::python("python"));
        command
            .args(["-W", "ignore"])
            .arg(repository().join("tests/clients/python/smtpd.py"))
            .arg(port.to_string())
            .arg(folder.path());
        let mut server =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("it can be run");
        let mut lines = BufReader::new(server.stdout.take().expect("it is piped")).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        assert_eq!(first.expect("it starts in time").expect("readable").as_deref(), Some("ready"));
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let list = taken.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                list.lock().await.push(serde_json::from_str(&line).expect("a line of its own"));
            }
        });
        Self { port, taken, _server: server, folder }
    }

    /// Its port, with STARTTLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate it shows, in PEM form.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// What it has taken, once that is so many.
    pub async fn taken(&self, number: usize) -> Vec<Taken> {
        until("the mails are taken", || async { self.taken.lock().await.len() >= number }).await;
        self.taken.lock().await.clone()
    }
}
