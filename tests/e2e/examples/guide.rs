//! The guide: its commands run, and its snippets are the examples'.

use std::{fs, path::Path};

use kenh_tests::{
    gateway::binary,
    provider::Provider,
    repository,
    webhook::{messenger, messenger_now},
};
use tokio::process::Command;

use super::{Example, desk::shell_blocks, setup};

const GUIDE: &str = "deploy/examples/README.md";

/// What a folder's sources hold.
fn sources(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "py"));
    files.map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn its_snippets_are_the_examples() {
    let guide = fs::read_to_string(repository().join(GUIDE)).unwrap();
    let sources = sources(&repository().join("deploy/examples/python/help_desk"));
    let snippets: Vec<_> = guide.split("```python\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert!(snippets.len() > 5, "{}", snippets.len());
    for snippet in snippets {
        assert!(sources.iter().any(|source| source.contains(snippet)), "no example has:\n{snippet}");
    }
    let fences: Vec<_> =
        guide.lines().filter_map(|line| line.strip_prefix("```")).filter(|kind| !kind.is_empty()).collect();
    assert!(fences.iter().all(|kind| ["sh", "python"].contains(kind)), "each kind of snippet is checked: {fences:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_work_one_after_the_other() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = setup(folder.path(), &provider).start().await;
    let blocks = shell_blocks(&repository().join(GUIDE));
    let (first, rest) = blocks.split_first().unwrap();
    let api = gateway.api_url();
    // The gateway is elsewhere.
    let script = |blocks: &[String]| {
        let shell = format!("kenh() {{ {} \"$@\" --api {api}; }}\n", binary().display());
        Command::new("bash").args(["-euxo", "pipefail", "-c", &(shell + &blocks.concat())]).output()
    };
    let created = script(std::slice::from_ref(first)).await.unwrap();
    assert!(String::from_utf8_lossy(&created.stdout).contains("help-desk"), "{created:?}");
    let example = Example::node();
    let desk = example.start(&api, None, &[]);
    desk.says("subscribed").await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Có màu đỏ không ạ")).await, 200);
    desk.says("ticket 1: ACCEPTED SENT\n").await;
    let output = script(rest).await.unwrap();
    let (said, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complaints}");
    for expected in ["\"sendable\":true", "\"SEND_STATE_ACCEPTED\"", "\"FEATURE_TEXT\"", "\"backlog\""] {
        assert!(said.contains(expected), "no {expected} in {said}");
    }
    desk.says("ticket 1: seen before\n").await;
    assert_eq!(provider.texts().last().unwrap(), "Yes, we have it in red.");
    assert_eq!(provider.texts().len(), 2);
}
