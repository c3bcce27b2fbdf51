//! Files people shared: at Slack's host for files, with the token of the workspace.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use connector_sdk::{
    Secret,
    media::{Download, Unobtainable, Wanted},
};
use connector_slack::CONNECTOR;
use connector_testkit::steps::{read, reply};
use kenh_proto::v1::Media;
use serde_json::{Value, json};

const ACCOUNT: &str = "signing_secrets: s\naccounts:\n  T00000001: {token: t}\n";

fn next(media: &Media, answer: Option<&Value>) -> Download {
    let (connector, faults) = read(&CONNECTOR, ACCOUNT);
    assert!(faults.is_empty(), "{faults:?}");
    let token = Secret::from("t");
    let wanted =
        Wanted { media, sticker: false, account: "T00000001", conversation: None, message: None, token: Some(&token) };
    let answers: Vec<_> = answer.map(|body| reply(200, body)).into_iter().collect();
    connector.download(&wanted, &answers)
}

fn at(url: Option<&str>) -> Media {
    Media { url: url.map(Into::into), provider_ref: Some("F00000001".into()), ..Media::default() }
}

#[test]
fn a_file_is_had_at_its_address_with_the_token_for_slacks_host_alone() {
    for url in ["https://files.slack.com/files-pri/T1-F1/a.pdf", "https://docs.example.test/a"] {
        let download = next(&at(Some(url)), None);
        let Download::Get(source) = download else { panic!("{download:?}") };
        assert_eq!((source.url.as_str(), source.home.as_deref()), (url, Some("https://files.slack.com")));
        assert_eq!(source.headers, [("Authorization", "Bearer {token}".to_owned())]);
    }
}

#[test]
fn a_file_of_another_workspace_is_asked_for_first() {
    let download = next(&at(None), None);
    let Download::Ask(asked) = download else { panic!("{download:?}") };
    assert_eq!(asked.url, "https://slack.com/api/files.info?file=F00000001");
    assert_eq!(asked.home.as_deref(), Some("https://slack.com/api"));
    let url = "https://files.slack.com/files-pri/T1-F1/download/a.pdf";
    let known = json!({"ok": true, "file": {"url_private": "https://x.test/", "url_private_download": url}});
    let download = next(&at(None), Some(&known));
    assert!(matches!(&download, Download::Get(source) if source.url == url), "{download:?}");
    for (error, why) in [
        ("file_not_found", Unobtainable::Gone),
        ("file_deleted", Unobtainable::Gone),
        ("missing_scope", Unobtainable::Credentials),
        ("token_revoked", Unobtainable::Credentials),
    ] {
        let download = next(&at(None), Some(&json!({"ok": false, "error": error})));
        assert!(matches!(download, Download::Not(found) if found == why), "{error}: {download:?}");
    }
}

#[test]
fn without_a_token_there_is_no_file() {
    let (connector, _) = read(&CONNECTOR, "signing_secrets: s\n");
    let media = at(Some("https://files.slack.com/a"));
    let wanted =
        Wanted { media: &media, sticker: false, account: "T00000001", conversation: None, message: None, token: None };
    let download = connector.download(&wanted, &[]);
    assert!(matches!(download, Download::Not(Unobtainable::Credentials)), "{download:?}");
}
