use std::{fs, process::Output};

use kenh_tests::{
    gateway::{Setup, kenh},
    oauth::{FIRST, Manner, TOKEN},
    until,
};
use serde_json::json;

use super::{KEY, OTHER_KEY, World, renewed, setup};

const ACCOUNT: &str = "zalo/main/7770001112223334445";

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Starts it to see it refuse. What it says behind its log.
async fn refused(setup: Setup) -> (Option<i32>, Vec<String>) {
    let mut gateway = setup.spawn();
    let code = gateway.ended().await.code();
    gateway.expect_errors();
    let lines = gateway.log().lines().filter(|line| line.starts_with("kenh: ")).map(Into::into).collect();
    (code, lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_lies_open_in_the_state_store() {
    let world = World::new().await;
    let mut gateway = world.setup().start().await;
    renewed(&gateway).await;
    gateway.kill().await;
    let mut files = 0;
    for entry in fs::read_dir(world.folder.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files += 1;
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()), "{}", path.display());
        }
    }
    assert!(files > 1, "the state store is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_replaced_and_a_wrong_one_is_one_clear_line() {
    let world = World::new().await;
    let with = |keys: &[&str]| setup(world.folder.path(), &world.provider, &world.oauth, keys);
    let mut gateway = with(&[KEY]).start().await;
    renewed(&gateway).await;
    gateway.terminate().await;
    gateway.ended().await;
    drop(gateway);

    let (code, lines) = refused(with(&[OTHER_KEY])).await;
    assert_eq!((code, lines.len()), (Some(2), 1), "{lines:?}");
    assert!(lines[0].contains(ACCOUNT) && lines[0].contains("not among `credentials.keys`"), "{lines:?}");

    let mut gateway = with(&[OTHER_KEY, KEY]).start().await;
    until("it is sealed with the new key", || async {
        gateway.metric("kenh_credentials", "key=\"current\"").await >= 1.0
            && gateway.metric("kenh_credentials", "key=\"older\"").await < 1.0
    })
    .await;
    gateway.terminate().await;
    gateway.ended().await;
    drop(gateway);
    // The folder's log has the line of the refusal; errors after it are none.
    let mut gateway = with(&[OTHER_KEY]).start().await;
    gateway.terminate().await;
    gateway.ended().await;
    assert_eq!(world.oauth.calls(), [FIRST], "no token was spent for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_key_lost_a_credential_is_discarded_and_a_new_consent_begins() {
    let world = World::new().await;
    let mut gateway = world.setup().start().await;
    renewed(&gateway).await;
    gateway.terminate().await;
    gateway.ended().await;
    drop(gateway);
    let consent = world.oauth.consent();
    let lost = setup(world.folder.path(), &world.provider, &world.oauth, &[OTHER_KEY]).renewing(
        &world.provider.url(),
        &world.oauth.url(),
        &consent,
    );
    let config = lost.config();
    let config = config.to_str().unwrap();
    let (code, text) = said(&kenh(&["credentials", "discard", "--config", config, "zalo/main/1"], b"").await);
    assert!(code == Some(2) && text.contains(ACCOUNT), "{text}");
    let (code, text) = said(&kenh(&["credentials", "discard", "--config", config, ACCOUNT], b"").await);
    assert_eq!((code, text.as_str()), (Some(0), ""));
    let gateway = lost.start().await;
    until("the new consent is spent", || async { world.oauth.calls().contains(&consent) }).await;
    renewed(&gateway).await;
    assert_eq!(world.oauth.calls(), [FIRST.to_owned(), consent]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_starts_and_a_new_one_is_printed() {
    let world = World::new().await;
    let without = setup(world.folder.path(), &world.provider, &world.oauth, &[]);
    let config = without.config();
    let (code, text) = said(&kenh(&["config", "check", "--config", config.to_str().unwrap()], b"").await);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("credentials.keys: is required") && text.contains(ACCOUNT), "{text}");
    assert!(text.contains("kenh credentials new-key") && !text.contains(TOKEN), "{text}");
    // Who only takes webhooks needs none.
    let arguments = ["config", "check", "--role", "ingress,api", "--config", config.to_str().unwrap()];
    assert_eq!(said(&kenh(&arguments, b"").await), (Some(0), String::new()));
    let short = setup(world.folder.path(), &world.provider, &world.oauth, &["a-password"]);
    let (code, text) = said(&kenh(&["config", "check", "--config", short.config().to_str().unwrap()], b"").await);
    assert!(code == Some(2) && text.contains("expected 32 bytes in base64") && !text.contains("a-password"), "{text}");

    let printed = kenh(&["credentials", "new-key"], b"").await;
    let key = String::from_utf8(printed.stdout).unwrap();
    let other = String::from_utf8(kenh(&["credentials", "new-key"], b"").await.stdout).unwrap();
    assert_ne!(key, other);
    world.oauth.next([Manner::Says(503, json!({}))]);
    let gateway = setup(world.folder.path(), &world.provider, &world.oauth, &[key.trim()]).start().await;
    renewed(&gateway).await;
}
