//! Several consumers of one subscription.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use kenh_proto::v1::{Delivery, SubscriptionStats, subscribe_request::Request, subscribe_response::Response};
use kenh_tests::{
    gateway::Gateway,
    named::{Consumer, create, impatient, individual, stats},
    stream::text,
    until,
};
use tokio::task::JoinSet;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{embedded, person, post};

fn shares(stats: &SubscriptionStats) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for partition in &stats.partitions {
        *shares.entry(partition.consumer_id.clone()).or_default() += 1;
    }
    shares
}

async fn shared(gateway: &Gateway, wanted: &[(&str, usize)]) {
    let wanted: BTreeMap<_, _> = wanted.iter().map(|(consumer, share)| ((*consumer).to_owned(), *share)).collect();
    until("the partitions are shared", || async { shares(&stats(gateway, "crm").await) == wanted }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_share_the_partitions_when_they_come_and_when_they_go() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    let first = Consumer::open(&gateway, individual("crm", "a")).await;
    shared(&gateway, &[("a", 4)]).await;
    let second = Consumer::open(&gateway, individual("crm", "b")).await;
    shared(&gateway, &[("a", 2), ("b", 2)]).await;
    let third = Consumer::open(&gateway, individual("crm", "c")).await;
    shared(&gateway, &[("a", 2), ("b", 1), ("c", 1)]).await;
    drop(first);
    shared(&gateway, &[("b", 2), ("c", 2)]).await;
    drop((second, third));
    until("nobody reads", || async { shares(&stats(&gateway, "crm").await).contains_key("") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_stream_of_a_consumer_fences_the_first() {
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    post(&gateway, 0..4, "hello").await;
    let mut first = Consumer::open(&gateway, individual("crm", "a")).await;
    let held = first.stream.deliveries(4).await;
    until("its attempts are saved", || async { stats(&gateway, "crm").await.unacknowledged == 4 }).await;
    let mut second = Consumer::open(&gateway, individual("crm", "a")).await;
    let ended = first.end().await;
    assert_eq!(ended.code(), Code::Aborted);
    assert_eq!(ended.get_details_error_info().unwrap().reason, "CONSUMER_FENCED");
    let again = second.stream.deliveries(4).await;
    assert!(again.iter().all(|delivery| delivery.attempt == 2), "the first one had them");
    assert_eq!(second.send_ack(&[&held[0]]).await.refused.len(), 1, "a cursor of the other stream");
}

/// What all consumers together were given and have acknowledged.
#[derive(Debug, Default)]
struct Book {
    /// Conversations that are with a consumer.
    busy: BTreeMap<u64, String>,
    order: BTreeMap<u64, Vec<usize>>,
    repeats: usize,
}

impl Book {
    fn given(&mut self, consumer: &str, delivery: &Delivery) {
        let with = self.busy.insert(person(delivery), consumer.into());
        assert!(with.is_none(), "{} is with {with:?} and {consumer}", person(delivery));
    }

    fn done(&mut self, delivery: &Delivery) {
        self.busy.remove(&person(delivery));
        let number = text(delivery).rsplit('-').next().unwrap().parse().unwrap();
        let order = self.order.entry(person(delivery)).or_default();
        if order.last().is_some_and(|last| *last >= number) {
            self.repeats += 1;
        } else {
            order.push(number);
        }
    }
}

/// Reads and acknowledges until it is told to stop; then finishes what it has.
async fn consume(
    gateway: Arc<Gateway>,
    name: String,
    book: Arc<Mutex<Book>>,
    stop: tokio_util::sync::CancellationToken,
) {
    let mut consumer = Consumer::open(&gateway, individual("crm", &name)).await;
    loop {
        let response = tokio::select! {
            response = consumer.stream.response() => response,
            () = stop.cancelled() => return,
        };
        let Some(Response::Batch(batch)) = response.unwrap() else { continue };
        for delivery in batch.deliveries {
            book.lock().unwrap().given(&name, &delivery);
            tokio::time::sleep(Duration::from_millis(3)).await;
            book.lock().unwrap().done(&delivery);
            let cursors = vec![delivery.cursor.clone()];
            consumer.stream.send(Request::Ack(kenh_proto::v1::Ack { cursors })).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_every_rebalance_a_conversation_is_with_one_consumer_and_in_order() {
    const PEOPLE: u64 = 24;
    const MESSAGES: usize = 30;
    let (gateway, _folder) = embedded().await;
    create(&gateway, impatient("crm")).await;
    let gateway = Arc::new(gateway);
    let book = Arc::new(Mutex::new(Book::default()));
    let mut consumers = JoinSet::new();
    let stop = tokio_util::sync::CancellationToken::new();
    for number in 0..MESSAGES {
        post(&gateway, 0..PEOPLE, &format!("message-{number}")).await;
        if number % 10 == 0 {
            consumers.spawn(consume(gateway.clone(), format!("c{number}"), book.clone(), stop.clone()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until("everything was acknowledged", || async {
        book.lock().unwrap().order.values().map(Vec::len).sum::<usize>() == MESSAGES * usize::try_from(PEOPLE).unwrap()
    })
    .await;
    stop.cancel();
    while let Some(ended) = consumers.join_next().await {
        ended.unwrap();
    }
    let book = book.lock().unwrap();
    assert!(book.order.values().all(|order| *order == (0..MESSAGES).collect::<Vec<_>>()), "in order, none missing");
    assert_eq!(book.repeats, 0, "nobody died, so nothing comes twice");
    let people: BTreeSet<_> = book.order.keys().copied().collect();
    assert_eq!(people, (0..PEOPLE).collect());
}
