//! Answering: from the call to the channel, and what comes back.

mod crash;
mod delivery;
mod outcomes;
mod rules;
mod steps;
mod zalo;

use std::path::Path;

use kenh_proto::v1::{SendReason, SendState};
use kenh_tests::{
    gateway::{Gateway, Setup},
    outbound::{client, person, say, send, until_state},
    provider::Provider,
    stream::{self, envelope},
    webhook::{messenger, messenger_now, messenger_text},
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Fast: no pause of a test is worth waiting for.
pub(crate) const DISPATCH: &str = "dispatch:\n  timeout: 1s\n  sweep: 100ms\n  longest_pause: 200ms\n";

pub(crate) fn setup(folder: &Path, provider: &Provider) -> Setup {
    Setup::embedded(folder).with(DISPATCH).answering(&provider.url())
}

pub(crate) async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = setup(folder.path(), &provider).start().await;
    (gateway, provider, folder)
}

/// The stable reason of an error.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_answered_by_its_id() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = stream::Stream::open(&gateway, stream::latest()).await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Do you have it in red?")).await, 200);
    let conversation = envelope(&stream.delivery().await).conversation.clone().unwrap().id;
    let mut request = say(person("nobody"), "k1", "Yes, we do");
    request.destination.as_mut().unwrap().to =
        Some(kenh_proto::v1::destination::To::ConversationId(conversation.clone()));
    let sent = send(&gateway, request).await.unwrap();
    assert_eq!(sent.conversation_id, conversation);
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["m_out_0001"]);
    let call = &provider.received()[0];
    assert_eq!(call.json()["recipient"]["id"], "660001");
    assert_eq!(call.json()["message"]["text"], "Yes, we do");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_sends_nothing_and_another_one_with_its_key_is_refused() {
    let (gateway, provider, _folder) = start().await;
    let first = send(&gateway, say(person("660001"), "k1", "once")).await.unwrap();
    until_state(&gateway, &first.id, SendState::Accepted).await;
    let mut client = client(&gateway).await;
    let again = client.send_message(say(person("660001"), "k1", "once")).await.unwrap().into_inner();
    assert!(again.repeated_call);
    assert_eq!(again.message.unwrap().id, first.id);
    let other = client.send_message(say(person("660001"), "k1", "something else")).await.unwrap_err();
    assert_eq!((other.code(), reason(&other).as_str()), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT"));
    assert_eq!(provider.texts(), ["once"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_with_a_stable_reason() {
    let (gateway, provider, _folder) = start().await;
    let mut unknown = say(person("660001"), "k1", "x");
    unknown.destination.as_mut().unwrap().account = "999".into();
    let status = send(&gateway, unknown).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "ACCOUNT_UNKNOWN"));
    let status = send(&gateway, say(person("660001"), "a key with spaces", "x")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    let status = send(&gateway, say(person("660001"), "k2", "")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    // The one who wrote did so months ago.
    assert_eq!(messenger().post(&gateway, &messenger_text(660_002, "m_old", "hello")).await, 200);
    kenh_tests::until("the window is known", || async {
        let plan = plan(&gateway, say(person("660002"), "k3", "x")).await;
        plan.failure.is_some_and(|failure| failure.reason() == SendReason::WindowClosed)
    })
    .await;
    let status = send(&gateway, say(person("660002"), "k3", "x")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "WINDOW_CLOSED"));
    assert!(provider.received().is_empty());
}

pub(crate) async fn plan(
    gateway: &Gateway,
    request: kenh_proto::v1::SendMessageRequest,
) -> kenh_proto::v1::PlanSendResponse {
    let request = kenh_proto::v1::PlanSendRequest { request: Some(request) };
    client(gateway).await.plan_send(request).await.unwrap().into_inner()
}
