//! Files people sent: what is asked, and where they are.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use connector_sdk::{
    Connector, Secret,
    media::{Download, Unobtainable, Wanted},
};
use connector_telegram::CONNECTOR;
use connector_testkit::steps::{read, reply};
use kenh_proto::v1::Media;
use serde_json::json;

const BOT: &str = "bot_id: '800001'\nsecret_tokens: s\n";
const ACCOUNT: &str = "accounts:\n  '800001':\n    token: 800001:AAF\n";

fn bot(more: &str) -> Box<dyn Connector> {
    let (connector, faults) = read(&CONNECTOR, &format!("{BOT}{more}"));
    assert!(faults.is_empty(), "{faults:?}");
    connector
}

fn file(id: &str) -> Media {
    Media { provider_ref: Some(id.into()), ..Media::default() }
}

/// What comes next for a file, given the channel's answer to a first question.
fn next(connector: &dyn Connector, media: &Media, answer: Option<(u16, serde_json::Value)>) -> Download {
    let token = Secret::from("800001:AAF");
    let wanted =
        Wanted { media, sticker: false, account: "800001", conversation: None, message: None, token: Some(&token) };
    let answers: Vec<_> = answer.map(|(status, body)| reply(status, &body)).into_iter().collect();
    connector.download(&wanted, &answers)
}

fn not(download: &Download) -> Unobtainable {
    let Download::Not(why) = download else { panic!("{download:?}") };
    *why
}

#[test]
fn a_file_is_asked_for_by_its_id_and_is_where_the_answer_says() {
    let bot = bot(ACCOUNT);
    let Download::Ask(asked) = next(&*bot, &file("BQAC-1_x"), None) else { panic!("not asked") };
    assert_eq!(asked.url, "https://api.telegram.org/bot{token}/getFile?file_id=BQAC-1_x");
    assert_eq!(asked.home.as_deref(), Some("https://api.telegram.org/bot{token}"));
    let answer = json!({"ok": true, "result": {"file_id": "BQAC-1_x", "file_path": "documents/file_7.pdf"}});
    let Download::Get(source) = next(&*bot, &file("BQAC-1_x"), Some((200, answer))) else { panic!("not had") };
    assert_eq!(source.url, "https://api.telegram.org/file/bot{token}/documents/file_7.pdf");
    assert_eq!(source.home.as_deref(), Some("https://api.telegram.org/file/bot{token}"));
}

#[test]
fn what_telegram_refuses_says_why() {
    let bot = bot(ACCOUNT);
    let refused = |code: u16, description: &str| {
        let answer = json!({"ok": false, "error_code": code, "description": description});
        not(&next(&*bot, &file("BQAC"), Some((code, answer))))
    };
    assert_eq!(refused(400, "Bad Request: file is too big"), Unobtainable::TooLarge);
    assert_eq!(refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), Unobtainable::Gone);
    assert_eq!(refused(401, "Unauthorized"), Unobtainable::Credentials);
    assert!(matches!(refused(429, "Too Many Requests: retry after 3"), Unobtainable::Later(_)));
    assert!(matches!(not(&next(&*bot, &file("BQAC"), Some((502, json!(null))))), Unobtainable::Later(_)));
}

#[test]
fn nothing_in_an_event_or_an_answer_names_another_address() {
    let bot = bot(ACCOUNT);
    for id in ["", "../getMe", "a?b", "a&chat_id=1", "{token}"] {
        assert_eq!(not(&next(&*bot, &file(id), None)), Unobtainable::NoWay, "{id}");
    }
    for path in ["", "/var/lib/telegram-bot-api/x.pdf", "../../getMe", "a?b", "a#b", "@evil.example.test/", "{token}"] {
        let answer = json!({"ok": true, "result": {"file_path": path}});
        assert_eq!(not(&next(&*bot, &file("BQAC"), Some((200, answer)))), Unobtainable::Gone, "{path}");
    }
}

#[test]
fn without_a_token_there_is_no_file() {
    assert_eq!(not(&next(&*bot(""), &file("BQAC"), None)), Unobtainable::Credentials);
}
