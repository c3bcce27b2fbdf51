//! The README's commands, as printed.

use std::{fs, process::Stdio};

use kenh_tests::{gateway::binary, ports, repository, until, webhook::client};
use tokio::process::Command;

/// Blocks of shell in the README that contain a text.
fn blocks(containing: &str) -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block.to_owned()).filter(|block| block.contains(containing)).collect()
}

async fn shell(script: &str) -> String {
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", script]).output().await.unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_signed_with_openssl_is_accepted_and_one_changed_byte_is_refused() {
    let [web, api, admin] = [ports::free(), ports::free(), ports::free()];
    let mut demo = Command::new(binary());
    demo.args(["demo", "--port", &web.to_string(), "--api-port", &api.to_string(), "--admin-port", &admin.to_string()]);
    let mut demo = demo.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let ready = format!("http://127.0.0.1:{admin}/readyz");
    until("the demo is ready", || async {
        client().get(&ready).send().await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;

    let calls = blocks("curl -i");
    assert_eq!(calls.len(), 2, "one for each channel");
    for call in calls {
        let call = call.replace("127.0.0.1:8080", &format!("127.0.0.1:{web}"));
        assert!(shell(&call).await.starts_with("HTTP/1.1 200"), "{call}");
        let tampered = call.replace("-d \"$body\"", "-d \"${body/text/texd}\"");
        assert_ne!(call, tampered);
        assert!(shell(&tampered).await.starts_with("HTTP/1.1 401"), "{tampered}");
    }
    let tail = format!("{} tail --api http://127.0.0.1:{api} --from earliest --kind message", binary().display());
    let stored = shell(&format!("timeout 5 {tail} || true")).await;
    assert!(stored.contains("Xin chào") && stored.contains("Còn hàng không ạ"), "both texts come out");
    demo.kill().await.unwrap();
}

#[test]
fn the_two_commands_come_first() {
    assert!(blocks("make run")[0].starts_with("make run"));
    assert!(blocks("make run")[0].contains("\nmake test"));
}
