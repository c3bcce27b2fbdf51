use std::time::Duration;

use bytes::Bytes;

use super::{Handles, LONG, id};
use crate::{Exchange, ExchangeFilter, NewExchange, Place, Store};

const NOW: Duration = Duration::ZERO;

fn new(number: u128, account: &str) -> NewExchange {
    NewExchange {
        id: id(number),
        ago: NOW,
        channel: "zalo".into(),
        endpoint: "main".into(),
        account: account.into(),
        direction: 2,
        outcome: 20,
        reason: 0,
        failed: false,
        message: None,
        record: Bytes::from(format!("record {number}")),
    }
}

async fn read(store: &dyn Store, filter: &ExchangeFilter, place: Place, limit: u32) -> Vec<Exchange> {
    store.exchanges(filter, place, limit).await.unwrap()
}

async fn numbers(store: &dyn Store, filter: &ExchangeFilter) -> Vec<u128> {
    read(store, filter, Place::Newest, 100).await.iter().map(|found| found.id.as_u128()).collect()
}

pub(super) async fn exchanges_are_read_newest_first_and_on_from_a_place([one, other]: &Handles) {
    let all = ExchangeFilter::default();
    assert_eq!(read(&**one, &all, Place::Newest, 10).await, []);
    one.note_exchanges(&[]).await.unwrap();
    // Not in the order of their ids.
    one.note_exchanges(&[new(3, "1"), new(1, "")]).await.unwrap();
    other.note_exchanges(&[NewExchange { ago: LONG, ..new(2, "1") }]).await.unwrap();
    // Nobody knows whether a write that was not answered was made.
    one.note_exchanges(&[NewExchange { account: "9".into(), ..new(1, "") }, new(4, "2")]).await.unwrap();
    let found = read(&**other, &all, Place::Newest, 10).await;
    let seen: Vec<_> = found.iter().map(|found| (found.id.as_u128(), found.account.as_str())).collect();
    assert_eq!(seen, [(4, "2"), (2, "1"), (1, ""), (3, "1")]);
    assert_eq!((found[3].channel.as_str(), found[3].endpoint.as_str()), ("zalo", "main"));
    assert_eq!(found[3].record, "record 3");
    let hour = found[0].began_at - found[1].began_at;
    assert!((3_590_000_000..3_610_000_000).contains(&hour), "{hour}");
    assert_eq!(read(&**one, &all, Place::Before(found[1].seq), 10).await, found[2..]);
    assert_eq!(read(&**one, &all, Place::Newest, 2).await, found[..2]);
    let mut after = read(&**one, &all, Place::After(found[3].seq), 2).await;
    after.reverse();
    assert_eq!(after, found[1..3]);
    assert_eq!(read(&**one, &all, Place::After(found[0].seq), 2).await, []);
}

pub(super) async fn exchanges_are_found_by_what_they_were([one, other]: &Handles) {
    let failed = NewExchange { failed: true, outcome: 21, reason: 7, ..new(2, "1") };
    let about = NewExchange { message: Some(id(70)), ago: LONG, ..new(3, "2") };
    let inbound = NewExchange { direction: 1, outcome: 1, channel: "line".into(), endpoint: "b".into(), ..new(4, "") };
    one.note_exchanges(&[new(1, "1"), failed, about, inbound]).await.unwrap();
    let old = read(&**one, &ExchangeFilter::default(), Place::Newest, 10).await[1].began_at;
    let with = |change: fn(&mut ExchangeFilter)| {
        let mut filter = ExchangeFilter::default();
        change(&mut filter);
        filter
    };
    for (filter, wanted) in [
        (with(|filter| filter.channel = Some("zalo".into())), &[3, 2, 1][..]),
        (with(|filter| filter.endpoint = Some("b".into())), &[4]),
        (with(|filter| filter.account = Some("1".into())), &[2, 1]),
        (with(|filter| filter.direction = Some(1)), &[4]),
        (with(|filter| filter.outcomes = vec![21, 1]), &[4, 2]),
        (with(|filter| filter.reasons = vec![7, 8]), &[2]),
        (with(|filter| filter.failed = true), &[2]),
        (with(|filter| filter.message = Some(id(70))), &[3]),
        (with(|filter| filter.message = Some(uuid::Uuid::nil())), &[]),
        (ExchangeFilter { from: Some(old + 1), ..ExchangeFilter::default() }, &[4, 2, 1]),
        (ExchangeFilter { from: Some(old), until: Some(old + 1), ..ExchangeFilter::default() }, &[3]),
        (with(|filter| (filter.failed, filter.account) = (true, Some("2".into()))), &[]),
    ] {
        assert_eq!(numbers(&**other, &filter).await, wanted, "{filter:?}");
    }
}

pub(super) async fn of_the_channel_log_the_newest_are_kept([one, other]: &Handles) {
    let old = NewExchange { ago: LONG, ..new(1, "1") };
    one.note_exchanges(&[old, new(2, "1"), new(3, "1"), new(4, "1"), new(5, "2")]).await.unwrap();
    assert_eq!(other.expire_exchanges(LONG * 2, 10).await, Ok(0));
    assert_eq!(other.expire_exchanges(LONG / 2, 10).await, Ok(1));
    assert_eq!(one.expire_exchanges(LONG, 2).await, Ok(1));
    assert_eq!(one.expire_exchanges(LONG, 2).await, Ok(0));
    assert_eq!(numbers(&**one, &ExchangeFilter::default()).await, [5, 4, 3]);
    let many: Vec<_> = (0..2500).map(|number| new(1000 + number, "3")).collect();
    one.note_exchanges(&many).await.unwrap();
    let mut gone = 0;
    loop {
        match other.expire_exchanges(LONG, 100).await.unwrap() {
            0 => break,
            some => {
                assert!(some <= 1000, "{some} at once");
                gone += some;
            }
        }
    }
    let left: Vec<_> = (3400..3500).rev().chain([5, 4, 3]).collect();
    assert_eq!((gone, numbers_of(&**one).await), (2400, left));
}

async fn numbers_of(store: &dyn Store) -> Vec<u128> {
    let found = read(store, &ExchangeFilter::default(), Place::Newest, 1000).await;
    found.iter().map(|found| found.id.as_u128()).collect()
}

pub(super) async fn who_reads_on_misses_nothing_that_others_write([one, other]: &Handles) {
    const WRITERS: u128 = 4;
    const EACH: u128 = 40;
    let mut writing = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = if writer % 2 == 0 { one.clone() } else { other.clone() };
        writing.spawn(async move {
            for number in 0..EACH {
                let first = (writer * EACH + number) * 2;
                store.note_exchanges(&[new(first, "1"), new(first + 1, "1")]).await.unwrap();
            }
        });
    }
    let (mut seen, mut place) = (Vec::new(), 0);
    let begun = std::time::Instant::now();
    while seen.len() < usize::try_from(WRITERS * EACH * 2).unwrap() {
        for found in read(&**other, &ExchangeFilter::default(), Place::After(place), 7).await {
            place = found.seq;
            seen.push(found.id.as_u128());
        }
        assert!(begun.elapsed() < LONG / 60, "{} of them were seen", seen.len());
    }
    while let Some(done) = writing.join_next().await {
        done.unwrap();
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..WRITERS * EACH * 2).collect::<Vec<_>>());
}
