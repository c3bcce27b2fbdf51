//! A real RabbitMQ, private to the tests, that can be killed and paused.

use std::{fs, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{Mutex, OnceCell},
};

use crate::{PATIENCE, ports, repository};

/// A node. It ends with the test process, in whatever way that ends.
#[derive(Debug)]
pub struct Node {
    port: u16,
    control: Mutex<Control>,
    // Owns the standard input whose end makes the node end.
    _script: Child,
    folder: tempfile::TempDir,
}

#[derive(Debug)]
struct Control {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// The node that tests share which do it no harm.
pub async fn shared() -> &'static Node {
    static NODE: OnceCell<Node> = OnceCell::const_new();
    NODE.get_or_init(Node::start).await
}

impl Node {
    /// Starts a node and waits until it takes connections.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = ports::free();
        let mut command = Command::new(repository().join("tests/tools/rabbitmq-node.sh"));
        command.arg(folder.path().join("node")).arg(port.to_string());
        command.args([ports::free(), ports::free(), ports::free()].map(|port| port.to_string()));
        let mut script =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("rabbitmq-node.sh can be run");
        let input = script.stdin.take().expect("it is piped");
        let output = BufReader::new(script.stdout.take().expect("it is piped")).lines();
        let node = Self { port, control: Mutex::new(Control { input, output }), _script: script, folder };
        node.expect("ready").await;
        node
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        let pid = fs::read_to_string(self.folder.path().join("node/pid")).expect("the node wrote it");
        pid.trim().parse().expect("a number")
    }

    /// Kills it as `kill -9` does.
    pub async fn kill(&self) {
        self.obey("kill").await;
    }

    /// Starts it again, on the same data.
    pub async fn restart(&self) {
        self.obey("start").await;
    }

    /// Stops the process without ending it.
    pub async fn pause(&self) {
        self.obey("pause").await;
    }

    /// Lets the process go on.
    pub async fn resume(&self) {
        self.obey("resume").await;
    }

    /// Runs a `rabbitmqctl` command.
    pub async fn ctl(&self, arguments: &str) {
        self.obey(&format!("ctl {arguments}")).await;
    }

    async fn obey(&self, command: &str) {
        self.control.lock().await.input.write_all(format!("{command}\n").as_bytes()).await.expect("it listens");
        self.expect("ok").await;
    }

    async fn expect(&self, wanted: &str) {
        let mut control = self.control.lock().await;
        let line = tokio::time::timeout(PATIENCE * 4, control.output.next_line()).await;
        let line = line.expect("RabbitMQ answers in time").expect("readable");
        assert_eq!(line.as_deref(), Some(wanted), "RabbitMQ");
    }
}
