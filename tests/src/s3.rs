//! Something that speaks S3, on loopback: moto's server, of the Python environment.

use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::{ports, tools, until, webhook};

/// A server with one empty bucket. Ends when it is dropped.
#[derive(Debug)]
pub struct S3 {
    port: u16,
    _server: Child,
}

/// The bucket.
pub const BUCKET: &str = "kenh-media";

impl S3 {
    /// Starts one.
    pub async fn start() -> Self {
        let port = ports::free();
        let mut command = Command::new(tools::python("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let server =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn();
        let s3 = Self { port, _server: server.expect("moto_server can be run") };
        until("the bucket is there", || async {
            let made = webhook::client().put(format!("{}/{BUCKET}", s3.url())).send().await;
            made.is_ok_and(|made| made.status().is_success())
        })
        .await;
        s3
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it lists of the bucket: XML.
    pub async fn listed(&self) -> String {
        let listed = webhook::client().get(format!("{}/{BUCKET}?list-type=2", self.url())).send().await;
        listed.expect("it answers").text().await.expect("XML")
    }
}
