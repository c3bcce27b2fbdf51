//! What the channels' rules allow when, and who may send.

use std::time::{Duration, SystemTime};

use kenh_proto::v1::{
    PauseAccountRequest, ResumeAccountRequest, SendPurpose, SendReason, SendState, SenderRole, envelope::Payload,
    message_service_client::MessageServiceClient,
};
use kenh_tests::{
    access::{connect, new_key},
    clock::Clock,
    gateway::{OA, PAGE, Setup},
    outbound::{look, person, say, send, until_state},
    provider::Provider,
    stream::{self, envelope},
    until,
    webhook::{messenger, messenger_batch, messenger_item, millis},
};
use serde_json::json;
use tonic::Code;

use super::{DISPATCH, plan, reason, start};
use crate::credentials::channels;

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_only_people_answer_and_plans_say_so() {
    let (gateway, provider, _folder) = start().await;
    let mut item = messenger_item(660_001, "m_1", "two days ago");
    item["timestamp"] = json!(millis() - 2 * 86_400_000);
    assert_eq!(messenger().post(&gateway, &messenger_batch(&[item])).await, 200);
    let asked = |key: &str, role: SenderRole| {
        let mut request = say(person("660001"), key, "an answer of today");
        request.options.as_mut().unwrap().sender_role = role.into();
        request
    };
    until("the window is known", || async { !plan(&gateway, asked("p", SenderRole::Bot)).await.sendable }).await;
    let failure = plan(&gateway, asked("p", SenderRole::Bot)).await.failure.unwrap();
    assert_eq!(failure.reason(), SendReason::WindowClosed);
    let refused = send(&gateway, asked("k1", SenderRole::Bot)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "WINDOW_CLOSED"));
    assert!(plan(&gateway, asked("p", SenderRole::Human)).await.sendable);
    let sent = send(&gateway, asked("k2", SenderRole::Human)).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Accepted).await;
    let bodies: Vec<_> = provider.received().iter().map(|call| call.json()["tag"].clone()).collect();
    assert_eq!(bodies, ["HUMAN_AGENT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_send_is_denied_and_it_is_audited() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let (reader, sender) = (new_key().await, new_key().await);
    let access = format!(
        "access:\n  clients:\n    desk:\n      api_key_sha256: {}\n      rights: [read, 'send:zalo']\n    \
         crm:\n      api_key_sha256: {}\n      rights: ['send:messenger/{PAGE}']\n",
        reader.hash, sender.hash
    );
    let gateway = Setup::embedded(folder.path()).with(DISPATCH).with(&access).answering(&provider.url()).start().await;
    let mut desk = MessageServiceClient::new(connect(&gateway.api_url(), Some(&reader.secret)).await);
    let denied = desk.send_message(say(person("660001"), "k1", "may I write this?")).await.unwrap_err();
    assert_eq!((denied.code(), reason(&denied).as_str()), (Code::PermissionDenied, "RIGHT_MISSING"));
    let mut crm = MessageServiceClient::new(connect(&gateway.api_url(), Some(&sender.secret)).await);
    crm.send_message(say(person("660001"), "k1", "yes, I may write it")).await.unwrap();
    let lines = || gateway.audit().into_iter().filter(|line| line["method"] == "kenh.v1.MessageService/SendMessage");
    until("both calls are audited", || async { lines().count() == 2 }).await;
    let lines: Vec<_> = lines().collect();
    for (line, wanted) in lines.iter().zip([
        [("client", "desk"), ("outcome", "permission_denied"), ("reason", "right_missing"), ("channel", "messenger")],
        [("client", "crm"), ("outcome", "ok"), ("account", PAGE), ("channel", "messenger")],
    ]) {
        for (field, value) in wanted {
            assert_eq!(line[field], value, "{field} in {line}");
        }
    }
    until("the allowed one is sent", || async { provider.texts() == ["yes, I may write it"] }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_in_a_pause_is_told_in_time_and_why() {
    let (gateway, provider, _folder) = start().await;
    let mut stream = stream::Stream::open(&gateway, stream::latest()).await;
    let (channel, endpoint, account) = (String::from("messenger"), String::from("main"), String::from(PAGE));
    let pause = PauseAccountRequest { channel: channel.clone(), endpoint: endpoint.clone(), account: account.clone() };
    channels(&gateway).await.pause_account(pause).await.unwrap();
    let mut brief = say(person("x"), "brief", "only now");
    let soon = SystemTime::now() + Duration::from_millis(300);
    brief.options.as_mut().unwrap().expires_at = Some(soon.into());
    let brief = send(&gateway, brief).await.unwrap();
    let patient = send(&gateway, say(person("x"), "patient", "later too")).await.unwrap();
    let expired = until_state(&gateway, &brief.id, SendState::Expired).await;
    assert_eq!(expired.failure.unwrap().reason(), SendReason::AccountPaused);
    // The pause itself is an event too.
    let both: Vec<_> = stream.deliveries(2).await.iter().map(|delivery| envelope(delivery).payload.clone()).collect();
    let told = both.into_iter().find_map(|payload| match payload {
        Some(Payload::MessageStatus(status)) => Some(status),
        _ => None,
    });
    let told = told.unwrap();
    assert_eq!((told.state(), told.failure.unwrap().reason()), (SendState::Expired, SendReason::AccountPaused));
    assert_eq!(look(&gateway, &patient.id).await.state(), SendState::Queued, "it has time");
    assert!(provider.received().is_empty());
    channels(&gateway).await.resume_account(ResumeAccountRequest { channel, endpoint, account }).await.unwrap();
    until_state(&gateway, &patient.id, SendState::Accepted).await;
    assert_eq!(provider.texts(), ["later too"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promotional_waits_for_the_morning_and_holds_up_nobody() {
    const HOUR: i64 = 3600;
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let clock = Clock::beside(folder.path());
    // Noon in Viet Nam, today: Zalo's night is from 22:00 to 06:00 there.
    let now = i64::try_from(millis() / 1000).unwrap();
    let noon = (now + 7 * HOUR) / (24 * HOUR) * (24 * HOUR) + 12 * HOUR - 7 * HOUR;
    clock.step(noon - now);
    let gateway = clock.of(super::setup(folder.path(), &provider)).start().await;
    let one = (String::from("zalo"), String::from("main"), String::from(OA));
    let pause = PauseAccountRequest { channel: one.0.clone(), endpoint: one.1.clone(), account: one.2.clone() };
    channels(&gateway).await.pause_account(pause).await.unwrap();
    let asked = |key: &str, purpose: SendPurpose| {
        let mut request = say(person("x"), key, &format!("words of {key}"));
        let to = request.destination.as_mut().unwrap();
        (to.channel, to.account) = ("zalo".into(), OA.into());
        to.to = Some(kenh_proto::v1::destination::To::Contact(kenh_proto::v1::Identity {
            scheme: "zalo_uid".into(),
            value: "5550001112223334445".into(),
            ..kenh_proto::v1::Identity::default()
        }));
        request.options.as_mut().unwrap().purpose = purpose.into();
        request
    };
    let promotion = send(&gateway, asked("promotion", SendPurpose::Promotion)).await.unwrap();
    let answer = send(&gateway, asked("an-answer", SendPurpose::Unspecified)).await.unwrap();
    // It is night when they are due.
    clock.step(noon - now + 11 * HOUR);
    let resume = ResumeAccountRequest { channel: one.0, endpoint: one.1, account: one.2 };
    channels(&gateway).await.resume_account(resume).await.unwrap();
    until_state(&gateway, &answer.id, SendState::Accepted).await;
    let waiting = look(&gateway, &promotion.id).await;
    assert_eq!((waiting.state(), waiting.failure.unwrap().reason()), (SendState::Retrying, SendReason::QuietHours));
    let refused = send(&gateway, asked("another", SendPurpose::Promotion)).await.unwrap_err();
    assert_eq!(reason(&refused), "QUIET_HOURS");
    // For the morning it may be handed in at night.
    let mut morning = asked("scheduled", SendPurpose::Promotion);
    morning.options.as_mut().unwrap().send_at = Some(prost_types::Timestamp { seconds: noon + 20 * HOUR, nanos: 0 });
    assert_eq!(send(&gateway, morning).await.unwrap().state(), SendState::Scheduled);
    assert_eq!(provider.received().len(), 1, "the answer alone");
    clock.step(noon - now + 19 * HOUR);
    until_state(&gateway, &promotion.id, SendState::Accepted).await;
}
