//! TLS, and clients that are known by their certificates.

use std::{fs, path::Path};

use kenh_tests::{
    access::{Authority, connect, connect_tls, new_key},
    gateway::kenh,
    stream::{Stream, latest},
    tools::{complaint, printed},
    until,
};

use super::*;

/// Settings with the files of a folder.
fn tls(folder: &Path, more: &str) -> String {
    let file = |name: &str| folder.join(name).display().to_string();
    format!(
        "  tls:\n    certificate: {}\n    key: {}\n    reload_every: 100ms\n{more}",
        file("server.crt"),
        file("server.key")
    )
}

fn https(gateway: &Gateway) -> String {
    gateway.api_url().replace("http://", "https://")
}

/// Whether a connection was ended before anybody answered, in whatever way the client noticed it.
fn cut_off(answer: Result<(), Code>) -> bool {
    answer.is_err_and(|code| !matches!(code, Code::Unauthenticated | Code::PermissionDenied))
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_a_key_gets_in_and_plain_text_gets_nowhere() {
    let (folder, authority, key) = (tempfile::tempdir().unwrap(), Authority::default(), new_key().await);
    authority.server().write(folder.path(), "server");
    let yaml = access(&[client("crm", &key, "read")]) + &tls(folder.path(), "");
    let gateway = start(&folder, &yaml).await;
    post_three(&gateway).await;
    let url = https(&gateway);
    let crm = connect_tls(&url, &authority, None, Some(&key.secret)).await.unwrap();
    sees(&crm, 3).await;
    assert!(Stream::over(&mut events(&crm), latest()).await.is_ok());
    let nobody = connect_tls(&url, &authority, None, None).await.unwrap();
    assert_eq!(refusal(channels(&nobody).await), refused(Code::Unauthenticated, "CREDENTIALS_MISSING"));
    assert!(
        connect_tls(&url, &Authority::default(), None, None).await.is_err(),
        "the gateway is known by its authority"
    );
    assert!(channels(&connect(&gateway.api_url(), Some(&key.secret)).await).await.is_err(), "plain text");

    let (ca, file) = (folder.path().join("ca.crt"), folder.path().join("key"));
    fs::write(&ca, authority.pem()).unwrap();
    fs::write(&file, &key.secret).unwrap();
    let tail = ["tail", "--api", &url, "--from", "earliest", "--count", "1", "--api-key-file", file.to_str().unwrap()];
    let output = kenh(&[&tail[..], &["--ca", ca.to_str().unwrap()]].concat(), b"").await;
    assert!(printed(&output).contains("\"channel\""));
    let output = kenh(&tail, b"").await;
    assert_eq!(output.status.code(), Some(1), "no authority of the system knows it: {}", complaint(&output));
    let expiry = gateway.metric("kenh_tls_expiry_timestamp_seconds", "").await;
    assert!(expiry > 1e9, "{expiry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_says_who_calls_and_what_it_may() {
    let (folder, authority, key) = (tempfile::tempdir().unwrap(), Authority::default(), new_key().await);
    authority.server().write(folder.path(), "server");
    fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    let by_name = "    desk:\n      certificate: {common_name: desk}\n      rights: ['read:zalo']\n";
    let by_uri = "    mesh:\n      certificate: {uri: 'spiffe://example.org/crm'}\n      rights: [read]\n";
    let clients = [client("crm", &key, "read"), by_name.into(), by_uri.into()];
    let ca = format!("    client_ca: {}\n", folder.path().join("ca.crt").display());
    let gateway = start(&folder, &(access(&clients) + &tls(folder.path(), &ca))).await;
    post_three(&gateway).await;
    let url = https(&gateway);
    let desk = connect_tls(&url, &authority, Some(&authority.client("desk", None)), None).await.unwrap();
    sees(&desk, 1).await;
    assert_eq!(channels(&desk).await.unwrap(), ["zalo"]);
    assert_eq!(refusal(pulled(&desk, &["messenger"]).await), refused(Code::PermissionDenied, "RIGHT_MISSING"));
    assert_eq!(lines_of(&gateway, "Pull")[0]["auth"], "certificate");
    let mesh = authority.client("some-pod", Some("spiffe://example.org/crm"));
    sees(&connect_tls(&url, &authority, Some(&mesh), None).await.unwrap(), 3).await;

    let unknown = connect_tls(&url, &authority, Some(&authority.client("nobody", None)), None).await.unwrap();
    assert_eq!(refusal(channels(&unknown).await), refused(Code::Unauthenticated, "CREDENTIALS_INVALID"));
    let without = connect_tls(&url, &authority, None, None).await.unwrap();
    assert_eq!(refusal(channels(&without).await), refused(Code::Unauthenticated, "CREDENTIALS_MISSING"));
    let with_key = connect_tls(&url, &authority, None, Some(&key.secret)).await.unwrap();
    assert_eq!(channels(&with_key).await.unwrap().len(), 3, "a certificate is asked for, not required");
    let both = connect_tls(&url, &authority, Some(&authority.client("desk", None)), Some("kenh_wrong")).await.unwrap();
    assert_eq!(refusal(channels(&both).await), refused(Code::Unauthenticated, "CREDENTIALS_INVALID"));

    let forged = Authority::default().client("desk", None);
    let stranger = connect_tls(&url, &authority, Some(&forged), None).await;
    let answer = match stranger {
        Ok(calling) => channels(&calling).await.map(drop).map_err(|status| status.code()),
        Err(_) => Err(Code::Unavailable),
    };
    assert!(cut_off(answer), "signed by somebody else: {answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_certificates_are_required_nobody_connects_without() {
    let (folder, authority, key) = (tempfile::tempdir().unwrap(), Authority::default(), new_key().await);
    authority.server().write(folder.path(), "server");
    fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    let more =
        format!("    client_ca: {}\n    require_client_certificate: true\n", folder.path().join("ca.crt").display());
    let gateway = start(&folder, &(access(&[client("crm", &key, "read")]) + &tls(folder.path(), &more))).await;
    let url = https(&gateway);
    let without = connect_tls(&url, &authority, None, Some(&key.secret)).await;
    let answer = match without {
        Ok(calling) => channels(&calling).await.map(drop).map_err(|status| status.code()),
        Err(_) => Err(Code::Unavailable),
    };
    assert!(cut_off(answer), "{answer:?}");
    let any = authority.client("any", None);
    let [certificate, own] = any.write(folder.path(), "any");
    let with = connect_tls(&url, &authority, Some(&any), Some(&key.secret)).await.unwrap();
    assert!(channels(&with).await.is_ok(), "the certificate lets it connect, the key says who it is");

    let file = folder.path().join("key");
    fs::write(&file, &key.secret).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let arguments = [
        "subscription".into(),
        "list".into(),
        "--api".into(),
        url,
        "--ca".into(),
        path(&folder.path().join("ca.crt")),
        "--cert".into(),
        path(&certificate),
        "--key".into(),
        path(&own),
        "--api-key-file".into(),
        path(&file),
    ];
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    printed(&kenh(&arguments, b"").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_replaced_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second, key) = (Authority::default(), Authority::default(), new_key().await);
    first.server().write(folder.path(), "server");
    let yaml = access(&[client("crm", &key, "read")]) + &tls(folder.path(), "");
    let gateway = start(&folder, &yaml).await;
    let url = https(&gateway);
    let old = connect_tls(&url, &first, None, Some(&key.secret)).await.unwrap();
    let mut stream = Stream::over(&mut events(&old), latest()).await.unwrap();

    // A half-written one changes nothing.
    fs::write(folder.path().join("server.crt"), "half of it").unwrap();
    until("it is said", || async { gateway.log().contains("the one before stays in use") }).await;
    assert!(connect_tls(&url, &first, None, Some(&key.secret)).await.is_ok());

    second.server().write(folder.path(), "server");
    until("the new one is shown", || async { connect_tls(&url, &second, None, Some(&key.secret)).await.is_ok() }).await;
    assert!(connect_tls(&url, &first, None, Some(&key.secret)).await.is_err());
    post_three(&gateway).await;
    stream.deliveries(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_named_at_the_start() {
    let (folder, key) = (tempfile::tempdir().unwrap(), new_key().await);
    let yaml = access(&[client("crm", &key, "read")]) + &tls(folder.path(), "");
    let mut gateway = Setup::embedded(folder.path()).with(&yaml).spawn();
    assert_eq!(gateway.ended().await.code(), Some(2));
    assert!(gateway.log().contains("access.tls.certificate: "), "{}", gateway.log());
}
