//! Slack: errors with status 200, files in three calls, echoes of what was sent.

use kenh_proto::v1::{
    Destination, Direction, Media, Message, Part, SendReason, SendState, destination::To, part::Content,
};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks,
    outbound::{send, until_state},
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    webhook::slack,
};
use serde_json::{Value, json};

use super::{DISPATCH, person, refused, request, say};

const TOKEN: &str = "xoxb-slack-token-0001";

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    leaks::unsaid(TOKEN);
    let url = provider.url();
    let more = format!("      api_url: {url}/slack\n      accounts:\n        T00000001: {{ token: {TOKEN} }}\n");
    (Setup::embedded(folder.path()).with(DISPATCH).slack(&more).start().await, provider, folder)
}

fn channel(id: &str) -> Destination {
    let to = Some(To::Group(id.into()));
    Destination { channel: "slack".into(), account: "T00000001".into(), to, ..Destination::default() }
}

fn paths(provider: &Provider) -> Vec<String> {
    provider.received().iter().map(|call| call.path.clone()).collect()
}

fn no(error: &str) -> Value {
    json!({"ok": false, "error": error})
}

/// Slack signs the time.
async fn happens(gateway: &Gateway, event: &Value) {
    let body = json!({"token": "t", "team_id": "T00000001", "api_app_id": "A00000001", "type": "event_callback",
        "event_id": "Ev00000001", "event_time": 1_767_225_700, "event": event,
        "authorizations": [{"team_id": "T00000001", "user_id": "U0000BOT1", "is_bot": true}]});
    let now = std::time::SystemTime::now();
    let answer = slack().call_at(&gateway.url("slack", "main"), &body.to_string(), now).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_with_status_200_is_an_error_and_throttling_waits() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::Says(200, no("channel_not_found"))]);
    let (reason, code) = refused(&gateway, &channel("C00000001"), "k1").await;
    assert_eq!((reason, code.as_deref()), (SendReason::RecipientUnknown, Some("channel_not_found")));
    provider.next([Manner::SaysLater(429, 1, no("ratelimited"))]);
    let sent = say(&gateway, &channel("C00000001"), "k2", "Less than <three> & more").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.attempts, 2);
    let call = &provider.received()[2];
    assert_eq!(call.json()["text"], "Less than &lt;three&gt; &amp; more");
    assert_eq!(call.headers["authorization"], format!("Bearer {TOKEN}"));
    // It may have been sent all the same.
    provider.next([Manner::Says(200, no("fatal_error"))]);
    let sent = say(&gateway, &channel("C00000001"), "k3", "Did this arrive?").await;
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    assert_eq!(provider.received().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_comes_back_and_is_known() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let ana = person("slack", "T00000001", "slack_user_id", "U00000002");
    let sent = say(&gateway, &ana, "k1", "We are, until eight").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(paths(&provider), ["/slack/conversations.open", "/slack/chat.postMessage"]);
    let ts = &sent.messages[0].provider_message_ids[0];
    happens(
        &gateway,
        &json!({"type": "message", "channel": "D00000001", "channel_type": "im", "user": "U0000BOT1", "bot_id": "B1",
            "app_id": "A00000001", "text": "We are, until eight", "ts": ts, "event_ts": ts}),
    )
    .await;
    let echo = loop {
        let event = envelope(&stream.delivery().await).clone();
        if event.direction() == Direction::Echo {
            break event;
        }
    };
    assert_eq!(echo.target.unwrap().message_id, Some(sent.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_where_slack_says_without_the_token() {
    let (gateway, provider, _folder) = start().await;
    let url = provider.file("/offer.pdf", "application/pdf", b"%PDF-1.4 some bytes of an offer");
    let offer = Media { url: Some(url), ..Media::default() };
    let parts = vec![Part { content: Some(Content::Media(offer)) }];
    let message = Message { parts, ..kenh_tests::outbound::words("Our offer, {token}") };
    // The first upload is lost: nobody saw it.
    provider.next([Manner::Slowly(std::time::Duration::ZERO), Manner::TakenInSilence]);
    let sent = send(&gateway, request(&channel("C00000001"), "k1", message)).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    let [ask, show] = ["/slack/files.getUploadURLExternal", "/slack/files.completeUploadExternal"];
    assert_eq!(paths(&provider), [ask, "/slack-files/1", ask, "/slack-files/3", show]);
    let calls = provider.received();
    assert!(calls[3].headers.get("authorization").is_none(), "the token went with the file");
    assert!(String::from_utf8_lossy(&calls[3].body).contains("some bytes of an offer"));
    assert_eq!(calls[4].json()["initial_comment"], "Our offer, {token}");
    assert_eq!(sent.notes["file_id"], "F00000003");
}
