//! Telegram: its token is in the path, it says how long to wait, and it fetches files by itself where it can.

use kenh_proto::v1::{Media, MediaKind, Message, Part, SendReason, SendState, part::Content};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks,
    outbound::{send, until_state},
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    webhook,
};
use serde_json::json;

use super::{DISPATCH, conversation, person, refused, request, say};

const TOKEN: &str = "800001:telegram-token-0001";

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    leaks::unsaid(TOKEN);
    let settings = format!(
        "  telegram:\n    main:\n      bot_id: \"800001\"\n      secret_tokens: telegram-word-0001\n      api_url: {}\n      \
         accounts:\n        \"800001\": {{ token: \"{TOKEN}\" }}\n",
        provider.url()
    );
    let setup = Setup::embedded(folder.path()).with(DISPATCH).channels(&settings);
    (setup.start().await, provider, folder)
}

fn no(code: u16, description: &str) -> serde_json::Value {
    json!({"ok": false, "error_code": code, "description": description})
}

fn path(method: &str) -> String {
    format!("/bot{TOKEN}/{method}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_writes_is_answered_in_the_chat_when_telegram_is_ready() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let update = json!({"update_id": 900_000_001, "message": {"message_id": 11, "date": 1_767_225_600,
        "from": {"id": 5_000_700_001_u64, "is_bot": false, "first_name": "Ana"},
        "chat": {"id": 5_000_700_001_u64, "type": "private", "first_name": "Ana"}, "text": "Are you open today?"}});
    let settings = "bot_id: '800001'\nsecret_tokens: telegram-word-0001\n";
    assert_eq!(webhook::of("telegram", settings).post(&gateway, &update.to_string()).await, 200);
    let to = conversation(envelope(&stream.delivery().await));
    // It says in the body how long to wait, not in a header.
    let mut busy = no(429, "Too Many Requests: retry after 1");
    busy["parameters"] = json!({"retry_after": 1});
    provider.next([Manner::Says(429, busy)]);
    let sent = say(&gateway, &to, "k1", "We are, until eight").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!((sent.attempts, sent.messages[0].provider_message_ids.as_slice()), (2, ["2".to_owned()].as_slice()));
    let call = &provider.received()[1];
    assert_eq!((call.path.clone(), &call.json()["chat_id"]), (path("sendMessage"), &json!(5_000_700_001_u64)));
    assert!(!gateway.log().contains("telegram-token"), "the token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_blocked_the_bot_is_not_written_to_again_and_a_group_that_moved_is() {
    let (gateway, provider, _folder) = start().await;
    let ana = person("telegram", "800001", "telegram_user_id", "700001");
    provider.next([Manner::Says(403, no(403, "Forbidden: bot was blocked by the user"))]);
    let (reason, code) = refused(&gateway, &ana, "k1").await;
    assert_eq!((reason, code.as_deref()), (SendReason::OptedOut, Some("403/bot_was_blocked_by_the_user")));
    let mut moved = no(400, "Bad Request: group chat was upgraded to a supergroup chat");
    moved["parameters"] = json!({"migrate_to_chat_id": -1_001_230_000_009_i64});
    provider.next([Manner::Says(400, moved)]);
    let group =
        kenh_proto::v1::Destination { to: Some(kenh_proto::v1::destination::To::Group("-500001".into())), ..ana };
    let sent = say(&gateway, &group, "k2", "Good morning").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.notes["migrated_to_chat_id"], "-1001230000009");
    let chats: Vec<_> = provider.received().iter().map(|call| call.json()["chat_id"].clone()).collect();
    assert_eq!(chats, [json!(700_001), json!(-500_001), json!(-1_001_230_000_009_i64)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_telegram_cannot_fetch_is_uploaded_with_the_words_as_they_were_written() {
    let (gateway, provider, _folder) = start().await;
    let url = provider.file("/lamp.png", "image/png", b"\x89PNG some bytes of a picture");
    let picture = Media { kind: MediaKind::Image.into(), url: Some(url), ..Media::default() };
    let parts = vec![Part { content: Some(Content::Media(picture)) }];
    let message = Message { parts, ..kenh_tests::outbound::words("{token} is a word, and <b> is too") };
    provider.next([Manner::Says(400, no(400, "Bad Request: failed to get HTTP URL content"))]);
    let ana = person("telegram", "800001", "telegram_user_id", "700001");
    let sent = send(&gateway, request(&ana, "k1", message)).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let calls = provider.received();
    assert_eq!(calls.iter().map(|call| call.path.clone()).collect::<Vec<_>>(), [path("sendPhoto"), path("sendPhoto")]);
    let form = String::from_utf8_lossy(&calls[1].body).into_owned();
    assert!(calls[1].headers["content-type"].to_str().unwrap().starts_with("multipart/form-data"));
    assert!(form.contains("{token} is a word, and <b> is too") && form.contains("some bytes of a picture"), "{form}");
    assert!(!form.contains(TOKEN), "what people wrote became the token");
}
