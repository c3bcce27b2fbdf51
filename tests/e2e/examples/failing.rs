//! What dies in between.

use std::time::Duration;

use kenh_tests::{
    named::stats,
    provider::Provider,
    proxy::{Network, Proxy},
    until,
    webhook::{messenger, messenger_now},
};

use super::{Example, FIRST, for_each_example, setup};

for_each_example!(
    killed_between_the_answer_and_its_acknowledgement_it_answers_once,
    it_comes_back_to_a_gateway_that_restarts,
    it_notices_a_connection_that_died_without_a_word,
);

async fn killed_between_the_answer_and_its_acknowledgement_it_answers_once(example: Example) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = setup(folder.path(), &provider).start().await;
    let proxy = Proxy::start(gateway.api).await;
    let api = format!("http://127.0.0.1:{}", proxy.port());
    let mut desk = example.start(&api, None, &[]);
    desk.says("subscribed").await;
    // From the moment the gateway has the answer, one second goes by until the desk knows, and another one until the
    // gateway has the acknowledgement.
    proxy.set(Network::Slow { delay: Duration::from_secs(1), rate: 1 << 20 });
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Còn hàng không ạ")).await, 200);
    until("the answer is with the channel", || async { !provider.texts().is_empty() }).await;
    desk.kill().await;
    assert!(!desk.said().contains("ticket 1: answered"), "it died too late to show anything: {}", desk.said());

    proxy.set(Network::Up);
    let desk = example.start(&api, None, &[]);
    desk.says("ticket 1: answered before\n").await;
    desk.says("ticket 1: ACCEPTED SENT\n").await;
    until("everything is acknowledged", || async { stats(&gateway, "help-desk").await.backlog == 0 }).await;
    assert_eq!(provider.texts(), [FIRST]);
}

async fn it_comes_back_to_a_gateway_that_restarts(example: Example) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = setup(folder.path(), &provider);
    let mut gateway = setup.clone().start().await;
    let desk = example.start(&gateway.api_url(), None, &[]);
    desk.says("subscribed").await;

    gateway.terminate().await;
    desk.says("drain: back in ").await;
    assert!(gateway.ended().await.success(), "the desk lets go");
    gateway = setup.clone().start().await;
    desk.says_times("subscribed", 2).await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Một")).await, 200);
    desk.says("ticket 1: ACCEPTED SENT\n").await;

    gateway.kill().await;
    desk.says("away (").await;
    let gateway = setup.start().await;
    desk.says_times("subscribed", 3).await;
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_2", "Hai")).await, 200);
    desk.says("ticket 2: ACCEPTED SENT\n").await;
    assert_eq!(provider.texts().len(), 2, "{:?}", provider.texts());
}

async fn it_notices_a_connection_that_died_without_a_word(example: Example) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = setup(folder.path(), &provider).start().await;
    let proxy = Proxy::start(gateway.api).await;
    let desk = example.start(&format!("http://127.0.0.1:{}", proxy.port()), None, &[]);
    desk.says("subscribed").await;
    proxy.forget();
    assert_eq!(messenger().post(&gateway, &messenger_now(660_001, "m_1", "Có ai không")).await, 200);
    // Pings find out, long before the libraries' usual minute is over.
    let noticed = tokio::time::timeout(Duration::from_secs(45), desk.says("away (UNAVAILABLE -)")).await;
    assert!(noticed.is_ok(), "{}", desk.said());
    desk.says("ticket 1: ACCEPTED SENT\n").await;
    assert_eq!(provider.texts(), [FIRST]);
}
