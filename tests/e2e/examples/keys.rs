//! With a key, over TLS and on the same machine.

use kenh_tests::{
    access::{Authority, Key, new_key},
    gateway::kenh,
    provider::Provider,
    webhook::{messenger, messenger_now},
};

use super::{Example, FIRST, for_each_example, setup};

for_each_example!(it_needs_no_more_than_reading_and_sending, what_is_wrong_with_its_key_is_said);

/// `read` and `send` for the desk, `read` for one that may only watch, `read` and `manage` for the operator.
async fn clients() -> (String, [Key; 3]) {
    let keys = [new_key().await, new_key().await, new_key().await];
    let client = |name: &str, key: &Key, rights: &str| {
        format!("    {name}:\n      api_key_sha256: {}\n      rights: [{rights}]\n", key.hash)
    };
    let clients = [
        client("desk", &keys[0], "read, send"),
        client("watcher", &keys[1], "read"),
        client("operator", &keys[2], "read, manage"),
    ];
    (format!("access:\n  clients:\n{}", clients.concat()), keys)
}

/// As the example's README tells operators.
async fn create(api: &str, ca: Option<&str>, operator: &Key) {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), &operator.secret).unwrap();
    let mut arguments = vec!["subscription", "create", "help-desk", "--kind", "message,message_status"];
    arguments.extend(["--api", api, "--api-key-file", key.path().to_str().unwrap()]);
    arguments.extend(ca.iter().flat_map(|ca| ["--ca", ca]));
    let output = kenh(&arguments, b"").await;
    assert!(output.status.success(), "{}", kenh_tests::tools::complaint(&output));
}

async fn it_needs_no_more_than_reading_and_sending(example: Example) {
    let (folder, provider, authority) = (tempfile::tempdir().unwrap(), Provider::start().await, Authority::default());
    let [certificate, own] = authority.server().write(folder.path(), "server");
    let ca = folder.path().join("ca.crt");
    std::fs::write(&ca, authority.pem()).unwrap();
    let (ca, (access, [key, _, operator])) = (ca.to_str().unwrap(), clients().await);
    let tls = format!("  tls:\n    certificate: {}\n    key: {}\n", certificate.display(), own.display());
    let gateway = setup(folder.path(), &provider).with(&(access + &tls)).start().await;
    let api = format!("https://localhost:{}", gateway.api);
    create(&api, Some(ca), &operator).await;
    let mut desk = example.start(&api, Some(&key.secret), &["--ca", ca]);
    desk.says("subscribed").await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Xin chào")).await, 200);
    desk.says("ticket 1: ACCEPTED SENT\n").await;
    assert_eq!(provider.texts(), [FIRST]);
    assert!(desk.terminate().await.success());

    let mut stranger = example.start(&api, Some("kenh_wrong"), &["--ca", ca]);
    assert_eq!(stranger.ended().await.code(), Some(1));
    stranger.says("UNAUTHENTICATED CREDENTIALS_INVALID: what was to prove who calls does not prove it\n").await;
    assert_eq!(stranger.said().lines().count(), 1, "one line says it: {}", stranger.said());
}

async fn what_is_wrong_with_its_key_is_said(example: Example) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let (access, [key, watcher, operator]) = clients().await;
    let gateway = setup(folder.path(), &provider).with(&access).start().await;
    let api = gateway.api_url();

    let mut nobody = example.start(&api, None, &[]);
    assert_eq!(nobody.ended().await.code(), Some(1));
    nobody.says("UNAUTHENTICATED CREDENTIALS_MISSING: say who calls").await;
    // Nobody has created the subscription.
    let mut early = example.start(&api, Some(&key.secret), &[]);
    assert_eq!(early.ended().await.code(), Some(1));
    early.says("PERMISSION_DENIED RIGHT_MISSING: the caller has not the right `manage`").await;
    create(&api, None, &operator).await;
    let mut silent = example.start(&api, Some(&watcher.secret), &[]);
    silent.says("subscribed").await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Xin chào")).await, 200);
    assert_eq!(silent.ended().await.code(), Some(1));
    silent.says("PERMISSION_DENIED RIGHT_MISSING: the caller has not the right `send`").await;
    // The right key, and the event that the other one could not answer.
    let desk = example.start(&api, Some(&key.secret), &[]);
    desk.says("ticket 1: ACCEPTED SENT\n").await;
    assert_eq!(provider.texts(), [FIRST]);

    let mut careless = example.start("http://192.0.2.1:50051", Some(&key.secret), &[]);
    assert_eq!(careless.ended().await.code(), Some(1));
    careless.says("the key would cross the network readable: use https:// for 192.0.2.1:50051\n").await;
}
