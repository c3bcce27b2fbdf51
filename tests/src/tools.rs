//! Programs that are not ours, where the installers of `tests/tools` put them. One that is missing fails the test.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tokio::process::Command;

use crate::{PATIENCE, repository};

/// A program of the Python environment: `python` itself, `buf`, `rotel`.
pub fn python(program: &str) -> PathBuf {
    installed("python.sh", &folder().join("python/bin").join(program))
}

/// The folder of the Node libraries, for `NODE_PATH`.
pub fn node_modules() -> PathBuf {
    installed("node.sh", &folder().join("node/node_modules"))
}

/// The folder of the Node libraries of the tests' message centre.
pub fn smsc_modules() -> PathBuf {
    installed("smsc.sh", &folder().join("smsc/node_modules"))
}

/// Where Prometheus's checker of metrics is.
pub fn promtool() -> PathBuf {
    installed("prometheus.sh", Path::new("/usr/bin/promtool"))
}

/// Exim, of a package that was not installed.
pub fn exim() -> PathBuf {
    installed("exim.sh", &folder().join("exim/usr/sbin/exim4"))
}

/// The library that lies to a program about the time.
pub fn faketime() -> PathBuf {
    let folder = PathBuf::from(format!("/usr/lib/{}-linux-gnu/faketime", env::consts::ARCH));
    installed("faketime.sh", &folder.join("libfaketime.so.1"))
}

/// Mails nobody here wrote, one folder for each corpus.
pub fn mails() -> PathBuf {
    installed("mail.sh", &folder().join("mail/.stamp")).with_file_name("")
}

/// As in `tests/tools/lib.sh`.
fn folder() -> PathBuf {
    let named = env::var_os("KENH_TOOLS").unwrap_or_else(|| "target/tools".into());
    repository().join(named)
}

fn installed(installer: &str, path: &Path) -> PathBuf {
    assert!(path.exists(), "{} is not there: run tests/tools/{installer}", path.display());
    path.into()
}

/// Runs a program to its end, which must come in time.
pub async fn run(command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().unwrap_or_else(|error| panic!("{:?} cannot be run: {error}", command.as_std()));
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    output.unwrap_or_else(|_| panic!("{:?} does not end", command.as_std())).expect("it can be waited for")
}

/// What a program printed; panics with what it complained about when it failed.
pub fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, complaint(output));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// What a program wrote to standard error.
pub fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
