//! Telegram where it cannot call: the gateway asks for updates.

use std::time::{Duration, Instant};

use kenh_proto::v1::{
    AccountState, Envelope, ListAccountHealthRequest, ListEventsRequest, Quality, SignatureQuality,
    channel_service_client::ChannelServiceClient, envelope::Payload,
};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks, rabbitmq,
    stream::{self, envelope},
    until,
    updates::Updates,
    webhook,
};
use serde_json::json;

const TOKEN: &str = "800001:telegram-token-0002";

async fn channel() -> (Updates, String) {
    leaks::unsaid(TOKEN);
    let updates = Updates::start(TOKEN).await;
    let settings = format!(
        "  telegram:\n    main:\n      bot_id: \"800001\"\n      updates: polling\n      api_url: {}\n      accounts:\n        \
         \"800001\": {{ token: \"{TOKEN}\" }}\n",
        updates.url()
    );
    (updates, settings)
}

fn poller(setup: Setup, channel: &str) -> Setup {
    setup.with("poller:\n  longest_pause: 500ms\n").channels(channel)
}

/// The texts the log holds, in its order.
async fn texts(gateway: &Gateway) -> Vec<String> {
    let all = stream::list(gateway, ListEventsRequest::default()).await;
    let text = |event: &Envelope| match &event.payload {
        Some(Payload::Message(message)) if event.channel == "telegram" => {
            assert_eq!(event.quality.as_ref().map(Quality::signature), Some(SignatureQuality::Fetched));
            Some(message.text.as_ref()?.body.clone())
        }
        _ => None,
    };
    all.iter().filter_map(|delivery| text(envelope(delivery))).collect()
}

async fn until_texts(gateway: &Gateway, numbers: std::ops::RangeInclusive<u64>) {
    let wanted: Vec<_> = numbers.map(|number| format!("text {number}")).collect();
    until("the updates are events", || async { texts(gateway).await.len() >= wanted.len() }).await;
    assert_eq!(texts(gateway).await, wanted);
}

async fn until_state(gateway: &Gateway, state: AccountState) {
    until("the account fares so", || async {
        let mut channels = ChannelServiceClient::connect(gateway.api_url()).await.expect("the api answers");
        let request = ListAccountHealthRequest { channel: "telegram".into() };
        let listed = channels.list_account_health(request).await.expect("health").into_inner();
        listed.accounts.iter().all(|account| account.state() == state)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_are_asked_for_once_each_in_order_whoever_is_killed() {
    let (folder, (updates, channel)) = (tempfile::tempdir().unwrap(), channel().await);
    for number in 1..=150 {
        updates.write(number);
    }
    let setup = poller(Setup::embedded(folder.path()), &channel);
    let mut gateway = setup.clone().start().await;
    until("some of it is stored", || async { texts(&gateway).await.len() >= 20 }).await;
    gateway.kill().await;
    let gateway = setup.start().await;
    until_texts(&gateway, 1..=150).await;
    // These come to a question that is held.
    updates.write(151);
    until_texts(&gateway, 1..=151).await;
    until("Telegram was told", || async { updates.kept() == 0 }).await;
    // Nobody who calls is Telegram.
    let caller = webhook::of("telegram", "bot_id: '800001'\nsecret_tokens: telegram-word-0001\n");
    assert_eq!(caller.post(&gateway, r#"{"update_id": 1}"#).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_and_tried_again() {
    let (folder, (updates, channel)) = (tempfile::tempdir().unwrap(), channel().await);
    let no = |code: u16| (code, json!({"ok": false, "error_code": code, "parameters": {"retry_after": 1}}));
    updates.instead(Some(no(401)));
    let gateway = poller(Setup::embedded(folder.path()), &channel).start().await;
    until_state(&gateway, AccountState::AuthBroken).await;
    let page = (200, json!("a proxy's page"));
    for (reason, answer) in [("elsewhere", no(409)), ("later", no(429)), ("unreadable", page)] {
        updates.instead(Some(answer));
        let label = format!("reason=\"{reason}\"");
        until(reason, || async { gateway.metric("kenh_poll_failures_total", &label).await > 0.5 }).await;
    }
    updates.write(1);
    updates.instead(None);
    until_texts(&gateway, 1..=1).await;
    until_state(&gateway, AccountState::Healthy).await;
    assert!(gateway.log().contains("remove the bot's webhook"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_names_no_pause_or_holds_no_question_is_not_asked_all_the_time() {
    let (folder, (updates, channel)) = (tempfile::tempdir().unwrap(), channel().await);
    let _gateway = poller(Setup::embedded(folder.path()), &channel).start().await;
    let at_once = json!({"ok": false, "error_code": 429, "parameters": {"retry_after": 0}});
    let nothing = json!({"ok": true, "result": []});
    // Three quarters of the longest pause, as `poller` sets it; and the pause behind an answer that was not held.
    for (answer, pause) in [((429, at_once), 375), ((200, nothing), 200)] {
        updates.instead(Some(answer));
        let (begun, before) = (Instant::now(), updates.asked());
        until("it is asked again and again", || async { updates.asked() > before + 4 }).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (asked, elapsed) = (updates.asked() - before, begun.elapsed().as_millis());
        assert!(u128::from(asked) <= elapsed / pause + 2, "asked {asked} times in {elapsed} ms");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_stays_with_telegram_until_it_can() {
    let (folder, (updates, channel)) = (tempfile::tempdir().unwrap(), channel().await);
    let broker = rabbitmq::Node::start().await;
    let setup = Setup::rabbitmq(folder.path(), &broker.url(), "updates").with("  spool:\n    enabled: false\n");
    let mut gateway = poller(setup, &channel).start().await;
    gateway.expect_errors();
    updates.write(1);
    until_texts(&gateway, 1..=1).await;
    broker.kill().await;
    updates.write(2);
    until("it cannot be stored", || async { gateway.metric("kenh_poll_failures_total", "store").await > 0.5 }).await;
    assert_eq!(updates.kept(), 1);
    broker.restart().await;
    gateway.ready().await;
    until_texts(&gateway, 1..=2).await;
    until("Telegram was told", || async { updates.kept() == 0 }).await;
}
