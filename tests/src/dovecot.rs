//! A real mail server, private to the tests, with one mailbox.

use std::{fs, path::PathBuf, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

use crate::{PATIENCE, ports, repository};

/// The mailbox's user.
pub const USER: &str = "support@example.test";
/// The user's password; no log may have it.
pub const PASSWORD: &str = "mailbox-password";

/// A server. It ends with the test process, in whatever way that ends.
#[derive(Debug)]
pub struct Dovecot {
    port: u16,
    tls_port: u16,
    control: Mutex<Control>,
    // Owns the standard input whose end makes the server end.
    _script: Child,
    folder: tempfile::TempDir,
}

#[derive(Debug)]
struct Control {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Dovecot {
    /// Starts one that asks about access tokens at an address, and waits until it takes connections.
    pub async fn start(introspection: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        for (name, text) in [
            ("cert.pem", certified.cert.pem()),
            ("key.pem", certified.signing_key.serialize_pem()),
            ("password", PASSWORD.to_owned()),
        ] {
            fs::write(folder.path().join(name), text).expect("a writable folder");
        }
        let (port, tls_port) = (ports::free(), ports::free());
        let mut command = Command::new(repository().join("tests/tools/dovecot-node.sh"));
        command.arg(folder.path()).args([port.to_string(), tls_port.to_string(), introspection.to_owned()]);
        let mut script =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("dovecot-node.sh can be run");
        let input = script.stdin.take().expect("it is piped");
        let output = BufReader::new(script.stdout.take().expect("it is piped")).lines();
        let control = Mutex::new(Control { input, output });
        let server = Self { port, tls_port, control, _script: script, folder };
        assert_eq!(server.answer().await, "ready", "Dovecot");
        server
    }

    /// Port without TLS, where STARTTLS can be asked for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Port with TLS.
    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// The certificate that both show, in PEM form.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Delivers a message into a folder: `INBOX`, or its name as Maildir writes it.
    pub async fn deliver(&self, message: &[u8], folder: &str) {
        let file = self.folder.path().join("message");
        fs::write(&file, message).expect("a writable folder");
        self.obey(&format!("deliver {} {folder}", file.display())).await;
    }

    /// Makes a folder.
    pub async fn make(&self, folder: &str) {
        self.obey(&format!("make {folder}")).await;
    }

    /// Makes a folder's messages unreadable, for the server too.
    pub async fn lock(&self, folder: &str) {
        self.obey(&format!("lock {folder}")).await;
    }

    /// Flags of a folder's messages, one word each, sorted; `-` where a message has none.
    pub async fn flags(&self, folder: &str) -> Vec<String> {
        self.say(&format!("ls {folder}")).await;
        self.answer().await.split_whitespace().map(str::to_owned).collect()
    }

    /// Gives the INBOX another UIDVALIDITY and its messages other numbers.
    pub async fn rebuild(&self) {
        self.obey("stop").await;
        self.obey("rebuild").await;
        self.obey("start").await;
    }

    /// Stops it.
    pub async fn stop(&self) {
        self.obey("stop").await;
    }

    /// Starts it again.
    pub async fn restart(&self) {
        self.obey("start").await;
    }

    async fn obey(&self, command: &str) {
        self.say(command).await;
        assert_eq!(self.answer().await, "ok", "{command}");
    }

    async fn say(&self, command: &str) {
        self.control.lock().await.input.write_all(format!("{command}\n").as_bytes()).await.expect("it listens");
    }

    async fn answer(&self) -> String {
        let mut control = self.control.lock().await;
        let line = tokio::time::timeout(PATIENCE * 4, control.output.next_line()).await;
        line.expect("Dovecot answers in time").expect("readable").expect("a line")
    }
}
