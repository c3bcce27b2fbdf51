//! What hangs on a mail, for those who may read the mail.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    access::{connect, events, new_key},
    gateway::{Gateway, Setup, kenh},
    webhook::client,
};

use super::*;

const TOKEN: &str = "address-token-for-tests-0001";

/// A mail with two files comes in by Postmark.
async fn mail(gateway: &Gateway, files: &[(&str, &[u8])]) {
    let attachments: Vec<_> = files
        .iter()
        .map(|(name, bytes)| json!({"Name": name, "Content": STANDARD.encode(bytes), "ContentType": "application/pdf"}))
        .collect();
    let body = json!({
        "From": "lan@customer.test", "FromFull": {"Email": "lan@customer.test", "Name": "Lan"},
        "To": "support@example.test", "OriginalRecipient": "support@example.test", "Subject": "Hóa đơn",
        "MessageID": "00000000-0000-4000-8000-000000000001", "Date": "Thu, 1 Jan 2026 08:00:00 +0700",
        "TextBody": leaks::MARK, "Headers": [{"Name": "Message-ID", "Value": "<lan-1@customer.test>"}],
        "Attachments": attachments,
    });
    let url = format!("{}/{TOKEN}", gateway.url("email", "postmark"));
    assert_eq!(client().post(url).body(body.to_string()).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mails_file_is_given_as_it_was_sent_to_those_who_may_read_the_mail() {
    let (folder, key, other) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let client = |name: &str, hash: &str, rights: &str| {
        format!("    {name}:\n      api_key_sha256: {hash}\n      rights: [{rights}]\n")
    };
    let clients = [client("desk", &key.hash, "'read:email'"), client("other", &other.hash, "'read:zalo', raw, manage")];
    let channel = format!(
        "  email:\n    postmark:\n      provider: postmark\n      secrets: {TOKEN}\n      mailboxes: [support@example.test]\n"
    );
    let setup = Setup::embedded(folder.path()).with(&format!("access:\n  clients:\n{}", clients.concat()));
    let gateway = setup.channels(&channel).start().await;
    let (large, small) = (bytes(1, 300_001), bytes(2, 10));
    mail(&gateway, &[("hóa đơn.pdf", &large), ("b.pdf", &small)]).await;

    let url = gateway.api_url();
    let (desk, other) = (connect(&url, Some(&key.secret)).await, connect(&url, Some(&other.secret)).await);
    let listed =
        || async { events(&desk).list_events(ListEventsRequest::default()).await.unwrap().into_inner().deliveries };
    kenh_tests::until("the mail is listed", || async { listed().await.len() == 1 }).await;
    let event = stream::envelope(&listed().await[0]).clone();
    // Both from the event, then both from the store.
    for outcome in ["enclosed", "stored"] {
        let first = get_over(&mut events(&desk), &event, 0).await.unwrap();
        assert!(first.bytes == large, "{} bytes came", first.bytes.len());
        assert_eq!((first.info.name.as_deref(), first.info.size), (Some("hóa đơn.pdf"), 300_001));
        assert_eq!(first.info.mime_type.as_deref(), Some("application/pdf"));
        assert_eq!(first.info.sha256, ring::digest::digest(&ring::digest::SHA256, &large).as_ref());
        assert_eq!(get_over(&mut events(&desk), &event, 1).await.unwrap().bytes, small);
        let labels = format!("channel=\"email\",outcome=\"{outcome}\"");
        assert!((gateway.metric("kenh_media_total", &labels).await - 2.0).abs() < 0.1, "{labels}");
    }
    let refused = |status: Status| (status.code(), reason(&status));
    let denied = refused(get_over(&mut events(&other), &event, 0).await.unwrap_err());
    assert_eq!(denied, why(Code::PermissionDenied, "RIGHT_MISSING"));
    for part in [2, u32::MAX] {
        let missing = refused(get_over(&mut events(&desk), &event, part).await.unwrap_err());
        assert_eq!(missing, why(Code::NotFound, "MEDIA_NOT_FOUND"), "{part}");
    }
    let unknown = Envelope { id: "00000000-0000-4000-8000-000000000009".into(), ..Envelope::default() };
    let unknown = refused(get_over(&mut events(&desk), &unknown, 0).await.unwrap_err());
    assert_eq!(unknown, why(Code::NotFound, "EVENT_NOT_FOUND"));

    let (file, secret) = (folder.path().join("out.pdf"), folder.path().join("key"));
    fs::write(&secret, &key.secret).unwrap();
    let of = |part: &str| {
        let (api, key) = (gateway.api_url(), secret.display().to_string());
        ["media", "get", "--api", &api, "--api-key-file", &key, &event.id, part].map(ToOwned::to_owned).to_vec()
    };
    let run = async |arguments: Vec<String>| kenh(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), b"").await;
    let output = run([of("0"), vec!["-o".into(), file.display().to_string()]].concat()).await;
    assert!(output.status.success() && fs::read(&file).unwrap() == large, "{output:?}");
    let output = run(of("1")).await;
    assert!(output.status.success() && output.stdout == small, "{output:?}");
    let output = run([of("7"), vec!["-o".into(), folder.path().join("none").display().to_string()]].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    let left = fs::read_dir(folder.path()).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert!(!left.into_iter().any(|name| name.starts_with("none")), "nothing is left of what did not come");
}
