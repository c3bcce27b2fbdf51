//! API keys.

use kenh_tests::{
    access::{connect, new_key},
    gateway::{Setup, kenh},
    repository,
    stream::{Stream, latest},
    tools::{complaint, printed},
    webhook::{messenger, messenger_text},
};
use tokio::process::Command;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest,
};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_a_key_gets_in() {
    let (folder, key, other) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let gateway = start(&folder, &access(&[client("crm", &key, "read")])).await;
    post_three(&gateway).await;
    let url = gateway.api_url();
    sees(&connect(&url, Some(&key.secret)).await, 3).await;

    let nobody = refusal(channels(&connect(&url, None).await).await);
    assert_eq!(nobody, refused(Code::Unauthenticated, "CREDENTIALS_MISSING"));
    let almost = key.secret.strip_suffix(|_: char| true).unwrap();
    let almost = [almost, if key.secret.ends_with('0') { "1" } else { "0" }].concat();
    for wrong in [other.secret.as_str(), &almost, "kenh_", "secret", "", &key.hash] {
        let answer = refusal(channels(&connect(&url, Some(wrong)).await).await);
        assert_eq!(answer, refused(Code::Unauthenticated, "CREDENTIALS_INVALID"), "{wrong}");
    }
    let counted = gateway.metric("kenh_api_refused_total", "credentials_invalid").await;
    assert!((counted - 6.0).abs() < 0.5, "{counted}");

    let lines = lines_of(&gateway, "ListEvents");
    assert_eq!(lines.len(), 7, "reading is not told of, a refusal is: {lines:?}");
    assert!(lines.iter().all(|line| line["outcome"] == "unauthenticated" && line["peer"] == "127.0.0.1"));
    for secret in [&key.secret, &key.hash, &other.secret] {
        assert!(!gateway.log().contains(secret.as_str()), "the log holds a key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_key_is_replaced_both_do_and_afterwards_the_new_one() {
    let (folder, old, new) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let both = format!(
        "access:\n  clients:\n    crm:\n      api_key_sha256: [{}, {}]\n      rights: read\n",
        old.hash, new.hash
    );
    let mut gateway = start(&folder, &both).await;
    for key in [&old, &new] {
        assert!(channels(&connect(&gateway.api_url(), Some(&key.secret)).await).await.is_ok());
    }
    gateway.terminate().await;
    gateway.ended().await;
    let gateway = start(&folder, &access(&[client("crm", &new, "read")])).await;
    assert!(channels(&connect(&gateway.api_url(), Some(&new.secret)).await).await.is_ok());
    let answer = refusal(channels(&connect(&gateway.api_url(), Some(&old.secret)).await).await);
    assert_eq!(answer, refused(Code::Unauthenticated, "CREDENTIALS_INVALID"));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_open_and_the_contract_is_for_those_who_are_known() {
    let (folder, key) = (tempfile::tempdir().unwrap(), new_key().await);
    let mut gateway = start(&folder, &access(&[client("crm", &key, "send:zalo")])).await;
    let url = gateway.api_url();
    let (nobody, crm) = (connect(&url, None).await, connect(&url, Some(&key.secret)).await);
    assert!(HealthClient::new(nobody.clone()).check(HealthCheckRequest::default()).await.is_ok());
    let request = || {
        let message_request = Some(MessageRequest::ListServices(String::new()));
        tokio_stream::once(ServerReflectionRequest { host: String::new(), message_request })
    };
    let answer = ServerReflectionClient::new(nobody).server_reflection_info(request()).await;
    assert_eq!(refusal(answer), refused(Code::Unauthenticated, "CREDENTIALS_MISSING"));
    assert!(ServerReflectionClient::new(crm.clone()).server_reflection_info(request()).await.is_ok());

    gateway.terminate().await;
    gateway.ended().await;
    let without = format!("{}  reflection: false\n", access(&[client("crm", &key, "read")]));
    let gateway = start(&folder, &without).await;
    let crm = connect(&gateway.api_url(), Some(&key.secret)).await;
    let answer = ServerReflectionClient::new(crm).server_reflection_info(request()).await;
    assert_eq!(answer.err().map(|status| status.code()), Some(Code::Unimplemented));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_without_a_row_is_refused() {
    let (folder, key) = (tempfile::tempdir().unwrap(), new_key().await);
    let gateway = start(&folder, &access(&[client("crm", &key, "read, send, manage, raw")])).await;
    let mut grpc = tonic::client::Grpc::new(connect(&gateway.api_url(), Some(&key.secret)).await);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<PullRequest, PullRequest>::default();
    let path = "/kenh.v1.EventService/pull".parse().unwrap();
    let answer = grpc.unary(tonic::Request::new(PullRequest::default()), path, codec).await;
    assert_eq!(refusal(answer), refused(Code::Unimplemented, "METHOD_UNKNOWN"));
    assert_eq!(lines_of(&gateway, "unknown")[0]["client"], "crm");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_takes_its_key_from_a_file_or_the_environment() {
    let (folder, key) = (tempfile::tempdir().unwrap(), new_key().await);
    let gateway = start(&folder, &access(&[client("ops", &key, "read, manage, raw")])).await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "một")).await, 200);
    let (url, file) = (gateway.api_url(), folder.path().join("key"));
    std::fs::write(&file, format!("{}\n", key.secret)).unwrap();

    let tail = ["tail", "--api", &url, "--from", "earliest", "--count", "1", "--json"];
    let output = kenh(&[&tail[..], &["--api-key-file", file.to_str().unwrap()]].concat(), b"").await;
    assert!(printed(&output).contains("một"));
    let output = kenh(&tail, b"").await;
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("say who calls"), "{}", complaint(&output));

    for arguments in [&["subscription", "create", "desk"][..], &["subscription", "list"], &["parked", "list"]] {
        let mut command = Command::new(kenh_tests::gateway::binary());
        command.args(arguments).args(["--api", &url]).env("KENH_API_KEY", &key.secret).current_dir(repository());
        let output = kenh_tests::tools::run(&mut command).await;
        assert!(output.status.success(), "{arguments:?}: {}", complaint(&output));
    }
    let created = lines_of(&gateway, "CreateSubscription");
    assert_eq!((&created[0]["client"], &created[0]["outcome"]), (&"ops".into(), &"ok".into()));

    std::fs::write(&file, "two\nlines").unwrap();
    let output = kenh(&[&tail[..], &["--api-key-file", file.to_str().unwrap()]].concat(), b"").await;
    assert_eq!(output.status.code(), Some(2));
    assert!(!complaint(&output).contains("two"), "a secret is not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_settings_nobody_on_this_machine_needs_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    Stream::open(&gateway, latest()).await;
    assert!(channels(&connect(&gateway.api_url(), Some("whatever")).await).await.is_ok());
}
