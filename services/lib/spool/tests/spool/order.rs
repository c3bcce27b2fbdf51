//! What was accepted first comes out first, whatever the broker does.

use std::{collections::HashSet, sync::Arc, time::Duration};

use kenh_log::{
    EventLog as _,
    contract::{PARTITIONS, record},
};
use kenh_spool::Spooled;
use uuid::Uuid;

use crate::{
    Running, arrived,
    broker::{Broker, Mood},
    config, until,
};

/// Appends events of a conversation one after the other, each until it is taken, as a channel does; some in batches.
async fn converse(log: Arc<Spooled>, conversation: u128, seed: u64) -> Vec<Uuid> {
    let mut random = fastrand::Rng::with_seed(seed ^ u64::try_from(conversation).unwrap());
    let partition = u32::try_from(conversation).unwrap() % PARTITIONS;
    let mut accepted = Vec::new();
    let mut second = 0;
    while second < 60 {
        let size = if random.u8(..4) == 0 { random.i64(2..5) } else { 1 };
        let records: Vec<_> = (second..second + size).map(|second| record(partition, second, conversation)).collect();
        second += size;
        while log.append(records.clone()).await.is_err() {}
        accepted.extend(records.iter().map(|record| record.meta.id));
        if random.bool() {
            tokio::time::sleep(Duration::from_micros(random.u64(..4000))).await;
        }
    }
    accepted
}

async fn everything_arrives_in_order_with_seed(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Well);
    broker.be_erratic(seed);
    let running = Running::start(&config(folder.path()), &broker).await;
    let talking: Vec<_> =
        (0..12u128).map(|conversation| tokio::spawn(converse(running.log.clone(), conversation, seed))).collect();
    let mut accepted = Vec::new();
    for talk in talking {
        accepted.push(talk.await.unwrap());
    }
    broker.be(Mood::Well);
    arrived(&broker, &accepted, seed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_broker_does_each_conversation_arrives_whole_and_in_order() {
    let runs: Vec<_> = (1..=24).map(|seed| tokio::spawn(everything_arrives_in_order_with_seed(seed))).collect();
    for run in runs {
        run.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_and_its_successor_goes_on_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    let first = Running::start(&config(folder.path()), &broker).await;
    let records: Vec<_> = (0..600).map(|second| record(2, second, 7)).collect();
    for chunk in records[..500].chunks(50) {
        first.log.append(chunk.to_vec()).await.unwrap();
    }
    first.stop();
    broker.be(Mood::Well);
    let second = Running::start(&config(folder.path()), &broker).await;
    for record in &records[500..] {
        second.log.append(vec![record.clone()]).await.unwrap();
    }
    let wanted: Vec<_> = records.iter().map(|record| record.meta.id).collect();
    until("drained", || broker.first_occurrences(Uuid::from_u128(7)).len() == wanted.len()).await;
    assert_eq!(broker.first_occurrences(Uuid::from_u128(7)), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_without_a_queue_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    broker.lose_queue(1);
    let running = Running::start(&config(folder.path()), &broker).await;
    let records: Vec<_> = (0..PARTITIONS).map(|partition| record(partition, 1, partition.into())).collect();
    running.log.append(records.clone()).await.unwrap();
    broker.be(Mood::Well);
    until("the others are drained", || broker.stored().len() == 3).await;
    assert!(broker.stored().iter().all(|record| record.partition != 1));
    // Each event of a delivery is safe, on one way or the other.
    running.log.append(records).await.unwrap();
    broker.declare_queue(1);
    until("so is the last", || broker.stored().iter().filter(|record| record.partition == 1).count() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_twice_has_the_same_id_and_says_that_it_was_spooled() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Silent);
    let running = Running::start(&config(folder.path()), &broker).await;
    let sent = record(0, 1, 7);
    running.log.append(vec![sent.clone()]).await.unwrap();
    broker.be(Mood::Well);
    until("the direct one and that of the spool", || broker.stored().len() >= 2).await;
    let ids: HashSet<_> = broker.stored().iter().map(|record| record.meta.id).collect();
    assert_eq!(ids, HashSet::from([sent.meta.id]));
    let spooled = |record: &kenh_log::Record| {
        let envelope: kenh_proto::v1::Envelope = prost::Message::decode(record.bytes.clone()).unwrap();
        envelope.quality.is_some_and(|quality| quality.from_spool)
    };
    let marks: Vec<_> = broker.stored().iter().map(spooled).collect();
    assert_eq!((marks.first(), marks.last()), (Some(&false), Some(&true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_spool_hands_the_partition_back() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    let running = Running::start(&config(folder.path()), &broker).await;
    running.log.append(vec![record(0, 0, 7)]).await.unwrap();
    broker.be(Mood::Well);
    until("drained", || broker.stored().len() == 1).await;
    // Under load too, or one outage would send everything over the disk for ever.
    let mut second = 1;
    let direct = async {
        loop {
            running.log.append(vec![record(0, second, 7)]).await.unwrap();
            second += 1;
            let last = broker.stored().last().unwrap().bytes.clone();
            let envelope: kenh_proto::v1::Envelope = prost::Message::decode(last).unwrap();
            if envelope.quality.is_none_or(|quality| !quality.from_spool) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), direct).await.expect("it goes to the broker again");
    assert_eq!(running.log.oldest(0).await, Ok(7), "reading is the broker's");
}
