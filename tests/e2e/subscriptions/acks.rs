//! Acknowledging.

use std::{collections::BTreeSet, time::Duration};

use kenh_proto::v1::{AckMode, NackAction, Open};
use kenh_tests::{
    gateway::Setup,
    named::{Consumer, create, duration, impatient, individual},
    stream::text,
};

use super::{A_WHILE, embedded, id, person, post, setup};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_never_comes_again_and_the_rest_does() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..10, "hello").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let mut done = BTreeSet::new();
    for number in 0..10 {
        let delivery = consumer.delivery().await;
        assert_eq!(delivery.attempt, 1);
        if number % 2 == 0 {
            consumer.ack(&delivery).await;
            done.insert(id(&delivery));
        }
    }
    drop(consumer);
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    for _ in 0..5 {
        let delivery = consumer.delivery().await;
        assert!(!done.contains(&id(&delivery)), "it was acknowledged");
        assert_eq!(delivery.attempt, 2);
        consumer.ack(&delivery).await;
    }
    assert!(consumer.stream.is_quiet(A_WHILE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unacknowledged_event_blocks_its_own_conversation_and_no_other() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    for number in 0..3 {
        post(&gateway, 0..4, &format!("message-{number}")).await;
    }
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let mut first = Vec::new();
    for _ in 0..4 {
        first.push(consumer.delivery().await);
    }
    assert!(first.iter().all(|delivery| text(delivery).ends_with("message-0")));
    assert!(consumer.stream.is_quiet(A_WHILE).await, "each conversation has one in flight");
    let (held, others) = first.split_first().unwrap();
    for delivery in others {
        consumer.ack(delivery).await;
    }
    for number in 1..3 {
        for _ in 0..3 {
            let delivery = consumer.delivery().await;
            assert_ne!(person(&delivery), person(held), "its conversation waits");
            assert!(text(&delivery).ends_with(&format!("message-{number}")), "{}", text(&delivery));
            consumer.ack(&delivery).await;
        }
    }
    consumer.ack(held).await;
    assert_eq!(text(&consumer.delivery().await), format!("{} message-1", person(held)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_over_brings_the_event_again_and_its_acknowledgement_is_refused() {
    let (gateway, _folder) = embedded().await;
    let deadline = Some(duration(Duration::from_secs(1)));
    create(&gateway, kenh_proto::v1::Subscription { ack_deadline: deadline, ..impatient("crm") }).await;
    post(&gateway, 0..2, "hello").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let (kept, extended) = (consumer.delivery().await, consumer.delivery().await);
    consumer.extend(&extended, Duration::from_secs(60)).await;
    let again = consumer.delivery().await;
    assert_eq!((id(&again), again.attempt), (id(&kept), 2));
    let result = consumer.send_ack(&[&kept, &again, &extended]).await;
    assert_eq!(result.refused, [kept.cursor]);
    assert_eq!(result.accepted, [again.cursor, extended.cursor]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nack_brings_it_again_after_a_while_or_passes_over_it() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..1, "first").await;
    post(&gateway, 0..1, "second").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let first = consumer.delivery().await;
    consumer.nack(&first, NackAction::Retry, Some(Duration::from_millis(1500)), "").await;
    assert!(consumer.stream.is_quiet(A_WHILE).await, "its conversation waits for it");
    let again = consumer.delivery().await;
    assert_eq!((text(&again), again.attempt), ("0 first", 2));
    consumer.nack(&again, NackAction::Skip, None, "").await;
    let second = consumer.delivery().await;
    assert_eq!((text(&second), second.attempt), ("0 second", 1));
    consumer.ack(&second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cumulative_acknowledgement_covers_what_was_sent_before() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..10, "hello").await;
    let open = Open { ack_mode: AckMode::Cumulative.into(), ..individual("crm", "a") };
    let mut consumer = Consumer::open(&gateway, open.clone()).await;
    let deliveries = consumer.stream.deliveries(10).await;
    consumer.ack(&deliveries[6]).await;
    drop(consumer);
    let mut consumer = Consumer::open(&gateway, open).await;
    let rest = consumer.stream.deliveries(3).await;
    let ids = |deliveries: &[_]| deliveries.iter().map(id).collect::<BTreeSet<_>>();
    assert_eq!(ids(&rest), ids(&deliveries[7..]));
    assert!(consumer.stream.is_quiet(A_WHILE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_acknowledgement_outlives_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let setup: Setup = setup(folder.path());
    let mut gateway = setup.clone().start().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..20, "hello").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let mut done = BTreeSet::new();
    for _ in 0..11 {
        let delivery = consumer.delivery().await;
        consumer.ack(&delivery).await;
        done.insert(id(&delivery));
    }
    gateway.kill().await;
    let gateway = setup.start().await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let rest: BTreeSet<_> = consumer.stream.deliveries(9).await.iter().map(id).collect();
    assert!(rest.is_disjoint(&done) && rest.len() == 9);
    assert!(consumer.stream.is_quiet(A_WHILE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_in_flight_than_the_consumer_wants() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..10, "hello").await;
    let open = Open { max_outstanding_messages: 3, ..individual("crm", "a") };
    let mut consumer = Consumer::open(&gateway, open).await;
    let deliveries = consumer.stream.deliveries(3).await;
    assert!(consumer.stream.is_quiet(A_WHILE).await);
    consumer.send_ack(&[&deliveries[0], &deliveries[2]]).await;
    consumer.stream.deliveries(2).await;
    assert!(consumer.stream.is_quiet(A_WHILE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_still_count_while_the_server_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(folder.path());
    let mut gateway = setup.clone().start().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..2, "hello").await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    let (kept, done) = (consumer.delivery().await, consumer.delivery().await);
    gateway.terminate().await;
    consumer.stream.drain().await;
    consumer.ack(&done).await;
    assert!(gateway.ended().await.success());
    let gateway = setup.start().await;
    let mut consumer = Consumer::open(&gateway, individual("crm", "a")).await;
    assert_eq!(id(&consumer.delivery().await), id(&kept));
    assert!(consumer.stream.is_quiet(A_WHILE).await);
}
