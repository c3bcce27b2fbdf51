//! A real mail server with a queue, private to the tests: Exim takes mail over SMTP and hands it to the gateway over LMTP.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
    process::Stdio,
};

use tokio::process::{Child, Command};

use crate::{ports, tools, until};

/// A server. It tries what it could not hand over again every second.
#[derive(Debug)]
pub struct Exim {
    port: u16,
    folder: tempfile::TempDir,
    _server: Child,
}

/// As whom it runs where the tests are root's, by name and number: as root it would take mail for others.
const NOBODY: (&str, &str, u32) = ("nobody", "nogroup", 65534);

fn config(folder: &Path, (user, group): (&str, &str), lmtp: u16) -> String {
    let folder = folder.display();
    format!(
        "exim_user = {user}\nexim_group = {group}\nspool_directory = {folder}/spool\nlog_file_path = {folder}/log/%slog\n\
         pid_file_path = {folder}/exim.pid\nprimary_hostname = mx.near.test\ndomainlist local_domains =\ndeliver_drop_privilege = true\n\
         never_users =\ntrusted_users = {user}\ntls_advertise_hosts =\nacl_smtp_rcpt = accept\nacl_smtp_data = accept\nhost_lookup =\n\
         rfc1413_query_timeout = 0s\nkeep_environment =\n\nbegin routers\nall:\n  driver = manualroute\n  transport = gateway\n  \
         route_list = * 127.0.0.1 byname\n  self = send\n\nbegin transports\ngateway:\n  driver = smtp\n  protocol = lmtp\n  \
         port = {lmtp}\n  allow_localhost\n\nbegin retry\n* * F,1h,1s\n"
    )
}

impl Exim {
    /// Starts one in front of a gateway's port for LMTP, and waits until it takes connections.
    pub async fn start(lmtp: u16) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, port) = (folder.path(), ports::free());
        let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let own = || {
            let said = std::process::Command::new("id").arg("-un").output().expect("id can be run").stdout;
            String::from_utf8(said).expect("a name").trim().to_owned()
        };
        let (user, group) = if is_root { (NOBODY.0.to_owned(), NOBODY.1.to_owned()) } else { (own(), own()) };
        fs::copy(tools::exim(), path.join("exim4")).expect("a writable folder");
        fs::write(path.join("exim.conf"), config(path, (&user, &group), lmtp)).expect("a writable folder");
        for inner in ["spool", "log"] {
            fs::create_dir(path.join(inner)).expect("a writable folder");
            if is_root {
                chown(path.join(inner), Some(NOBODY.2), Some(NOBODY.2)).expect("root may");
            }
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut command = if is_root { Command::new("setpriv") } else { Command::new(path.join("exim4")) };
        if is_root {
            command.args(["--reuid", NOBODY.0, "--regid", NOBODY.1, "--clear-groups"]).arg(path.join("exim4"));
        }
        command.arg("-C").arg(path.join("exim.conf")).args(["-bdf", "-q1s", "-oX", &format!("127.0.0.1:{port}")]);
        let console = fs::File::create(path.join("console")).expect("a writable folder");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(console).kill_on_drop(true);
        let server = Self { port, _server: command.spawn().expect("Exim can be run"), folder };
        until("Exim takes mail", || async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        server
    }

    /// Its port for SMTP.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Mails in its queue.
    pub fn queue(&self) -> usize {
        let queue = fs::read_dir(self.folder.path().join("spool/input"));
        let is_head = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with("-H");
        queue.map_or(0, |entries| entries.filter_map(Result::ok).filter(is_head).count())
    }
}
