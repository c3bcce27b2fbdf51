//! A real PostgreSQL, private to the tests, that can be killed and stopped.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

use crate::{PATIENCE, ports, repository};

/// A cluster. It ends with the test process, in whatever way that ends.
#[derive(Debug)]
pub struct Cluster {
    port: u16,
    control: Mutex<Control>,
    // Owns the standard input whose end makes the cluster end.
    _script: Child,
    _folder: tempfile::TempDir,
}

#[derive(Debug)]
struct Control {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// The password of [`Cluster::url`]; no log may have it.
pub const PASSWORD: &str = "kenh-password";

impl Cluster {
    /// Starts a cluster and waits until it takes connections.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = ports::free();
        let mut command = Command::new(repository().join("tests/tools/postgres-node.sh"));
        command.arg(folder.path()).arg(port.to_string());
        let mut script =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("postgres-node.sh can be run");
        let input = script.stdin.take().expect("it is piped");
        let output = BufReader::new(script.stdout.take().expect("it is piped")).lines();
        let cluster = Self { port, control: Mutex::new(Control { input, output }), _script: script, _folder: folder };
        cluster.expect("ready").await;
        cluster
    }

    /// Address of its database, with the password.
    pub fn url(&self) -> String {
        format!("postgres://kenh:{PASSWORD}@127.0.0.1:{}/kenh", self.port)
    }

    /// Kills it as `kill -9` does.
    pub async fn kill(&self) {
        self.obey("kill").await;
    }

    /// Stops it without waiting for anybody.
    pub async fn stop(&self) {
        self.obey("stop").await;
    }

    /// Starts it again, on the same data.
    pub async fn restart(&self) {
        self.obey("start").await;
    }

    /// Stops its processes without ending them.
    pub async fn pause(&self) {
        self.obey("pause").await;
    }

    /// Lets its processes go on.
    pub async fn resume(&self) {
        self.obey("resume").await;
    }

    /// Runs a statement, of one line.
    pub async fn sql(&self, statement: &str) {
        self.obey(&format!("sql {statement}")).await;
    }

    async fn obey(&self, command: &str) {
        self.control.lock().await.input.write_all(format!("{command}\n").as_bytes()).await.expect("it listens");
        self.expect("ok").await;
    }

    async fn expect(&self, wanted: &str) {
        let mut control = self.control.lock().await;
        let line = tokio::time::timeout(PATIENCE * 4, control.output.next_line()).await;
        let line = line.expect("PostgreSQL answers in time").expect("readable");
        assert_eq!(line.as_deref(), Some(wanted), "PostgreSQL");
    }
}
