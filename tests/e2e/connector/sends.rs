//! Messages out.

use std::time::Duration;

use kenh_proto::v1::{
    AccountState, Capabilities, Destination, Identity, ListAccountHealthRequest, ListChannelsRequest, PieceAccepted,
    PieceFailed, Register, SendReason, SendState, channel_service_client::ChannelServiceClient, destination::To,
    outbound_action::What, send_answer::Answer,
};
use kenh_tests::{
    outbound::{say, send, until_state},
    process::{ACCOUNT, PARLOR, Process, register},
    until,
};
use tonic::Code;

use super::start;
use crate::answering::reason;

fn guest(id: &str) -> Destination {
    Destination {
        channel: PARLOR.into(),
        endpoint: "main".into(),
        account: ACCOUNT.into(),
        to: Some(To::Contact(Identity { scheme: "external_id".into(), value: id.into(), ..Identity::default() })),
    }
}

fn accepted(id: &str) -> Answer {
    Answer::Accepted(PieceAccepted { provider_message_ids: vec![id.into()] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_a_process_and_one_that_may_have_been_sent_is_not_sent_again() {
    let (gateway, _folder) = start().await;
    // What can be sent nobody has said yet.
    let status = send(&gateway, say(guest("1"), "k0", "too early")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "CHANNEL_UNAVAILABLE"));

    let mut process = Process::attach(&gateway).await;
    let sent = send(&gateway, say(guest("1"), "k1", "Còn phòng")).await.unwrap();
    let piece = process.piece().await;
    assert_eq!(
        (piece.reference.as_str(), piece.token.as_deref()),
        (format!("{}.0", sent.id).as_str(), Some("parlor-token-0001"))
    );
    let Some(What::Message(message)) = piece.action.unwrap().what else { panic!("no message") };
    assert_eq!(message.text.unwrap().body, "Còn phòng");
    assert_eq!(piece.destination.unwrap().to, guest("1").to);
    process.sent(piece.id, accepted("p-1")).await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.messages[0].provider_message_ids, ["p-1"]);

    // The channel asks to come back; then it refuses for good.
    let later = send(&gateway, say(guest("1"), "k2", "again, please")).await.unwrap();
    let piece = process.piece().await;
    let retry_after = Duration::from_millis(100).try_into().ok();
    let throttled =
        PieceFailed { reason: SendReason::Throttled.into(), retryable: true, retry_after, ..PieceFailed::default() };
    process.sent(piece.id, Answer::Failed(throttled)).await;
    let piece = process.piece().await;
    let blocked =
        PieceFailed { reason: SendReason::OptedOut.into(), provider_code: "blocked".into(), ..PieceFailed::default() };
    process.sent(piece.id, Answer::Failed(blocked)).await;
    let failure = until_state(&gateway, &later.id, SendState::Failed).await.failure.unwrap();
    assert_eq!((failure.reason(), failure.provider_code.as_deref()), (SendReason::OptedOut, Some("blocked")));

    // It dies with a message in its hands: nobody knows, and nobody sends it again. What comes behind it waits.
    let lost = send(&gateway, say(guest("2"), "k3", "who knows")).await.unwrap();
    process.piece().await;
    let waits = send(&gateway, say(guest("3"), "k4", "it can wait")).await.unwrap();
    process.piece().await;
    drop(process);
    until_state(&gateway, &lost.id, SendState::Unknown).await;
    until_state(&gateway, &waits.id, SendState::Unknown).await;
    let queued = send(&gateway, say(guest("2"), "k5", "behind it")).await.unwrap();
    let failure = until_state(&gateway, &queued.id, SendState::Retrying).await.failure.unwrap();
    assert_eq!(failure.reason(), SendReason::ChannelUnavailable);
    let mut channels = ChannelServiceClient::connect(gateway.api_url()).await.unwrap();
    let health = channels.list_account_health(ListAccountHealthRequest { channel: PARLOR.into() }).await.unwrap();
    let health = health.into_inner().accounts.remove(0);
    assert_eq!((health.state(), health.last_error_code.as_deref()), (AccountState::Failing, Some("connector_absent")));
    assert_eq!(health.waiting, 1);

    let mut process = Process::attach(&gateway).await;
    let listed = channels.list_channels(ListChannelsRequest {}).await.unwrap().into_inner().channels;
    let parlor = listed.iter().find(|channel| channel.slug == PARLOR).unwrap();
    let attached = parlor.processes.clone().unwrap();
    assert_eq!((attached.reading, attached.sending, attached.versions), (1, 1, vec!["test 1".to_owned()]));
    assert!(parlor.sends && listed.iter().all(|other| other.slug == PARLOR || other.processes.is_none()));
    let piece = process.piece().await;
    assert_eq!(piece.reference, format!("{}.0", queued.id), "what was in the hands of the other one is not sent again");
    process.sent(piece.id, accepted("p-5")).await;
    until_state(&gateway, &queued.id, SendState::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_knows_a_repeat_is_given_it_again_and_several_share_what_there_is() {
    let (gateway, _folder) = start().await;
    let base = register();
    let capabilities = Capabilities { repeatable: true, ..base.capabilities.clone().unwrap() };
    let repeatable = Register { capabilities: Some(capabilities), max_in_flight: 1, ..base };
    let mut first = Process::attach_as(&gateway, repeatable.clone()).await.unwrap();
    let one = send(&gateway, say(guest("1"), "k1", "for one")).await.unwrap();
    let piece = first.piece().await;
    // It has as much as it takes: the other one is given the next message.
    let mut second = Process::attach_as(&gateway, repeatable).await.unwrap();
    let two = send(&gateway, say(guest("2"), "k2", "for two")).await.unwrap();
    let other = second.piece().await;
    assert_eq!(other.reference, format!("{}.0", two.id));
    // Both have as much: the third message waits, and no try of it is spent.
    let three = send(&gateway, say(guest("3"), "k3", "for three")).await.unwrap();
    second.sent(other.id, accepted("p-2")).await;
    let third = second.piece().await;
    assert_eq!(third.reference, format!("{}.0", three.id));
    second.sent(third.id, accepted("p-3")).await;
    until_state(&gateway, &three.id, SendState::Accepted).await;
    drop(first);
    let again = second.piece().await;
    assert_eq!(
        (again.reference.as_str(), piece.reference.as_str()),
        (piece.reference.as_str(), format!("{}.0", one.id).as_str())
    );
    second.sent(again.id, accepted("p-1")).await;
    until_state(&gateway, &one.id, SendState::Accepted).await;
    until("the other one is off the board", || async {
        let (_, metrics) = gateway.admin_page("metrics").await.unwrap();
        metrics.contains("kenh_connector_processes{channel=\"x-parlor\",kind=\"sends\"} 1")
    })
    .await;
}
