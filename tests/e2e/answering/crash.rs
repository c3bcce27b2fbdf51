//! A dispatcher that dies in the middle.

use kenh_proto::v1::SendState;
use kenh_tests::{
    gateway::Setup,
    outbound::{person, say, send, until_state},
    postgres::Cluster,
    provider::{Manner, Provider},
    rabbitmq, until,
};

use super::{DISPATCH, setup};

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_killed_in_a_call_never_sends_it_again() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = setup(folder.path(), &provider);
    let mut gateway = setup.clone().start().await;
    provider.next([Manner::TakenInSilence]);
    let sent = send(&gateway, say(person("660001"), "k1", "only once")).await.unwrap();
    let next = send(&gateway, say(person("660001"), "k2", "then this")).await.unwrap();
    until("the call is made", || async { !provider.texts().is_empty() }).await;
    gateway.kill().await;
    let gateway = setup.start().await;
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    until_state(&gateway, &next.id, SendState::Accepted).await;
    assert_eq!(provider.texts(), ["only once", "then this"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_killed_between_messages_loses_none_and_sends_none_twice() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = setup(folder.path(), &provider);
    let mut gateway = setup.clone().start().await;
    let mut ids = Vec::new();
    for round in 0..5 {
        for number in 0..20 {
            let (key, to) = (format!("k{round}-{number}"), person(&format!("66000{}", number % 4)));
            ids.push((send(&gateway, say(to, &key, &key)).await.unwrap().id, key));
        }
        gateway.kill().await;
        gateway = setup.clone().start().await;
    }
    let mut unknown = 0;
    for (id, key) in &ids {
        let begun = std::time::Instant::now();
        let state = loop {
            let state = kenh_tests::outbound::look(&gateway, id).await.state();
            if matches!(state, SendState::Accepted | SendState::Unknown) {
                break state;
            }
            assert!(begun.elapsed() < kenh_tests::PATIENCE, "{key} is {state:?}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        let times = provider.texts().iter().filter(|text| *text == key).count();
        match state {
            SendState::Accepted => assert_eq!(times, 1, "{key}"),
            _ => {
                unknown += 1;
                assert!(times <= 1, "{key} was sent {times} times");
            }
        }
    }
    // At most what was being sent at the moment of each kill, one of each conversation.
    assert!(unknown <= 5 * 4, "{unknown} of unknown outcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_two_replicas_another_one_goes_on() {
    let (folder, cluster, provider) = (tempfile::tempdir().unwrap(), Cluster::start().await, Provider::start().await);
    let url = rabbitmq::shared().await.url();
    let replica = |name: &str| {
        let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", cluster.url());
        let setup = Setup::rabbitmq(&folder.path().join(name), &url, "two-dispatchers");
        setup.with(&store).with(DISPATCH).answering(&provider.url())
    };
    let (mut one, other) = tokio::join!(replica("one").start(), replica("other").start());
    for number in 0..20 {
        let key = format!("k{number}");
        send(&one, say(person(&format!("66000{}", number % 3)), &key, &key)).await.unwrap();
    }
    one.kill().await;
    let mut last = String::new();
    for number in 20..40 {
        let key = format!("k{number}");
        last = send(&other, say(person(&format!("66000{}", number % 3)), &key, &key)).await.unwrap().id;
    }
    until_state(&other, &last, SendState::Accepted).await;
    until("all are with the channel", || async {
        let mut texts = provider.texts();
        texts.sort();
        texts.dedup();
        texts.len() == 40
    })
    .await;
    let texts = provider.texts();
    assert_eq!(texts.len(), 40, "none twice: {texts:?}");
}
