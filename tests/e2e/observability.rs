//! What an operator sees: metrics, live, ready.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Stdio,
};

use kenh_tests::{
    PATIENCE,
    gateway::{Gateway, Setup},
    ports,
    stream::{Stream, earliest},
    tools::promtool,
    until,
    webhook::{messenger, messenger_text, zalo, zalo_text},
};
use tokio::{io::AsyncWriteExt as _, process::Command};

/// Every label there is. A new one must come from a closed set as well.
const LABELS: &[&str] = &[
    "method", "key", "state", "by", "channel", "kind", "le", "outcome", "protocol", "purpose", "reason", "result",
    "spool", "written",
];

/// The metrics of a gateway that has met with everything it counts without a fault of its own.
async fn page(gateway: &Gateway) -> String {
    let (messenger, zalo) = (messenger(), zalo());
    let body = messenger_text(660_001, "m_secret_id", "Xin chào");
    assert_eq!(messenger.post(gateway, &body).await, 200);
    assert_eq!(zalo.post(gateway, &zalo_text(5_550_123, "z_secret_id", "Chào shop")).await, 200);
    assert_eq!(messenger.post(gateway, "{\"object\": 1}").await, 200, "kept as it came");
    assert_eq!(zalo.post_to(&gateway.url("messenger", "main"), &body).await.unwrap(), 401);
    assert_eq!(messenger.post_to(&gateway.url("stranger", "660001"), &body).await.unwrap(), 404);
    Stream::open(gateway, earliest()).await.deliveries(2).await;
    let (status, text) = gateway.admin_page("metrics").await.expect("metrics");
    assert_eq!(status, 200);
    text
}

async fn checked_by_promtool(page: &str) {
    let mut promtool = Command::new(promtool());
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = promtool.kill_on_drop(true).spawn().expect("promtool can be run");
    child.stdin.take().unwrap().write_all(page.as_bytes()).await.unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    let complaint = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && complaint.is_empty(), "{}", String::from_utf8_lossy(&complaint));
}

/// The labels of a line, as name and value.
fn labels(line: &str) -> Vec<(&str, &str)> {
    let inside = line.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(inside, _)| inside);
    let pairs = inside.split(',').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or_else(|| panic!("{line}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_pass_promtool_and_no_label_names_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let page = page(&gateway).await;
    checked_by_promtool(&page).await;

    let (mut help, mut types) = (BTreeSet::new(), BTreeMap::new());
    for line in page.lines().filter(|line| !line.is_empty()) {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", family, text] => assert!(!text.is_empty() && help.insert(family), "{line}"),
            ["#", "TYPE", family, kind] => assert_eq!(types.insert(family, kind), None, "{line}"),
            _ => {
                let name = line.split(['{', ' ']).next().unwrap();
                let parts = ["_bucket", "_sum", "_count"];
                let family = parts.iter().find_map(|part| name.strip_suffix(part)).filter(|base| help.contains(base));
                let family = family.unwrap_or(name);
                assert!(help.contains(family), "no HELP: {line}");
                let kind = types.get(family).unwrap_or_else(|| panic!("no TYPE: {line}"));
                assert_eq!(*kind == "counter", name.ends_with("_total"), "{line}");
                assert!(family.starts_with("kenh_"), "{line}");
            }
        }
        for (name, value) in labels(line).into_iter().filter(|_| !line.starts_with('#')) {
            assert!(LABELS.contains(&name), "a label nobody agreed on: {line}");
            let word = value.trim_matches('"');
            let plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let method = name == "method" && ["kenh.v1.", "grpc."].iter().any(|package| word.starts_with(package));
            assert!(name == "le" || plain || method, "{line}");
        }
    }
    assert!(types.len() >= 7, "{types:?}");
    for id in ["660001", "5550123", "secret_id", "770001", "7770001112223334445", "stranger"] {
        assert!(!page.contains(id), "{id} in {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_runs_is_live_and_names_what_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    assert_eq!(gateway.admin_page("healthz").await, Some((200, "live\n".into())));
    assert_eq!(
        gateway.admin_page("readyz").await,
        Some((200, "api: ready\ndispatch: ready\nlog: ready\npoller: ready\nstate store: ready\n".into()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_its_broker_is_live_and_says_what_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("amqp://guest:guest@127.0.0.1:{}/%2f", ports::free());
    let gateway = Setup::rabbitmq(folder.path(), &url, "absent").spawn();
    until("it is live", || async { gateway.admin_page("healthz").await == Some((200, "live\n".into())) }).await;
    until("the broker is named", || async {
        let (status, report) = gateway.admin_page("readyz").await.expect("it is live");
        assert_eq!(status, 503, "{report}");
        assert!(!report.contains("guest"), "a password in {report}");
        let broker = report.lines().find(|line| line.starts_with("broker"));
        broker.is_some_and(|line| !line.ends_with(": ready") && !line.ends_with(": starting"))
    })
    .await;
}
