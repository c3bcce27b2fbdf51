//! Files people sent: their id gives an address, which wants the token too.

#![allow(clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{NUMBER, endpoint, reply};
use connector_sdk::{
    Secret,
    media::{Download, Unobtainable, Wanted},
};
use kenh_proto::v1::Media;
use serde_json::{Value, json};

fn next(media: &Media, answer: Option<(u16, &Value)>) -> Download {
    let (connector, token) = (endpoint(""), Secret::from("t"));
    let wanted =
        Wanted { media, sticker: false, account: NUMBER, conversation: None, message: None, token: Some(&token) };
    let answers: Vec<_> = answer.map(|(status, body)| reply(status, body)).into_iter().collect();
    connector.download(&wanted, &answers)
}

fn file() -> Media {
    let url = Some("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=9001&ext=1767225900".into());
    Media { url, provider_ref: Some("9001".into()), ..Media::default() }
}

#[test]
fn the_id_is_asked_first_since_the_address_is_good_for_minutes() {
    let download = next(&file(), None);
    let Download::Ask(asked) = download else { panic!("{download:?}") };
    let (address, proof) = asked.url.split_once("?appsecret_proof=").unwrap_or_default();
    assert_eq!((address, proof.len()), ("https://graph.facebook.com/v25.0/9001", 64));
    assert_eq!(asked.headers, [("Authorization", "Bearer {token}".to_owned())]);
    let known = json!({"messaging_product": "whatsapp", "url": "https://lookaside.fbsbx.com/new", "id": "9001"});
    let download = next(&file(), Some((200, &known)));
    let Download::Get(source) = download else { panic!("{download:?}") };
    assert_eq!(
        (&*source.url, source.home.as_deref()),
        ("https://lookaside.fbsbx.com/new", Some("https://lookaside.fbsbx.com"))
    );
    assert_eq!(source.headers, [("Authorization", "Bearer {token}".to_owned())]);
}

#[test]
fn what_has_an_address_alone_is_had_there() {
    let download = next(&Media { provider_ref: None, ..file() }, None);
    assert!(matches!(&download, Download::Get(source) if source.url.contains("mid=9001")), "{download:?}");
    let download = next(&Media::default(), None);
    assert!(matches!(download, Download::Not(Unobtainable::NoWay)), "{download:?}");
}

#[test]
fn an_id_whose_days_are_over_is_gone_and_a_dead_token_is_said_to_be_one() {
    let error = |code: i64, subcode: i64| json!({"error": {"message": "x", "code": code, "error_subcode": subcode}});
    for (status, body, why) in [
        (400, error(100, 33), Unobtainable::Gone),
        (401, error(190, 463), Unobtainable::Credentials),
        (400, error(10, 0), Unobtainable::Credentials),
    ] {
        let download = next(&file(), Some((status, &body)));
        assert!(matches!(download, Download::Not(found) if found == why), "{body}: {download:?}");
    }
    let download = next(&file(), Some((429, &error(4, 0))));
    assert!(matches!(download, Download::Not(Unobtainable::Later(_))), "{download:?}");
}
