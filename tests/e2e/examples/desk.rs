//! An example client as a process.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use kenh_tests::{
    PATIENCE, repository,
    tools::{node_modules, python},
    until,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
};

/// Blocks of shell in a file.
pub(super) fn shell_blocks(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.split("```sh\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

/// An example in a checkout of its own, with what it needs installed.
pub(super) struct Example {
    checkout: TempDir,
    name: &'static str,
    /// As its README has it.
    program: String,
}

impl Example {
    /// The one in Python, with the stubs its README makes.
    pub(super) async fn python() -> Self {
        Self::in_python("python", ".venv/bin/python -m help_desk").await
    }

    /// The connector in Python.
    pub(super) async fn connector() -> Self {
        Self::in_python("connector-python", ".venv/bin/python -m parlor").await
    }

    async fn in_python(name: &'static str, begins: &str) -> Self {
        let example = Self::checked_out(name, begins);
        let environment = python("python").ancestors().nth(2).unwrap().to_owned();
        symlink(environment, example.folder().join(".venv")).unwrap();
        let stubs = example.blocks().into_iter().find(|block| block.contains("grpc_tools.protoc")).unwrap();
        let made = Command::new("bash").args(["-euc", &stubs]).current_dir(example.folder()).status().await.unwrap();
        assert!(made.success(), "{stubs}");
        example
    }

    /// The one in Node.
    pub(super) fn node() -> Self {
        let example = Self::checked_out("node", "node help-desk.js");
        symlink(node_modules(), example.folder().join("node_modules")).unwrap();
        example
    }

    fn checked_out(name: &'static str, begins: &str) -> Self {
        let checkout = tempfile::tempdir().unwrap();
        let folder = Path::new("deploy/examples").join(name);
        copy(&repository().join(&folder), &checkout.path().join(&folder));
        symlink(repository().join("proto"), checkout.path().join("proto")).unwrap();
        let mut example = Self { checkout, name, program: String::new() };
        let blocks = example.blocks();
        let lines = blocks.iter().flat_map(|block| block.lines());
        example.program = lines.into_iter().find(|line| line.starts_with(begins)).expect("how to start it").into();
        example
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.checkout.path().join("deploy/examples").join(self.name)
    }

    fn blocks(&self) -> Vec<String> {
        shell_blocks(&self.folder().join("README.md"))
    }

    /// Starts it as its README does. A second one goes on with what the first one has stored.
    pub(super) fn start(&self, api: &str, key: Option<&str>, more: &[&str]) -> Desk {
        let mut command = Command::new("bash");
        command.args(["-euc", &format!("exec {} \"$@\"", self.program), "desk", "--api", api]).args(more);
        command.current_dir(self.folder()).envs(key.map(|key| ("KENH_API_KEY", key)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.env("PYTHONDONTWRITEBYTECODE", "1").spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), said.clone());
        listen(child.stderr.take().unwrap(), said.clone());
        Desk { child, said }
    }
}

/// Copies what is in the repository, and not what somebody who has tried the example left there.
fn copy(from: &Path, to: &Path) {
    const LEFT_BEHIND: &[&str] = &[".venv", "kenh", "node_modules", "__pycache__", "help-desk.db"];
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (name, path) = (entry.file_name(), entry.path());
        if LEFT_BEHIND.iter().any(|left| name.as_os_str() == *left) {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn listen(from: impl AsyncRead + Unpin + Send + 'static, to: Arc<Mutex<String>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            *to.lock().unwrap() += &(line + "\n");
        }
    });
}

/// A running one.
pub(super) struct Desk {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the desk said ---\n{}", self.said());
        }
    }
}

impl Desk {
    /// All it has said.
    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it has said something so many times.
    pub(super) async fn says_times(&self, text: &str, times: usize) {
        until(text, || async { self.said().matches(text).count() >= times }).await;
    }

    /// Waits until it has said something.
    pub(super) async fn says(&self, text: &str) {
        self.says_times(text, 1).await;
    }

    /// Kills it as `kill -9` does.
    pub(super) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, as an orchestrator does; how it ends.
    pub(super) async fn terminate(&mut self) -> ExitStatus {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        self.ended().await
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").unwrap()
    }
}
