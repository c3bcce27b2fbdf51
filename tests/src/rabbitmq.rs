//! A real RabbitMQ, private to the tests, that can be killed and paused.

use std::{fs, path::Path, process::Stdio};

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
    epmd: u16,
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
        Self::start_beside(ports::free()).await
    }

    /// Starts a node that finds others through a port mapper.
    async fn start_beside(epmd: u16) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = ports::free();
        let mut command = Command::new(repository().join("tests/tools/rabbitmq-node.sh"));
        command.arg(folder.path().join("node")).arg(port.to_string());
        command.args([ports::free(), epmd, ports::free()].map(|port| port.to_string()));
        let mut script =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("rabbitmq-node.sh can be run");
        let input = script.stdin.take().expect("it is piped");
        let output = BufReader::new(script.stdout.take().expect("it is piped")).lines();
        let node = Self { port, epmd, control: Mutex::new(Control { input, output }), _script: script, folder };
        let ready = node.control.lock().await.hear().await;
        assert_eq!(ready.as_deref(), Some("ready"), "RabbitMQ");
        node
    }

    /// Its address.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Port for AMQP.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it is called in its cluster.
    pub fn name(&self) -> String {
        format!("kenh{}@localhost", self.port)
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        let pid = fs::read_to_string(self.folder.path().join("node/pid")).expect("the node wrote it");
        pid.trim().parse().expect("a number")
    }

    /// Whether its process is there.
    pub fn runs(&self) -> bool {
        Path::new("/proc").join(self.pid().to_string()).exists()
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

    /// What a `rabbitmqctl` command prints, line by line.
    pub async fn ask(&self, arguments: &str) -> Vec<String> {
        let mut control = self.control.lock().await;
        control.say(&format!("ask {arguments}")).await;
        let printed = control.hear().await.expect("an answer");
        assert_eq!(control.hear().await.as_deref(), Some("ok"), "RabbitMQ");
        printed.split_terminator(';').map(str::to_owned).collect()
    }

    async fn obey(&self, command: &str) {
        let mut control = self.control.lock().await;
        control.say(command).await;
        assert_eq!(control.hear().await.as_deref(), Some("ok"), "RabbitMQ");
    }
}

impl Control {
    async fn say(&mut self, command: &str) {
        self.input.write_all(format!("{command}\n").as_bytes()).await.expect("it listens");
    }

    async fn hear(&mut self) -> Option<String> {
        let line = tokio::time::timeout(PATIENCE * 4, self.output.next_line()).await;
        line.expect("RabbitMQ answers in time").expect("readable")
    }
}

/// The address of whatever takes AMQP connections on a port of this machine.
pub fn url(port: u16) -> String {
    format!("amqp://guest:guest@127.0.0.1:{port}/%2f")
}

/// Nodes that are one broker.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
}

impl Cluster {
    /// Starts nodes and joins them.
    pub async fn start(count: usize) -> Self {
        let first = Node::start().await;
        let others: Vec<_> = (1..count).map(|_| tokio::spawn(Node::start_beside(first.epmd))).collect();
        let join = format!("join_cluster {}", first.name());
        let mut nodes = vec![first];
        for other in others {
            let other = other.await.expect("it starts");
            other.ctl("stop_app").await;
            other.ctl(&join).await;
            other.ctl("start_app").await;
            nodes.push(other);
        }
        Self { nodes }
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The addresses of all of them, as a list in YAML.
    pub fn urls(&self) -> String {
        let urls: Vec<_> = self.nodes.iter().map(Node::url).collect();
        format!("[{}]", urls.iter().map(|url| format!("\"{url}\"")).collect::<Vec<_>>().join(", "))
    }

    /// The node that leads a stream queue, and how many replicas the queue has.
    pub async fn leader(&self, queue: &str) -> (&Node, usize) {
        let [leader, members, _] = self.replicas(queue).await;
        let leader = self.nodes.iter().find(|node| leader.contains(&node.name()));
        (leader.unwrap_or_else(|| panic!("nobody leads {queue}")), members.matches('@').count())
    }

    /// How many replicas of a stream queue are up.
    pub async fn online(&self, queue: &str) -> usize {
        self.replicas(queue).await[2].matches('@').count()
    }

    /// Leader, members and those that are up, as a node that runs sees them.
    async fn replicas(&self, queue: &str) -> [String; 3] {
        let node = self.nodes.iter().find(|node| node.runs()).expect("a node runs");
        let queues = node.ask("list_queues --no-table-headers name leader members online").await;
        let line = queues.iter().find_map(|line| line.strip_prefix(queue)).expect("the queue is there");
        let columns: Vec<_> = line.trim().split('\t').map(str::to_owned).collect();
        columns.try_into().unwrap_or_else(|columns| panic!("{columns:?}"))
    }
}
