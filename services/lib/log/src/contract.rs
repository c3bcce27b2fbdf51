//! What holds for every engine. Each test takes an empty log of four partitions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "tests that engines share; their names say what holds"
)]

use std::{collections::HashSet, sync::Arc, time::Duration};

use kenh_proto::v1::{
    Account, Contact, Conversation, Envelope, EventKind, Message, Reaction, Trace, envelope::Payload,
};
use uuid::Uuid;

use crate::{Entry, EventLog, Filter, Limit, Meta, ReadError, Record};

pub const PARTITIONS: u32 = 4;
const ALL: Limit = Limit { entries: 10_000, bytes: 1 << 30, scanned: 1_000_000 };

/// Runs every test of the contract on logs of its own.
pub async fn all<F: Future<Output = Arc<dyn EventLog>>>(fresh: impl Fn() -> F) {
    an_empty_log_has_nothing(&*fresh().await).await;
    entries_come_back_in_order_with_everything_they_had(&*fresh().await).await;
    a_page_ends_at_its_limits_and_goes_on_without_a_gap(&*fresh().await).await;
    a_filter_takes_what_matches_and_nothing_else(&*fresh().await).await;
    a_moment_is_found(&*fresh().await).await;
    an_event_is_found_by_its_id(&*fresh().await).await;
    followers_see_what_was_there_and_what_comes(fresh().await).await;
    concurrent_appends_keep_the_order_of_each_caller(fresh().await).await;
}

/// A record that says when it was received, in seconds, and who it is from.
pub fn record(partition: u32, seconds: i64, conversation: u128) -> Record {
    let meta = Meta {
        id: Uuid::new_v4(),
        channel: if conversation.is_multiple_of(2) { "zalo".into() } else { "messenger".into() },
        account: Some(format!("account-{conversation}")),
        kind: if seconds % 2 == 0 { EventKind::Message } else { EventKind::Reaction },
        conversation: Some(Uuid::from_u128(conversation)),
        contact: Some(Uuid::from_u128(conversation + 1000)),
        received_at: seconds * 1_000_000,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
    };
    let envelope = Envelope {
        id: meta.id.to_string(),
        channel: meta.channel.clone(),
        account: Some(Account { external_id: meta.account.clone(), ..Default::default() }),
        conversation: Some(Conversation { id: Uuid::from_u128(conversation).to_string(), ..Default::default() }),
        contact: Some(Contact { id: Uuid::from_u128(conversation + 1000).to_string(), ..Default::default() }),
        partition,
        received_at: Some(at(seconds)),
        trace: meta.traceparent.clone().map(|traceparent| Trace { traceparent, tracestate: None }),
        payload: Some(if meta.kind == EventKind::Message {
            Payload::Message(Message::default())
        } else {
            Payload::Reaction(Reaction::default())
        }),
        ..Default::default()
    };
    let record = Record::of(&envelope).expect("a stamped envelope");
    assert_eq!(record.meta, meta, "what is read off an envelope");
    record
}

fn at(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

fn ids(entries: &[Entry]) -> Vec<Uuid> {
    entries.iter().map(|entry| entry.meta.id).collect()
}

async fn read_all(log: &dyn EventLog, partition: u32, filter: &Filter) -> Vec<Entry> {
    let head = log.head(partition).await.unwrap();
    let oldest = log.oldest(partition).await.unwrap();
    log.read(partition, oldest..head, filter, ALL).await.unwrap().entries
}

async fn an_empty_log_has_nothing(log: &dyn EventLog) {
    assert_eq!(log.partitions(), PARTITIONS);
    for partition in 0..PARTITIONS {
        assert_eq!((log.oldest(partition).await, log.head(partition).await), (Ok(0), Ok(0)));
        assert_eq!(log.offset_at(partition, 0).await, Ok(0));
        assert!(read_all(log, partition, &Filter::default()).await.is_empty());
    }
    assert!(log.find(Uuid::new_v4(), None).await.unwrap().is_none());
    assert!(matches!(log.head(PARTITIONS).await, Err(ReadError::Unavailable(_))));
}

async fn entries_come_back_in_order_with_everything_they_had(log: &dyn EventLog) {
    let records: Vec<_> = (0..100).map(|second| record(1, second, 7)).collect();
    for chunk in records.chunks(9) {
        log.append(chunk.to_vec()).await.unwrap();
    }
    let entries = read_all(log, 1, &Filter::default()).await;
    assert_eq!(entries.len(), records.len());
    for (entry, record) in entries.iter().zip(&records) {
        assert_eq!((entry.partition, &entry.meta, &entry.bytes), (1, &record.meta, &record.bytes));
    }
    assert!(entries.is_sorted_by(|a, b| a.offset < b.offset), "offsets rise");
    assert!(read_all(log, 0, &Filter::default()).await.is_empty(), "partitions are apart");
}

async fn a_page_ends_at_its_limits_and_goes_on_without_a_gap(log: &dyn EventLog) {
    let records: Vec<_> = (0..50).map(|second| record(2, second, 7)).collect();
    log.append(records.clone()).await.unwrap();
    let size = records[0].bytes.len();
    let wanted: Vec<_> = records.iter().map(|record| record.meta.id).collect();
    let limits = [
        Limit { entries: 7, ..ALL },
        Limit { bytes: size * 3, ..ALL },
        Limit { bytes: 1, ..ALL },
        Limit { scanned: 4, ..ALL },
    ];
    for limit in limits {
        let (mut from, head) = (log.oldest(2).await.unwrap(), log.head(2).await.unwrap());
        let mut seen = Vec::new();
        while from < head {
            let page = log.read(2, from..head, &Filter::default(), limit).await.unwrap();
            assert!(page.next > from, "reading goes on");
            assert!(page.entries.len() <= limit.entries.min(limit.scanned));
            from = page.next;
            seen.extend(ids(&page.entries));
        }
        assert_eq!(seen, wanted, "{limit:?}");
    }
    let offsets: Vec<_> = read_all(log, 2, &Filter::default()).await.iter().map(|entry| entry.offset).collect();
    let (from, to) = (offsets[10], offsets[20]);
    let some = log.read(2, from..to, &Filter::default(), ALL).await.unwrap();
    assert_eq!((ids(&some.entries), some.next), (wanted[10..20].to_vec(), to));
    let mut tail = log.follow(2, from).await.unwrap();
    assert_eq!(tail.recv().await.map(|entry| entry.meta.id), Some(wanted[10]), "from that one on, and none before it");
    assert_eq!(log.events_between(from, from), 0);
    assert!(log.events_between(from, to) > 0);
}

async fn a_filter_takes_what_matches_and_nothing_else(log: &dyn EventLog) {
    let records: Vec<_> = (0..60).map(|second| record(0, second, u128::try_from(second % 3).unwrap())).collect();
    log.append(records.clone()).await.unwrap();
    let filters = [
        Filter { channels: vec!["zalo".into()], ..Filter::default() },
        Filter { accounts: vec!["account-1".into(), "account-2".into()], ..Filter::default() },
        Filter { kinds: vec![EventKind::Reaction], ..Filter::default() },
        Filter { conversations: vec![Uuid::from_u128(2)], ..Filter::default() },
        Filter { contacts: vec![Uuid::from_u128(1001), Uuid::from_u128(5)], ..Filter::default() },
        Filter { kinds: vec![EventKind::Message], conversations: vec![Uuid::from_u128(0)], ..Filter::default() },
        Filter { channels: vec!["nowhere".into()], ..Filter::default() },
    ];
    for filter in filters {
        let wanted: Vec<_> = records.iter().filter(|record| filter.matches(&record.meta)).map(|r| r.meta.id).collect();
        assert_eq!(ids(&read_all(log, 0, &filter).await), wanted, "{filter:?}");
        let page = log.read(0, 0..log.head(0).await.unwrap(), &filter, Limit { entries: 2, ..ALL }).await.unwrap();
        assert_eq!(ids(&page.entries), wanted.into_iter().take(2).collect::<Vec<_>>(), "{filter:?}");
    }
}

async fn a_moment_is_found(log: &dyn EventLog) {
    let records: Vec<_> = (0..200).map(|minute| record(3, minute * 60, 7)).collect();
    log.append(records).await.unwrap();
    let head = log.head(3).await.unwrap();
    for minute in [0, 1, 57, 199] {
        let offset = log.offset_at(3, minute * 60_000_000).await.unwrap();
        let page = log.read(3, offset..head, &Filter::default(), Limit { entries: 1, ..ALL }).await.unwrap();
        assert_eq!(page.entries[0].meta.received_at, minute * 60_000_000);
    }
    let between = log.offset_at(3, 90_000_000).await.unwrap();
    assert_eq!(log.read(3, between..head, &Filter::default(), ALL).await.unwrap().entries.len(), 198);
    assert_eq!(log.offset_at(3, 1_000_000_000_000).await, Ok(head), "nothing is that young");
}

async fn an_event_is_found_by_its_id(log: &dyn EventLog) {
    let records: Vec<_> = (0..20).map(|n| record(n % PARTITIONS, i64::from(n), 7)).collect();
    log.append(records.clone()).await.unwrap();
    for record in &records {
        let found = log.find(record.meta.id, None).await.unwrap().expect("it is there");
        assert_eq!((found.partition, &found.meta, &found.bytes), (record.partition, &record.meta, &record.bytes));
        assert!(log.find(record.meta.id, Some(record.partition)).await.unwrap().is_some());
        assert!(log.find(record.meta.id, Some((record.partition + 1) % PARTITIONS)).await.unwrap().is_none());
    }
}

async fn followers_see_what_was_there_and_what_comes(log: Arc<dyn EventLog>) {
    let records: Vec<_> = (0..3000).map(|second| record(1, second, 7)).collect();
    log.append(records[..1000].to_vec()).await.unwrap();
    let mut from_start = log.follow(1, 0).await.unwrap();
    let mut from_head = log.follow(1, log.head(1).await.unwrap()).await.unwrap();
    let writer = log.clone();
    let rest = records[1000..].to_vec();
    let writing = tokio::spawn(async move {
        for chunk in rest.chunks(100) {
            writer.append(chunk.to_vec()).await.unwrap();
        }
    });
    for (tail, wanted) in [(&mut from_start, &records[..]), (&mut from_head, &records[1000..])] {
        for record in wanted {
            let entry = tokio::time::timeout(Duration::from_secs(20), tail.recv()).await.expect("in time");
            assert_eq!(entry.expect("the tail goes on").meta.id, record.meta.id);
        }
    }
    writing.await.unwrap();
}

async fn concurrent_appends_keep_the_order_of_each_caller(log: Arc<dyn EventLog>) {
    let callers = (0..16u128).map(|caller| {
        let log = log.clone();
        tokio::spawn(async move {
            let partition = u32::try_from(caller % 4).unwrap();
            for second in 0..50 {
                log.append(vec![record(partition, second, caller)]).await.unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let mut seen = HashSet::new();
    for caller in 0..16u128 {
        let filter = Filter { conversations: vec![Uuid::from_u128(caller)], ..Filter::default() };
        let entries = read_all(&*log, u32::try_from(caller % 4).unwrap(), &filter).await;
        let seconds: Vec<_> = entries.iter().map(|entry| entry.meta.received_at / 1_000_000).collect();
        assert_eq!(seconds, (0..50).collect::<Vec<_>>(), "caller {caller}");
        assert!(entries.iter().all(|entry| seen.insert((entry.partition, entry.offset))), "one offset, one entry");
    }
}
