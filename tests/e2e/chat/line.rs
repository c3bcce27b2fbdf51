//! LINE: an answer by its token, a push under a key, an allowance that is used up.

use kenh_proto::v1::{Destination, SendReason, SendState};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks,
    outbound::until_state,
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    webhook::{self, millis},
};
use serde_json::{Value, json};

use super::{DISPATCH, conversation, person, refused, say};

const ACCOUNT: &str = "U00000000000000000000000000000001";
const ANA: &str = "U0000000000000000000000000000aaaa";
const TOKEN: &str = "line-channel-access-token-0001";
const REPLY: &str = "/v2/bot/message/reply";
const PUSH: &str = "/v2/bot/message/push";

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    started(DISPATCH).await
}

async fn started(dispatch: &str) -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    leaks::unsaid(TOKEN);
    let settings = format!(
        "  line:\n    main:\n      channel_secrets: line-channel-secret-0001\n      api_url: {}\n      accounts:\n        \
         {ACCOUNT}: {{ token: {TOKEN} }}\n",
        provider.url()
    );
    let setup = Setup::embedded(folder.path()).with(dispatch).channels(&settings);
    (setup.start().await, provider, folder)
}

/// Somebody writes at a time; the conversation to answer in.
async fn written(gateway: &Gateway, at: u64) -> Destination {
    let mut stream = Stream::open(gateway, stream::latest()).await;
    let body = json!({"destination": ACCOUNT, "events": [{"type": "message", "mode": "active", "timestamp": at,
        "source": {"type": "user", "userId": ANA}, "webhookEventId": "01JGA0000000000000000000AA",
        "deliveryContext": {"isRedelivery": false}, "replyToken": "reply-token-1",
        "message": {"id": "500000000000000001", "type": "text", "text": "Are you open today?", "quoteToken": "qt-1"}}]});
    let line = webhook::of("line", "channel_secrets: line-channel-secret-0001\n");
    assert_eq!(line.post(gateway, &body.to_string()).await, 200);
    conversation(envelope(&stream.delivery().await))
}

fn paths(provider: &Provider) -> Vec<String> {
    provider.received().iter().map(|call| call.path.clone()).collect()
}

fn says(message: &str) -> Value {
    json!({"message": message})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_answers_once_and_after_that_messages_are_pushed() {
    let (gateway, provider, _folder) = start().await;
    let to = written(&gateway, millis()).await;
    let first = say(&gateway, &to, "k1", "We are, until eight").await;
    let first = until_state(&gateway, &first.id, SendState::Accepted).await;
    assert_eq!(first.messages[0].provider_message_ids, ["line-0001"]);
    assert_eq!(first.notes["quote_token"], "quote-0001");
    provider.next([Manner::Says(400, says("Invalid reply token"))]);
    let second = say(&gateway, &to, "k2", "And tomorrow, too").await;
    until_state(&gateway, &second.id, SendState::Accepted).await;
    assert_eq!(paths(&provider), [REPLY, REPLY, PUSH]);
    let calls = provider.received();
    assert_eq!(calls[0].json()["replyToken"], "reply-token-1");
    assert_eq!(calls[2].json()["to"], ANA);
    assert_eq!(calls[2].headers["authorization"], format!("Bearer {TOKEN}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_too_old_is_not_tried() {
    let (gateway, provider, _folder) = start().await;
    let to = written(&gateway, millis() - 600_000).await;
    let sent = say(&gateway, &to, "k1", "We were, until eight").await;
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(paths(&provider), [PUSH]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_minute_ends_while_it_is_used_is_used_to_the_end() {
    let (gateway, provider, _folder) = started(&DISPATCH.replace("timeout: 1s", "timeout: 12s")).await;
    // Ten of its seconds are left, and nothing is said for twelve.
    let to = written(&gateway, millis() - 50_000).await;
    provider.next([Manner::TakenInSilence]);
    let sent = say(&gateway, &to, "k1", "We are, until eight").await;
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(paths(&provider), [REPLY, REPLY], "it may have arrived: it is not pushed besides");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_of_which_no_answer_came_is_made_again_under_its_key() {
    let (gateway, provider, _folder) = start().await;
    let mut done = says("The retry key is already accepted");
    done["sentMessages"] = json!([{"id": "line-first", "quoteToken": "quote-first"}]);
    provider.next([
        Manner::TakenInSilence,
        Manner::SaysLater(429, 1, says("The API rate limit has been exceeded")),
        Manner::Says(409, done),
    ]);
    let sent = say(&gateway, &person("line", ACCOUNT, "line_user_id", ANA), "k1", "Your order is ready").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["line-first"]);
    let keys: Vec<_> = provider.received().iter().map(|call| call.headers["x-line-retry-key"].clone()).collect();
    assert_eq!(keys, vec![keys[0].clone(); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_months_allowance_that_is_used_up_is_no_throttling() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::Says(429, says("You have reached your monthly limit."))]);
    let (reason, code) = refused(&gateway, &person("line", ACCOUNT, "line_user_id", ANA), "k1").await;
    assert_eq!((reason, code.as_deref()), (SendReason::QuotaExhausted, Some("429/monthly_limit")));
    assert_eq!(paths(&provider), [PUSH]);
}
