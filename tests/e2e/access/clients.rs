//! A client that is not ours, with a key over TLS.

use kenh_tests::{
    access::{Authority, new_key},
    tools::{complaint, printed, run},
};

use super::*;
use crate::clients::Client;

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_reads_with_its_key_over_tls() {
    let (folder, authority, key) = (tempfile::tempdir().unwrap(), Authority::default(), new_key().await);
    let [certificate, own] = authority.server().write(folder.path(), "server");
    let ca = folder.path().join("ca.crt");
    std::fs::write(&ca, authority.pem()).unwrap();
    let tls = format!("  tls:\n    certificate: {}\n    key: {}\n", certificate.display(), own.display());
    let gateway = start(&folder, &(access(&[client("crm", &key, "'read:zalo'")]) + &tls)).await;
    post_three(&gateway).await;
    let (python, ca) = (Client::python().await, ca.to_str().unwrap());
    let output = run(python.command(&gateway, 1, &["--ca", ca]).env("KENH_API_KEY", &key.secret)).await;
    let event: Value = serde_json::from_str(printed(&output).trim()).unwrap();
    assert_eq!((&event["channel"], &event["text"]), (&"zalo".into(), &"ba".into()));

    let output = run(python.command(&gateway, 1, &["--ca", ca]).env("KENH_API_KEY", "kenh_wrong")).await;
    assert_eq!(output.status.code(), Some(1));
    let complaint = complaint(&output);
    assert!(complaint.contains("UNAUTHENTICATED CREDENTIALS_INVALID"), "{complaint}");
}
