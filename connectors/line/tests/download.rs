//! Files people sent: at the host for content, by the id of their message.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use connector_line::CONNECTOR;
use connector_sdk::{
    Secret,
    media::{Download, Source, Unobtainable, Wanted},
};
use connector_testkit::steps::read;
use kenh_proto::v1::Media;

const ACCOUNT: &str = "channel_secrets: s\naccounts:\n  U00000000000000000000000000000001:\n    token: t\n";

fn next(yaml: &str, media: &Media, sticker: bool, token: Option<&Secret>) -> Download {
    let (connector, faults) = read(&CONNECTOR, yaml);
    assert!(faults.is_empty(), "{faults:?}");
    let account = "U00000000000000000000000000000001";
    connector.download(&Wanted { media, sticker, account, conversation: None, message: None, token }, &[])
}

fn of(id: &str) -> Media {
    Media { provider_ref: Some(id.into()), ..Media::default() }
}

#[test]
fn content_is_had_with_the_token_from_the_host_for_content() {
    let token = Secret::from("t");
    let download = next(ACCOUNT, &of("500000000000000001"), false, Some(&token));
    let Download::Get(source) = download else { panic!("{download:?}") };
    assert_eq!(source.url, "https://api-data.line.me/v2/bot/message/500000000000000001/content");
    assert_eq!(source.home.as_deref(), Some("https://api-data.line.me"));
    assert_eq!(source.headers, [("Authorization", "Bearer {token}".to_owned())]);
}

#[test]
fn what_lies_elsewhere_is_had_from_there_without_it() {
    let token = Secret::from("t");
    let media = Media { url: Some("https://files.example.test/a.png".into()), ..Media::default() };
    let download = next(ACCOUNT, &media, false, Some(&token));
    let Download::Get(source) = download else { panic!("{download:?}") };
    assert_eq!(source, Source::public("https://files.example.test/a.png"));
}

#[test]
fn what_is_no_message_is_not_asked_for() {
    let token = Secret::from("t");
    for (media, sticker, token, why) in [
        (of("52002734"), true, Some(&token), Unobtainable::NoWay),
        (of("../../profile"), false, Some(&token), Unobtainable::NoWay),
        (of("500000000000000001"), false, None, Unobtainable::Credentials),
    ] {
        let download = next(ACCOUNT, &media, sticker, token);
        assert!(matches!(download, Download::Not(found) if found == why), "{download:?}");
    }
    let download = next("channel_secrets: s\n", &of("500000000000000001"), false, None);
    assert!(matches!(download, Download::Not(Unobtainable::Credentials)), "{download:?}");
}
