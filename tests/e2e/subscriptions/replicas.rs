//! Consumers on several replicas of the api, with PostgreSQL between them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use kenh_proto::v1::{Ack, subscribe_request::Request, subscribe_response::Response};
use kenh_tests::{
    gateway::{Gateway, Setup},
    named::{Consumer, create, impatient, individual, stats},
    postgres::Cluster,
    rabbitmq,
    stream::{Stream, text},
    until,
};
use tokio::task::JoinHandle;
use tonic::Code;

use super::{id, person, post};

/// A gateway of one role that shares everything with the others of that name.
async fn replica(folder: &Path, name: &str, role: &'static str, shared: &str, cluster: &Cluster) -> Gateway {
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n", cluster.url());
    let setup = Setup::rabbitmq(&folder.join(name), &rabbitmq::shared().await.url(), shared);
    setup.with(&store).env("KENH_API__LEASE", "2s").roles(role).start().await
}

/// What consumers were given and what of it they know to be acknowledged.
#[derive(Debug, Default)]
struct Book {
    given: BTreeMap<u64, Vec<String>>,
    acknowledged: BTreeSet<String>,
    given_after_ack: Vec<String>,
}

/// Reads and acknowledges; opens its stream anew when it breaks, on the gateway it is told.
fn consume(book: &Arc<Mutex<Book>>, gateway: &Gateway, name: &'static str) -> JoinHandle<()> {
    let (book, url) = (book.clone(), gateway.api_url());
    tokio::spawn(async move {
        loop {
            if let Ok(stream) = Stream::try_open_at(&url, individual("crm", name)).await {
                read(&book, stream).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

async fn read(book: &Mutex<Book>, mut stream: Stream) {
    let mut sent = BTreeMap::new();
    while let Ok(Some(response)) = stream.next().await {
        match response {
            Response::Batch(batch) => {
                for delivery in batch.deliveries {
                    {
                        let mut book = book.lock().unwrap();
                        if book.acknowledged.contains(&id(&delivery)) {
                            book.given_after_ack.push(text(&delivery).into());
                        }
                        book.given.entry(person(&delivery)).or_default().push(text(&delivery).into());
                    }
                    sent.insert(delivery.cursor.clone(), id(&delivery));
                    let request = Request::Ack(Ack { cursors: vec![delivery.cursor] });
                    if !stream.offer(request).await {
                        return;
                    }
                }
            }
            Response::AckResult(result) => {
                let accepted = result.accepted.iter().filter_map(|cursor| sent.get(cursor).cloned());
                book.lock().unwrap().acknowledged.extend(accepted);
            }
            Response::Drain(_) => return,
            Response::Opened(_) | Response::Heartbeat(_) => {}
        }
    }
}

/// Everything came, nothing that was known to be acknowledged came again, first occurrences are in order.
fn check(book: &Book, people: u64, messages: usize) {
    assert_eq!(book.given_after_ack, Vec::<String>::new(), "acknowledged and given again");
    for person in 0..people {
        let mut first = Vec::new();
        for text in &book.given[&person] {
            if !first.contains(text) {
                first.push(text.clone());
            }
        }
        let wanted: Vec<_> = (0..messages).map(|number| format!("{person} message-{number:03}")).collect();
        assert_eq!(first, wanted, "conversation {person}");
    }
}

const PEOPLE: u64 = 16;
const MESSAGES: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn when_a_replica_is_killed_its_consumers_partitions_go_to_the_others() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start().await);
    let start = |name, role| replica(folder.path(), name, role, "replica-killed", &cluster);
    let (ingress, mut one, other) = tokio::join!(start("in", "ingress"), start("one", "api"), start("two", "api"));
    create(&other, impatient("crm")).await;
    let book = Arc::new(Mutex::new(Book::default()));
    let (first, second) = (consume(&book, &one, "a"), consume(&book, &other, "b"));
    until("both read", || async {
        let consumers: BTreeSet<_> =
            stats(&other, "crm").await.partitions.into_iter().map(|partition| partition.consumer_id).collect();
        consumers == BTreeSet::from(["a".into(), "b".into()])
    })
    .await;
    for number in 0..MESSAGES {
        post(&ingress, 0..PEOPLE, &format!("message-{number:03}")).await;
        if number == MESSAGES / 2 {
            one.kill().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    until("everything was dealt with", || async {
        let stats = stats(&other, "crm").await;
        stats.backlog == 0 && stats.partitions.iter().all(|partition| partition.consumer_id == "b")
    })
    .await;
    first.abort();
    second.abort();
    check(&book.lock().unwrap(), PEOPLE, MESSAGES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_costs_no_position() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start().await);
    let gateway = replica(folder.path(), "all", "ingress,api", "database-restarted", &cluster).await;
    create(&gateway, impatient("crm")).await;
    let book = Arc::new(Mutex::new(Book::default()));
    let consumers = [consume(&book, &gateway, "a"), consume(&book, &gateway, "b")];
    for number in 0..MESSAGES {
        post(&gateway, 0..PEOPLE, &format!("message-{number:03}")).await;
        match number {
            20 => cluster.kill().await,
            // Longer than the leases last.
            40 => {
                until("the leases are over", || async { gateway.log().contains("their streams end") }).await;
                cluster.restart().await;
            }
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    until("everything was dealt with", || async { book.lock().unwrap().acknowledged.len() == 960 }).await;
    consumers.iter().for_each(JoinHandle::abort);
    check(&book.lock().unwrap(), PEOPLE, MESSAGES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_moves_to_another_replica_is_fenced_on_the_first() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start().await);
    let start = |name| replica(folder.path(), name, "api", "replica-fenced", &cluster);
    let (one, other) = tokio::join!(start("one"), start("two"));
    create(&one, impatient("crm")).await;
    let mut first = Consumer::open(&one, individual("crm", "a")).await;
    let second = Consumer::open(&other, individual("crm", "a")).await;
    assert_eq!(first.end().await.code(), Code::Aborted);
    until("the second holds everything", || async {
        stats(&other, "crm").await.partitions.iter().all(|partition| partition.consumer_id == "a")
    })
    .await;
    drop(second);
}
