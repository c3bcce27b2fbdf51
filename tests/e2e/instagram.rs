//! Instagram: private answers, what is done with comments, the window.

use kenh_proto::v1::{
    Destination, HideComment, HideCommentRequest, Identity, ReceiptStatus, ReplyToCommentRequest, SendOptions,
    SendReason, SendState, SenderRole, destination::To,
};
use kenh_tests::{
    gateway::{APP_SECRET, Gateway, Setup, VERIFY_TOKEN},
    leaks,
    outbound::{client, look, say, send, until_state, words},
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    until,
    webhook::{instagram, millis},
};
use serde_json::{Value, json};
use tonic::Code;

use super::{
    answering::{DISPATCH, plan, reason},
    credentials::KEY,
};

const SHOP: &str = "17840001";
const TOKEN: &str = "instagram-user-token-0001";
const RENEWED: &str = "instagram-user-token-0002";
const PERSON: &str = "550001";

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    leaks::unsaid(TOKEN);
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let settings = format!(
        "  instagram:\n    main:\n      app_secrets: {APP_SECRET}\n      verify_token: {VERIFY_TOKEN}\n      \
         api_url: {}\n      accounts:\n        \"{SHOP}\": {{ token: {TOKEN} }}\n",
        provider.url()
    );
    (Setup::embedded(folder.path()).with(DISPATCH).channels(&settings).start().await, provider, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_by_itself_and_used_until_it_is() {
    leaks::unsaid(TOKEN);
    leaks::unsaid(RENEWED);
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let settings = format!(
        "  instagram:\n    main:\n      app_secrets: {APP_SECRET}\n      verify_token: {VERIFY_TOKEN}\n      \
         api_url: {}\n      accounts:\n        \"{SHOP}\": {{ refresh_token: {TOKEN} }}\n",
        provider.url()
    );
    // A token of less than a day is not renewed.
    provider.next([Manner::Says(400, error(100))]);
    let setup = Setup::embedded(folder.path()).with(DISPATCH).with(&format!("credentials:\n  keys: [{KEY}]\n"));
    let setup = setup.channels(&settings);
    let mut gateway = setup.clone().start().await;
    let renewals = || provider.received().iter().filter(|call| call.path.starts_with("/refresh_access_token")).count();
    until("it was to be renewed", || async { renewals() == 1 }).await;
    wrote(&gateway, "m1", "Do you have lamps?", millis()).await;
    let sent = send(&gateway, say(person(), "k1", "We do")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    gateway.kill().await;
    let answer = json!({"access_token": RENEWED, "token_type": "bearer", "expires_in": 5_183_944});
    provider.next([Manner::Says(200, answer)]);
    let gateway = setup.start().await;
    until("it was renewed", || async { renewals() == 2 }).await;
    let sent = send(&gateway, say(person(), "k2", "And shades")).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let tokens: Vec<_> =
        provider.received().iter().filter_map(|call| call.headers.get("authorization").cloned()).collect();
    assert_eq!(tokens, [format!("Bearer {TOKEN}"), format!("Bearer {RENEWED}")]);
}

async fn post(gateway: &Gateway, at: u64, more: Value) {
    let mut item = json!({"sender": {"id": PERSON}, "recipient": {"id": SHOP}, "timestamp": at});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let body = json!({"object": "instagram", "entry": [{"id": SHOP, "time": at, "messaging": [item]}]});
    assert_eq!(instagram().post(gateway, &body.to_string()).await, 200);
}

async fn wrote(gateway: &Gateway, mid: &str, text: &str, at: u64) {
    leaks::unsaid(text);
    post(gateway, at, json!({"message": {"mid": mid, "text": text}})).await;
}

fn at(to: Option<To>) -> Destination {
    Destination { channel: "instagram".into(), account: SHOP.into(), to, ..Destination::default() }
}

fn person() -> Destination {
    at(Some(To::Contact(Identity { scheme: "igsid".into(), value: PERSON.into(), ..Identity::default() })))
}

fn error(code: u64) -> Value {
    json!({"error": {"message": "made up", "type": "IGApiException", "code": code, "fbtrace_id": "x"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_is_answered_and_seen_is_tied_to_the_answer() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    wrote(&gateway, "aWdfIN1", "Do you have it in red?", millis()).await;
    let conversation = envelope(&stream.delivery().await).conversation.clone().unwrap().id;
    let request = say(at(Some(To::ConversationId(conversation))), "k1", "In red and in blue");
    let sent = send(&gateway, request).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["m_out_0001"]);
    let call = provider.received().remove(0);
    assert_eq!(call.path, "/v25.0/17840001/messages");
    assert_eq!(call.headers["authorization"], format!("Bearer {TOKEN}"));
    let expected = json!({"recipient": {"id": PERSON}, "messaging_type": "RESPONSE",
        "message": {"text": "In red and in blue"}});
    assert_eq!(call.json(), expected);
    post(&gateway, millis(), json!({"read": {"mid": "m_out_0001"}})).await;
    until("it was seen", || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Read }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_tried_again_and_who_cannot_be_reached_is_said() {
    let (gateway, provider, _folder) = start().await;
    provider.next([Manner::SaysLater(429, 1, error(80_002)), Manner::Says(500, error(2))]);
    let sent = send(&gateway, say(person(), "k1", "Good things take time")).await.unwrap();
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.attempts, 3);
    provider.next([Manner::Says(400, error(551))]);
    let gone = send(&gateway, say(person(), "k2", "Are you there?")).await.unwrap();
    let failure = until_state(&gateway, &gone.id, SendState::Failed).await.failure.unwrap();
    assert_eq!((failure.reason(), failure.provider_code.as_deref()), (SendReason::OptedOut, Some("551")));
    provider.next([Manner::TakenInSilence]);
    let silent = send(&gateway, say(person(), "k3", "Did it arrive?")).await.unwrap();
    until_state(&gateway, &silent.id, SendState::Unknown).await;
    assert_eq!(provider.texts().len(), 5, "what had no answer is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_only_people_answer() {
    let (gateway, provider, _folder) = start().await;
    wrote(&gateway, "aWdfIN1", "That was two days ago", millis() - 2 * 86_400_000).await;
    let asked = |key: &str, role: SenderRole| {
        let mut request = say(person(), key, "An answer of today");
        request.options.as_mut().unwrap().sender_role = role.into();
        request
    };
    until("the window is known", || async { !plan(&gateway, asked("p", SenderRole::Bot)).await.sendable }).await;
    let refused = send(&gateway, asked("k1", SenderRole::Bot)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "WINDOW_CLOSED"));
    let sent = send(&gateway, asked("k2", SenderRole::Human)).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let tags: Vec<_> = provider.received().iter().map(|call| call.json()["tag"].clone()).collect();
    assert_eq!(tags, ["HUMAN_AGENT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_answered_below_it_and_privately_and_hidden() {
    let (gateway, provider, _folder) = start().await;
    let mut client = client(&gateway).await;
    let options = |key: &str| Some(SendOptions { idempotency_key: key.into(), ..SendOptions::default() });
    let reply = |key: &str, text: &str, private_reply: bool| ReplyToCommentRequest {
        destination: Some(at(None)),
        provider_comment_id: "17900001".into(),
        message: Some(words(text)),
        private_reply,
        options: options(key),
    };
    let public = client.reply_to_comment(reply("k1", "We wrote to you", false)).await.unwrap().into_inner();
    let public = until_state(&gateway, &public.message.unwrap().id, SendState::Accepted).await;
    assert_eq!(public.messages[0].provider_message_ids, ["770001_0001"]);
    let private = client.reply_to_comment(reply("k2", "It costs 40 euros", true)).await.unwrap().into_inner();
    until_state(&gateway, &private.message.unwrap().id, SendState::Accepted).await;
    let hiding = HideComment { provider_comment_id: "17900001".into(), hidden: true };
    let hide = HideCommentRequest { destination: Some(at(None)), hide_comment: Some(hiding), options: options("k3") };
    let hidden = client.hide_comment(hide).await.unwrap().into_inner();
    until_state(&gateway, &hidden.message.unwrap().id, SendState::Accepted).await;
    let calls: Vec<_> = provider.received().iter().map(|call| (call.path.clone(), call.json())).collect();
    let private = json!({"recipient": {"comment_id": "17900001"}, "message": {"text": "It costs 40 euros"}});
    let expected = [
        ("/v25.0/17900001/replies".to_owned(), json!({"message": "We wrote to you"})),
        ("/v25.0/17840001/messages".to_owned(), private),
        ("/v25.0/17900001".to_owned(), json!({"hide": true})),
    ];
    assert_eq!(calls, expected);
}
