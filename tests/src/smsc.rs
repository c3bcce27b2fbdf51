//! A message centre, private to the tests, made of a library nobody here wrote.

use std::{fs, path::PathBuf, process::Stdio, sync::Arc};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    sync::Mutex,
};

use crate::{PATIENCE, repository, tools, until};

/// The password it takes; no log may have it.
pub const PASSWORD: &str = "pw-0001";

/// A message centre: see `tests/clients/smsc/smsc.js`.
#[derive(Debug)]
pub struct Smsc {
    port: u16,
    input: Mutex<ChildStdin>,
    said: Arc<Mutex<Vec<Value>>>,
    child: Child,
    folder: tempfile::TempDir,
}

impl Smsc {
    /// Starts one with TLS, and waits until it takes connections.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        for (name, text) in [("cert.pem", certified.cert.pem()), ("key.pem", certified.signing_key.serialize_pem())] {
            fs::write(folder.path().join(name), text).expect("a writable folder");
        }
        Self::on(0, folder).await
    }

    async fn on(port: u16, folder: tempfile::TempDir) -> Self {
        let mut command = Command::new("node");
        command.arg(repository().join("tests/clients/smsc/smsc.js")).arg(port.to_string()).arg(folder.path());
        command.env("NODE_PATH", tools::smsc_modules());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("node can be run");
        let input = Mutex::new(child.stdin.take().expect("it is piped"));
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let first = first.expect("it starts in time").expect("readable").unwrap_or_default();
        let ready: Value = serde_json::from_str(&first).expect("a line of its own");
        let port =
            ready.get("ready").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok()).expect("its port");
        let said: Arc<Mutex<Vec<Value>>> = Arc::default();
        let list = said.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                list.lock().await.push(serde_json::from_str(&line).expect("a line of its own"));
            }
        });
        Self { port, input, said, child, folder }
    }

    /// Stops it and starts another one in its place.
    pub async fn restarted(mut self) -> Self {
        self.child.kill().await.expect("it can be killed");
        Self::on(self.port, self.folder).await
    }

    /// Its port, with TLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate it shows, in PEM form.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Tells it what to do.
    pub async fn tell(&self, command: Value) {
        self.input.lock().await.write_all(format!("{command}\n").as_bytes()).await.expect("it listens");
    }

    /// What happened of a sort, in its order.
    pub async fn said(&self, sort: &str) -> Vec<Value> {
        self.said.lock().await.iter().filter_map(|line| line.get(sort).cloned()).collect()
    }

    /// Waits until so many of a sort have happened.
    pub async fn until_said(&self, sort: &str, number: usize) -> Vec<Value> {
        until(&format!("{number} times {sort}"), || async { self.said(sort).await.len() >= number }).await;
        self.said(sort).await
    }

    /// Delivers octets to the bind that receives, from a person to `8099`, without waiting for the answer. `id` names it.
    pub async fn deliver(&self, id: u32, esm_class: u8, data_coding: u8, octets: &[u8]) {
        let pdu = json!({
            "source_addr": "84900000001", "source_addr_ton": 1, "source_addr_npi": 1, "destination_addr": "8099",
            "esm_class": esm_class, "data_coding": data_coding,
        });
        self.tell(json!({"deliver": pdu, "octets": hex::encode(octets), "id": id})).await;
    }

    /// The status a delivery was answered with, once it was.
    pub async fn answered(&self, id: u32) -> i64 {
        let of = |line: &Value| (line["answered"] == id).then(|| line["status"].as_i64()).flatten();
        let found = || async { self.said.lock().await.iter().find_map(of) };
        until(&format!("delivery {id} is answered"), || async { found().await.is_some() }).await;
        found().await.expect("it was there")
    }
}
