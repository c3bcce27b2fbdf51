//! X, Discord, TikTok and LinkedIn: what they ask is answered, what they bring is streamed, and what is sent gets there.

use std::time::SystemTime;

use kenh_proto::v1::{Destination, SendReason, SendState, envelope::Payload};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks,
    outbound::until_state,
    ports,
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    until,
    webhook::{self, Channel, millis},
};
use serde_json::{Value, json};

use crate::chat::{DISPATCH, conversation, refused, say};

const X: &str = "consumer_secrets: x-consumer-secret-0001";
const LINKEDIN: &str = "client_secrets: li-client-secret-0001";
const DISCORD: &str = "public_keys: \"test:discord\"";
const TIKTOK: &str = "client_secrets: tiktok-client-secret-0001";

/// An endpoint of each channel named, with an account that sends to the provider.
async fn start(channels: &[(&str, &str, String)]) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let lines = channels
        .iter()
        .flat_map(|(channel, secrets, more)| ["  ", channel, ":\n    main:\n      ", secrets, "\n", more]);
    let settings: String = lines.collect();
    let setup = Setup::embedded(folder.path()).with(DISPATCH).channels(&settings);
    (setup.start().await, folder)
}

fn account(provider: &Provider, path: &str, id: &str, token: &'static str) -> String {
    leaks::unsaid(token);
    let url = provider.url();
    format!("      api_url: {url}{path}\n      accounts:\n        \"{id}\": {{ token: {token} }}\n")
}

/// Posts a body, signed now; the event it becomes.
async fn told(gateway: &Gateway, channel: &Channel, slug: &str, body: &Value) -> (Value, Destination, Payload) {
    let mut stream = Stream::open(gateway, stream::latest()).await;
    let answer = channel.call_at(&gateway.url(slug, "main"), &body.to_string(), SystemTime::now()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let said = answer.json().await.unwrap_or_default();
    let delivery = stream.delivery().await;
    let event = envelope(&delivery);
    (said, conversation(event), event.payload.clone().unwrap())
}

async fn asked(gateway: &Gateway, slug: &str, query: &str) -> (u16, Value) {
    let answer = webhook::client().get(format!("{}?{query}", gateway.url(slug, "main"))).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_are_answered_as_x_and_linkedin_compute_them() {
    let (gateway, _folder) = start(&[("x", X, String::new()), ("linkedin", LINKEDIN, String::new())]).await;
    let crc = json!({"response_token": "sha256=XgN/VU/Q1xhXKMmcX1bWmMnKub15QE0LcSk0f+c4PaU="});
    assert_eq!(asked(&gateway, "x", "crc_token=crc-token-123").await, (200, crc));
    let code = "3f2b7c1e-0000-4000-8000-000000000001";
    let response = "ab70b3424e9ae638571061bc0684ae321783556948919c9f1ba943deb486e10b";
    let expected = json!({"challengeCode": code, "challengeResponse": response});
    assert_eq!(asked(&gateway, "linkedin", &format!("challengeCode={code}")).await, (200, expected));
    // A body of somebody's own is no token.
    assert_eq!(asked(&gateway, "x", "crc_token=%7B%22data%22%3A1%7D").await.0, 400);
    assert_eq!(asked(&gateway, "linkedin", "challengeCode=hmacsha256%3D%7B%7D").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_are_answered_while_broker_and_database_are_away() {
    let (folder, nobody) = (tempfile::tempdir().unwrap(), ports::free());
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: postgres://kenh@127.0.0.1:{nobody}/kenh\n");
    let setup = Setup::rabbitmq(folder.path(), &format!("amqp://127.0.0.1:{nobody}"), "away").with(&store);
    let channels = format!("  x:\n    main:\n      {X}\n  linkedin:\n    main:\n      {LINKEDIN}\n");
    let mut gateway = setup.channels(&channels).spawn();
    gateway.expect_errors();
    until("it has begun", || async { gateway.admin_page("readyz").await.is_some() }).await;
    assert_eq!(asked(&gateway, "x", "crc_token=crc-token-123").await.0, 200);
    assert_eq!(asked(&gateway, "linkedin", "challengeCode=3f2b7c1e").await.0, 200);
    assert_eq!(gateway.admin_page("readyz").await.unwrap().0, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_message_on_x_is_answered() {
    let provider = Provider::start().await;
    let more = account(&provider, "", "1110001", "x-user-token-0001");
    let (gateway, _folder) = start(&[("x", X, more)]).await;
    let body = json!({"data": {"event_uuid": "-6850000000000000001", "filter": {"user_id": "1110001"},
        "event_type": "dm.received", "payload": {"direct_message_events": [{"type": "message_create",
            "id": "2080000000000000001", "created_timestamp": millis().to_string(), "message_create": {
                "target": {"recipient_id": "1110001"}, "sender_id": "2220001",
                "message_data": {"text": "Is it there in red?"}}}]}}});
    leaks::unsaid("Is it there in red?");
    let (_, to, payload) = told(&gateway, &webhook::of("x", X), "x", &body).await;
    assert!(matches!(payload, Payload::Message(_)));
    let sent = say(&gateway, &to, "k1", "It is").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["2080000000000000001"]);
    let call = &provider.received()[0];
    assert_eq!(call.path, "/2/dm_conversations/with/2220001/messages");
    assert_eq!(call.headers["authorization"], "Bearer x-user-token-0001");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_on_discord_is_answered_by_its_token_also_with_several_messages() {
    const APP: &str = "1000000000000000001";
    let provider = Provider::start().await;
    let more = account(&provider, "/discord", APP, "discord-bot-token-0001");
    let (gateway, _folder) = start(&[("discord", DISCORD, more)]).await;
    let (url, discord) = (gateway.url("discord", "main"), webhook::of("discord", DISCORD));
    let asks = |body: &'static str| discord.call_at(&url, body, SystemTime::now());
    let pong = asks(r#"{"type":1}"#).await.unwrap();
    assert_eq!((pong.status().as_u16(), pong.json::<Value>().await.unwrap()), (200, json!({"type": 1})));
    assert_eq!(asks(r#"{"version":1,"type":0}"#).await.unwrap().status(), 204);
    let stranger = webhook::of("discord", "public_keys: \"test:stranger\"");
    let probe = stranger.call_at(&url, r#"{"type":1}"#, SystemTime::now()).await.unwrap();
    assert_eq!(probe.status(), 401, "Discord takes addresses away that believe this");

    let token = "aW50ZXJhY3Rpb246c2VjcmV0LTAwMDE";
    leaks::unsaid(token);
    // Discord's ids hold the time: a token is good for a quarter of an hour.
    let id = ((millis() - 1_420_070_400_000) << 22).to_string();
    let body = json!({"id": id, "application_id": APP, "type": 3, "token": token, "version": 1,
        "guild_id": "5", "channel_id": "1200000000000000006", "member": {"user": {"id": "7", "username": "ana"}},
        "message": {"id": "8"}, "data": {"custom_id": "buy", "component_type": 2}});
    let (said, to, payload) = told(&gateway, &discord, "discord", &body).await;
    assert_eq!(said, json!({"type": 6}));
    assert!(matches!(payload, Payload::Action(_)));
    let sent = say(&gateway, &to, "k1", &"Thank you. ".repeat(250)).await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages.len(), 2);
    let path = format!("/discord/webhooks/{APP}/{token}");
    assert!(provider.received().iter().all(|call| call.path == path), "both by the token");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_tiktoks_with_status_200_is_an_error() {
    let provider = Provider::start().await;
    let more = account(&provider, "", "biz-1", "tiktok-token-0001");
    let (gateway, _folder) = start(&[("tiktok", TIKTOK, more)]).await;
    let content = json!({"type": "text", "message_id": "m1", "conversation_id": "c1", "timestamp": millis(),
        "from": "ana", "from_user": {"id": "u1"}, "to_user": {"id": "biz-1"}, "text": {"body": "hi"}});
    let body = json!({"client_key": "ck1", "event": "im_receive_msg", "create_time": millis() / 1000,
        "user_openid": "biz-1", "content": content.to_string()});
    let (_, to, _) = told(&gateway, &webhook::of("tiktok", TIKTOK), "tiktok", &body).await;
    provider.next([Manner::Says(200, json!({"code": 40_002, "message": "made up"}))]);
    assert_eq!(refused(&gateway, &to, "k1").await, (SendReason::ContentInvalid, Some("40002".into())));
    let sent = say(&gateway, &to, "k2", "It is").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["tt-0002"]);
    assert_eq!(provider.received()[1].json()["recipient"], "c1");
}
