//! The binary as shipped, as a process of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
};

use tokio::process::{Child, Command};

use crate::{
    PATIENCE, leaks,
    oauth::{self, FIRST_ACCESS},
    ports, until,
};

/// Secrets of the endpoints every test gateway has.
pub const APP_SECRET: &str = "meta-app-secret-0001";
/// Token of the Messenger endpoint.
pub const VERIFY_TOKEN: &str = "meta-verify-token-0001";
/// Secret of the Zalo endpoint.
pub const OA_SECRET: &str = "oaSecretForTests01";
/// Application id of the Zalo endpoint.
pub const ZALO_APP: &str = "1000000000000000001";
/// Secret of the Slack endpoint.
pub const SIGNING_SECRET: &str = "slack-signing-secret-0001";

/// The Page that answers on Messenger.
pub const PAGE: &str = "770001";
/// Its token.
pub const PAGE_TOKEN: &str = "page-token-0001";
/// The Official Account that answers on Zalo.
pub const OA: &str = "7770001112223334445";
/// Its token.
pub const OA_TOKEN: &str = "oa-token-0001";
/// Secret of the Zalo app.
pub const ZALO_APP_SECRET: &str = "appSecretForTests01";

/// Where `kenh` is.
pub fn binary() -> PathBuf {
    if let Some(path) = env::var_os("KENH_BINARY") {
        return path.into();
    }
    // target/<profile>/deps/<test> or target/<profile>/kenh-bench
    let us = env::current_exe().expect("the test's own path");
    let path = us.ancestors().skip(1).take(2).map(|folder| folder.join("kenh")).find(|path| path.is_file());
    path.unwrap_or_else(|| panic!("there is no kenh beside {}: build it with `cargo build -p kenh`", us.display()))
}

/// Runs `kenh` to its end.
pub async fn kenh(arguments: &[&str], input: &[u8]) -> Output {
    use tokio::io::AsyncWriteExt as _;
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("kenh can be run");
    // A command that does not read its input closes it, which is its right.
    drop(child.stdin.take().expect("it is piped").write_all(input).await);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .expect("kenh ends in time")
        .expect("it can be waited for");
    leaks::keep(&output.stderr);
    output
}

/// A running gateway. Dropping it kills it; an error it logged fails the test.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
    folder: PathBuf,
    /// Port for webhooks.
    pub web: u16,
    /// Port for gRPC.
    pub api: u16,
    /// Admin port.
    pub admin: u16,
    expected_errors: bool,
}

/// How a gateway is started. A copy starts it again, in the same folder and on the same ports.
#[derive(Debug, Clone)]
pub struct Setup {
    folder: PathBuf,
    log: String,
    more: String,
    channels: String,
    slack: String,
    answers: Option<String>,
    renews: Option<[String; 3]>,
    roles: Option<&'static str>,
    flags: Vec<&'static str>,
    environment: Vec<(String, String)>,
    ports: [u16; 3],
}

impl Setup {
    /// On the embedded engine, in a folder.
    pub fn embedded(folder: &Path) -> Self {
        let ports = [ports::free(), ports::free(), ports::free()];
        let log = "  engine: embedded\n".into();
        Self {
            folder: folder.into(),
            log,
            more: String::new(),
            channels: String::new(),
            slack: String::new(),
            answers: None,
            renews: None,
            roles: None,
            flags: Vec::new(),
            environment: Vec::new(),
            ports,
        }
    }

    /// On RabbitMQ, with an exchange and queues of a name of its own.
    pub fn rabbitmq(folder: &Path, url: &str, name: &str) -> Self {
        let log = format!(
            "  engine: rabbitmq\n  partitions: 4\n  rabbitmq:\n    url: {url}\n    exchange: {name}.events\n    queue_prefix: {name}.log\n    work_prefix: {name}.outbound\n"
        );
        Self { log, ..Self::embedded(folder) }
    }

    /// With several events in a message of RabbitMQ's; right after [`rabbitmq`](Self::rabbitmq).
    #[must_use]
    pub fn bundled(self) -> Self {
        self.with("    messages: bundled\n")
    }

    /// More settings: whole top-level sections, or `log` ones indented by two.
    #[must_use]
    pub fn with(mut self, yaml: &str) -> Self {
        let place = if yaml.starts_with("  ") { &mut self.log } else { &mut self.more };
        place.push_str(yaml);
        self
    }

    /// Further channels, indented by two.
    #[must_use]
    pub fn channels(mut self, yaml: &str) -> Self {
        self.channels.push_str(yaml);
        self
    }

    /// More settings of the Slack endpoint, indented by six.
    #[must_use]
    pub fn slack(mut self, yaml: &str) -> Self {
        self.slack.push_str(yaml);
        self
    }

    /// With accounts to send from, on channels whose APIs are at an address.
    #[must_use]
    pub fn answering(mut self, url: &str) -> Self {
        self.answers = Some(url.into());
        self
    }

    /// With an Official Account alone, whose API and OAuth server are at addresses, and which renews its token, beginning with
    /// a refresh token. Keys are the caller's to give.
    #[must_use]
    pub fn renewing(mut self, url: &str, oauth: &str, refresh_token: &str) -> Self {
        self.renews = Some([url, oauth, refresh_token].map(Into::into));
        self
    }

    /// An environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Its folder, in which it keeps its data below `data`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// On ports of the caller's choice: webhooks, gRPC, admin.
    #[must_use]
    pub fn on(mut self, ports: [u16; 3]) -> Self {
        self.ports = ports;
        self
    }

    /// Only some roles.
    #[must_use]
    pub fn roles(mut self, roles: &'static str) -> Self {
        self.roles = Some(roles);
        self
    }

    /// A flag of `kenh serve`.
    #[must_use]
    pub fn flag(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    /// The configuration file, written.
    pub fn config(&self) -> PathBuf {
        let Self { folder, log, more, channels, slack, ports: [web, api, admin], .. } = self;
        fs::create_dir_all(folder).expect("a folder for the gateway");
        let path = folder.join("kenh.yaml");
        let data = folder.join("data");
        let messenger = self.answers.as_ref().map(|url| {
            format!("      api_url: {url}\n      accounts:\n        \"{PAGE}\": {{ token: {PAGE_TOKEN} }}\n")
        });
        let messenger = messenger.unwrap_or_default();
        let zalo = |url: &str, oauth: &str, account: &str| {
            format!(
                "      app_secret: {ZALO_APP_SECRET}\n      api_url: {url}\n      business_url: {url}\n      oauth_url: {oauth}\n      \
                 accounts:\n        \"{OA}\": {{ {account} }}\n"
            )
        };
        let zalo = match (&self.renews, &self.answers) {
            (Some([url, oauth, refresh]), _) => {
                zalo(url, oauth, &format!("token: {FIRST_ACCESS}, refresh_token: {refresh}"))
            }
            (None, Some(url)) => zalo(url, url, &format!("token: {OA_TOKEN}")),
            (None, None) => String::new(),
        };
        let yaml = format!(
            "data_dir: {}\nlog:\n{log}ingress:\n  listen: 127.0.0.1:{web}\napi:\n  listen: 127.0.0.1:{api}\n  heartbeat: 500ms\n\
             admin:\n  listen: 127.0.0.1:{admin}\n{more}channels:\n  messenger:\n    main:\n      app_secrets: {APP_SECRET}\n      \
             verify_token: {VERIFY_TOKEN}\n{messenger}    keeping:\n      app_secrets: {APP_SECRET}\n      verify_token: {VERIFY_TOKEN}\n      \
             raw: inline\n  slack:\n    main:\n      signing_secrets: {SIGNING_SECRET}\n{slack}  zalo:\n    main:\n      app_id: \"{ZALO_APP}\"\n      oa_secret_keys: {OA_SECRET}\n      \
             site_verification: Abc-123\n{zalo}{channels}",
            data.display()
        );
        fs::write(&path, yaml).expect("a writable configuration");
        path
    }

    /// Starts it without waiting for anything.
    pub fn spawn(self) -> Gateway {
        let config = self.config();
        let log = fs::File::options().create(true).append(true).open(leaks::log_of(&self.folder)).expect("a log file");
        let mut command = Command::new(binary());
        command.arg("serve").arg("--config").arg(config).stderr(log).stdout(Stdio::null()).kill_on_drop(true);
        command.args(self.roles.iter().flat_map(|roles| ["--role", roles]));
        // What only a developer sees must not say it either.
        command.env("KENH_TELEMETRY__LOG_LEVEL", "info,kenh=debug,connector=debug");
        command.args(&self.flags).envs(self.environment);
        let child = command.spawn().expect("kenh can be run");
        let [web, api, admin] = self.ports;
        Gateway { child, folder: self.folder, web, api, admin, expected_errors: false }
    }

    /// Starts it and waits until it is ready.
    pub async fn start(self) -> Gateway {
        let mut gateway = self.spawn();
        gateway.ready().await;
        gateway
    }
}

impl Gateway {
    /// Waits until it is ready.
    pub async fn ready(&mut self) {
        until("the gateway is ready", || async {
            self.admin_page("readyz").await.is_some_and(|(status, _)| status == 200)
        })
        .await;
    }

    /// Status and text of a page of the admin port; `None` when it does not answer.
    pub async fn admin_page(&self, page: &str) -> Option<(u16, String)> {
        let url = format!("http://127.0.0.1:{}/{page}", self.admin);
        let answer = crate::webhook::client().get(url).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// A metric's value, summed over the label sets that contain a text.
    pub async fn metric(&self, name: &str, labels: &str) -> f64 {
        let (_, text) = self.admin_page("metrics").await.expect("metrics");
        let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(labels));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }

    /// Address of an endpoint.
    pub fn url(&self, channel: &str, endpoint: &str) -> String {
        format!("http://127.0.0.1:{}/v1/webhooks/{channel}/{endpoint}", self.web)
    }

    /// gRPC address.
    pub fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.api)
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Its memory, in bytes: what it has now, and the most it has had.
    pub fn memory(&self) -> [u64; 2] {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        ["VmRSS:", "VmHWM:"].map(|name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux says it");
            line.trim_end_matches("kB").trim().parse::<u64>().expect("a number") << 10
        })
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(leaks::log_of(&self.folder)).unwrap_or_default()
    }

    /// Errors in the log are part of this test.
    pub fn expect_errors(&mut self) {
        self.expected_errors = true;
    }

    /// Lines of its audit log.
    pub fn audit(&self) -> Vec<serde_json::Value> {
        let lines = self.log();
        let read = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        read.filter(|line| line["target"] == "audit").collect()
    }

    /// Asks it to end, as an orchestrator does.
    pub async fn terminate(&self) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill can be run");
        assert!(status.success());
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").expect("it can be waited for")
    }

    /// Kills it as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it can be killed");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of the gateway ---\n{}", self.log());
            return;
        }
        let log = self.log();
        let error = log.lines().find(|line| line.contains("\"level\":\"ERROR\"") && !self.expected_errors);
        assert!(error.is_none(), "the gateway logged an error: {error:?}");
        for secret in [APP_SECRET, VERIFY_TOKEN, OA_SECRET, PAGE_TOKEN, OA_TOKEN, ZALO_APP_SECRET, oauth::TOKEN] {
            assert!(!log.contains(secret), "the gateway logged a secret");
        }
    }
}
