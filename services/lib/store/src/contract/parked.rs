use std::time::Duration;

use super::{Handles, LONG, create, id, item, member, save};
use crate::{Parked, ParkedFilter, Save, Saved, Store};

fn all() -> ParkedFilter {
    ParkedFilter::default()
}

async fn ids(store: &dyn Store, filter: &ParkedFilter) -> Vec<u128> {
    let page = store.parked(filter, None, 1000).await.unwrap();
    assert_eq!(page.next, None);
    page.items.iter().map(|item| item.id.as_u128()).collect()
}

pub(super) async fn what_is_parked_comes_back_with_everything_it_had([one, other]: &Handles) {
    let first = Parked { subscription: Some("crm".into()), offset: u64::MAX, attempts: u32::MAX, ..item(1, None) };
    one.park(&[first.clone(), item(2, None)]).await.unwrap();
    let found = other.get_parked(id(1)).await.unwrap().unwrap();
    assert!(found.parked_at > 1_600_000_000_000_000);
    let wanted = Parked { parked_at: found.parked_at, ..first.clone() };
    assert_eq!(found, wanted);
    // What is there stays as it is, and does not keep others out.
    other.park(&[Parked { reason: "another".into(), ..first }, item(3, None), item(3, None)]).await.unwrap();
    assert_eq!(one.get_parked(id(1)).await, Ok(Some(wanted)));
    assert!(one.get_parked(id(3)).await.unwrap().is_some());
    one.park(&[]).await.unwrap();
    assert_eq!(one.discard(&[id(1), id(1), id(9)]).await, Ok(1));
    assert_eq!(ids(&**other, &all()).await, [2, 3]);
}

pub(super) async fn a_redelivery_that_succeeds_unparks_and_one_that_fails_waits_no_more([one, other]: &Handles) {
    create(one, "crm").await;
    let holder = member("crm", "a", 1, 100);
    one.join(&holder, LONG).await.unwrap();
    let held = one.hold(&holder, 1).await.unwrap().unwrap();
    let items = [item(1, Some("crm")), item(2, Some("crm")), item(3, Some("crm"))];
    let parking = Save { park: items.to_vec(), ..save(&holder, 1, held.epoch, 10) };
    assert_eq!(one.save(&[parking]).await, Ok(vec![Saved::Yes]));
    assert_eq!(one.redriven(id(100), 10).await, Ok(vec![]));

    assert_eq!(other.redrive(&[id(2), id(1), id(2), id(77)]).await, Ok(2));
    let waiting = one.redriven(id(100), 10).await.unwrap();
    assert_eq!(waiting.iter().map(|item| (item.id, item.redrive)).collect::<Vec<_>>(), [(id(1), true), (id(2), true)]);
    assert_eq!(waiting[0].envelope, items[0].envelope);

    // The first is done with; the second failed again, now for another reason; the third is parked as it was.
    let failed = |number| Parked { reason: "again".into(), attempts: 9, ..item(number, Some("crm")) };
    let after = Save { park: vec![failed(2), failed(3)], unpark: vec![id(1)], ..save(&holder, 1, held.epoch, 11) };
    assert_eq!(one.save(&[after]).await, Ok(vec![Saved::Yes]));
    assert_eq!(other.redriven(id(100), 10).await, Ok(vec![]));
    assert_eq!(ids(&**other, &all()).await, [2, 3]);
    let second = other.get_parked(id(2)).await.unwrap().unwrap();
    assert_eq!((second.reason.as_str(), second.attempts, second.redrive), ("again", 9, false));
    let third = other.get_parked(id(3)).await.unwrap().unwrap();
    assert_eq!((third.reason.as_str(), third.attempts), ("refused", 5));
}

pub(super) async fn pages_are_stable_while_items_come_and_go([one, other]: &Handles) {
    one.park(&(1..=20).map(|number| item(number, Some("crm"))).collect::<Vec<_>>()).await.unwrap();
    let page = one.parked(&all(), None, 7).await.unwrap();
    assert_eq!(page.items.len(), 7);
    // The last one of the page and one of the next page go, some come.
    assert_eq!(other.discard(&[id(7), id(9)]).await, Ok(2));
    other.park(&(21..=25).map(|number| item(number, Some("crm"))).collect::<Vec<_>>()).await.unwrap();
    let (mut seen, mut next) = (Vec::new(), page.next);
    while let Some(after) = next {
        let page = other.parked(&all(), Some(&after), 7).await.unwrap();
        assert!(page.items.len() <= 7 && !page.items.is_empty());
        seen.extend(page.items.iter().map(|item| item.id.as_u128()));
        next = page.next;
    }
    assert_eq!(seen, [8].into_iter().chain(10..=25).collect::<Vec<_>>());
    for foreign in ["", "7", "p", "px", "p-1", "p99999999999999999999", "\u{0}"] {
        let page = one.parked(&all(), Some(foreign), 7).await.unwrap();
        assert!(page.items.is_empty() && page.next.is_none(), "{foreign:?}");
    }
    assert!(one.parked(&all(), None, 0).await.unwrap().items.is_empty());
    // Exactly full is the end.
    assert_eq!(one.parked(&all(), None, 23).await.unwrap().next, None);
}

pub(super) async fn filters_take_what_matches_and_nothing_else([one, other]: &Handles) {
    let of = |number: u128| [None, Some("crm"), Some("desk")][usize::try_from(number % 3).unwrap()];
    one.park(&(1..=30).map(|number| item(number, of(number))).collect::<Vec<_>>()).await.unwrap();
    one.redrive(&(1..=10).map(id).collect::<Vec<_>>()).await.unwrap();
    let subscriptions = [None, Some(None), Some(Some("crm".to_owned())), Some(Some("nowhere".to_owned()))];
    for subscription in subscriptions {
        for channel in [None, Some("zalo".to_owned()), Some("none".to_owned())] {
            for redrive in [false, true] {
                let filter = ParkedFilter { subscription: subscription.clone(), channel: channel.clone(), redrive };
                let wanted: Vec<u128> = (1..=30)
                    .filter(|number| subscription.as_ref().is_none_or(|name| name.as_deref() == of(*number)))
                    .filter(|number| channel.as_ref().is_none_or(|channel| item(*number, None).channel == *channel))
                    .filter(|number| !redrive || *number <= 10)
                    .collect();
                let found: std::collections::BTreeSet<_> = ids(&**other, &filter).await.into_iter().collect();
                assert_eq!(found.into_iter().collect::<Vec<_>>(), wanted, "{filter:?}");
            }
        }
    }
}

pub(super) async fn counts_are_by_subscription([one, other]: &Handles) {
    let of = |number: u128| if number <= 3 { None } else { Some(if number <= 8 { "crm" } else { "desk" }) };
    one.park(&(1..=9).map(|number| item(number, of(number))).collect::<Vec<_>>()).await.unwrap();
    let wanted = vec![(None, 3), (Some("crm".to_owned()), 5), (Some("desk".to_owned()), 1)];
    assert_eq!(other.count_parked().await, Ok(wanted));
}

pub(super) async fn old_and_too_many_go_oldest_first([one, other]: &Handles) {
    for number in 1..=20 {
        one.park(&[item(number, Some("crm"))]).await.unwrap();
    }
    assert_eq!(one.expire_parked(LONG, 20).await, Ok(0));
    let mut dropped = 0;
    while let some @ 1.. = other.expire_parked(LONG, 15).await.unwrap() {
        dropped += some;
    }
    assert_eq!(dropped, 5);
    assert_eq!(ids(&**one, &all()).await, (6..=20).collect::<Vec<_>>());
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let young = std::time::Instant::now();
    one.park(&[item(21, None)]).await.unwrap();
    while other.expire_parked(young.elapsed() + Duration::from_secs(2), 100).await.unwrap() > 0 {}
    assert_eq!(ids(&**one, &all()).await, [21]);
    assert_eq!(one.expire_parked(LONG, 0).await, Ok(1));
    let many: Vec<_> = (100..2600).map(|number| item(number, None)).collect();
    one.park(&many).await.unwrap();
    assert!(one.expire_parked(LONG, 10).await.unwrap() < 2490, "not all at once");
    while other.expire_parked(LONG, 10).await.unwrap() > 0 {}
    assert_eq!(ids(&**one, &all()).await, (2590..2600).collect::<Vec<_>>());
}

pub(super) async fn redriven_are_those_of_windows_a_process_holds([one, other]: &Handles) {
    create(one, "crm").await;
    create(one, "desk").await;
    let mine = [member("crm", "a", 1, 100), member("desk", "a", 2, 100)];
    let theirs = member("crm", "b", 3, 200);
    for member in mine.iter().chain([&theirs]) {
        one.join(member, LONG).await.unwrap();
    }
    one.hold(&mine[0], 0).await.unwrap().unwrap();
    one.hold(&mine[1], 1).await.unwrap().unwrap();
    other.hold(&theirs, 1).await.unwrap().unwrap();
    let at = |number, subscription, partition| Parked { partition, ..item(number, Some(subscription)) };
    let items = [at(1, "crm", 0), at(2, "crm", 1), at(3, "desk", 1), at(4, "desk", 0), at(5, "crm", 0)];
    for item in &items {
        one.park(std::slice::from_ref(item)).await.unwrap();
    }
    one.park(&[item(6, None)]).await.unwrap();
    one.redrive(&(1..=6).map(id).collect::<Vec<_>>()).await.unwrap();
    let redriven = async |process, limit| {
        let items = other.redriven(id(process), limit).await.unwrap();
        items.iter().map(|item| item.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(redriven(100, 10).await, [1, 3, 5]);
    assert_eq!(redriven(100, 2).await, [1, 3]);
    assert_eq!(redriven(200, 10).await, [2]);
    one.renew(id(100), Duration::ZERO).await.unwrap();
    assert!(redriven(100, 10).await.is_empty(), "its members are gone");
}
