//! A dispatcher that dies in the middle.

use kenh_proto::v1::SendState;
use kenh_tests::{
    gateway::{Gateway, Setup},
    outbound::{look, person, say, send, until_state},
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
    let unknown = settled(&gateway, &provider, &ids).await;
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
    let mut ids = Vec::new();
    for number in 0..40 {
        if number == 20 {
            one.kill().await;
        }
        let (key, gateway) = (format!("k{number}"), if number < 20 { &one } else { &other });
        ids.push((send(gateway, say(person(&format!("66000{}", number % 3)), &key, &key)).await.unwrap().id, key));
    }
    // Only of what was being sent at the moment of the kill, one of each conversation, nobody can say whether it arrived.
    let unknown = settled(&other, &provider, &ids).await;
    assert!(unknown <= 3, "{unknown} of unknown outcome");
    let (last, _) = ids.last().expect("forty");
    assert_eq!(look(&other, last).await.state(), SendState::Accepted, "what was sent after the kill");
}

/// Waits until the outcome of every message is known or known to be unknown, sees that none came twice and that each accepted one came; the number of
/// unknown outcomes.
async fn settled(gateway: &Gateway, provider: &Provider, ids: &[(String, String)]) -> usize {
    let mut unknown = 0;
    for (id, key) in ids {
        let begun = std::time::Instant::now();
        let state = loop {
            let state = look(gateway, id).await.state();
            if matches!(state, SendState::Accepted | SendState::Unknown) {
                break state;
            }
            assert!(begun.elapsed() < kenh_tests::PATIENCE, "{key} is {state:?}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        let times = provider.texts().iter().filter(|text| *text == key).count();
        if state == SendState::Accepted {
            assert_eq!(times, 1, "{key}");
        } else {
            unknown += 1;
            assert!(times <= 1, "{key} was sent {times} times");
        }
    }
    unknown
}
