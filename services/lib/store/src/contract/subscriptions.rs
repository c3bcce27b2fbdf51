use bytes::Bytes;
use tokio::task::JoinSet;

use super::{Handles, LONG, PARTITIONS, create, id, item, member, save};
use crate::{CreateError, ParkedFilter, Saved};

pub(super) async fn one_is_created_once_and_found([one, other]: &Handles) {
    let spec = Bytes::from_static(b"\x00 any bytes \xff");
    let created = one.create("crm", spec.clone(), &[7, 0, 9], 10).await.unwrap();
    assert_eq!((created.name.as_str(), &created.spec), ("crm", &spec));
    assert!(created.created_at > 1_600_000_000_000_000, "microseconds since 1970: {}", created.created_at);
    assert_eq!(other.get("crm").await, Ok(Some(created.clone())));
    let again = other.create("crm", Bytes::new(), &[1], 10).await;
    assert_eq!(again, Err(CreateError::Exists(created)), "also where there is room for no other");
    let windows = other.windows("crm").await.unwrap();
    let places: Vec<_> = windows.iter().map(|window| (window.partition, window.position)).collect();
    assert_eq!(places, [(0, 7), (1, 0), (2, 9)]);
    assert!(windows.iter().all(|window| window.state.is_empty() && window.holder.is_none()));
}

pub(super) async fn there_are_no_more_than_there_may_be(handles: &Handles) {
    let mut creators = JoinSet::new();
    for number in 0..12_usize {
        let store = handles[number % 2].clone();
        creators.spawn(async move { store.create(&format!("s{number}"), Bytes::new(), &[0], 5).await });
    }
    let outcomes = creators.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(CreateError::TooMany(5))).count(), 7);
    let [one, other] = handles;
    let there = one.list("", 100).await.unwrap();
    assert_eq!(there.len(), 5);
    // One that is there is there, whatever the limit.
    assert!(matches!(other.create(&there[0].name, Bytes::new(), &[0], 5).await, Err(CreateError::Exists(_))));
    assert_eq!(other.delete(&there[0].name).await, Ok(true));
    one.create("after", Bytes::new(), &[0], 5).await.unwrap();
}

pub(super) async fn they_are_listed_by_name_in_pages([one, other]: &Handles) {
    let mut names = ["b", "a", "B", "a-b", "ab", "é", "z", "_", "0"];
    for name in names {
        create(one, name).await;
    }
    names.sort_unstable();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = other.list(&after, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after.clone_from(&last.name);
        seen.extend(page.into_iter().map(|subscription| subscription.name));
    }
    assert_eq!(seen, names);
    assert_eq!(one.list("", 0).await, Ok(vec![]));
}

pub(super) async fn deleting_takes_everything_of_it_and_nothing_else([one, other]: &Handles) {
    create(one, "gone").await;
    create(one, "stays").await;
    let (gone, stays) = (member("gone", "c", 1, 100), member("stays", "c", 2, 100));
    for (member, parked) in [(&gone, 11), (&stays, 12)] {
        assert_eq!(one.join(member, LONG).await, Ok(true));
        let held = one.hold(member, 1).await.unwrap().unwrap();
        let mut save = save(member, 1, held.epoch, 5);
        save.park = vec![item(parked, Some(&member.subscription))];
        assert_eq!(one.save(&[save]).await, Ok(vec![Saved::Yes]));
    }
    one.park(&[item(13, None)]).await.unwrap();
    let epoch = one.windows("gone").await.unwrap()[1].epoch;

    assert_eq!(other.delete("gone").await, Ok(true));
    assert_eq!(one.delete("gone").await, Ok(false));
    assert_eq!(one.save(&[save(&gone, 1, epoch, 6)]).await, Ok(vec![Saved::Fenced]));
    assert_eq!(one.members(id(100)).await, Ok(vec![stays.clone()]));
    assert!(one.windows("gone").await.unwrap().is_empty());
    let left = one.parked(&ParkedFilter::default(), None, 10).await.unwrap().items;
    assert_eq!(left.iter().map(|item| item.id).collect::<Vec<_>>(), [id(12), id(13)]);

    create(other, "gone").await;
    let windows = one.windows("gone").await.unwrap();
    assert!(windows.iter().all(|window| window.position == 0 && window.state.is_empty() && window.holder.is_none()));
    assert_eq!(one.windows("stays").await.unwrap()[1].holder, Some(stays));
}

pub(super) async fn what_is_not_there_has_nothing([one, _]: &Handles) {
    assert_eq!(one.get("nowhere").await, Ok(None));
    assert_eq!(one.windows("nowhere").await, Ok(vec![]));
    assert_eq!(one.seek("nowhere", &[0; PARTITIONS as usize]).await, Ok(false));
    assert_eq!(one.delete("nowhere").await, Ok(false));
    let nobody = member("nowhere", "c", 1, 100);
    assert_eq!(one.join(&nobody, LONG).await, Ok(false));
    assert_eq!(one.hold(&nobody, 0).await, Ok(None));
    assert_eq!(one.renew(id(100), LONG).await, Ok(vec![]));
    assert_eq!(one.members(id(100)).await, Ok(vec![]));
    assert_eq!(one.redriven(id(100), 10).await, Ok(vec![]));
    assert_eq!(one.leave(id(1)).await, Ok(()));
    assert_eq!(one.save(&[save(&nobody, 0, 0, 1)]).await, Ok(vec![Saved::Fenced]));
    assert_eq!(one.save(&[]).await, Ok(vec![]));
    assert_eq!(one.get_parked(id(1)).await, Ok(None));
    assert_eq!((one.redrive(&[id(1)]).await, one.discard(&[id(1)]).await), (Ok(0), Ok(0)));
    assert_eq!(one.count_parked().await, Ok(vec![]));
}

pub(super) async fn large_offsets_come_back_as_they_were([one, other]: &Handles) {
    let positions = [u64::MAX, 1 << 63, (1 << 63) - 1, 0];
    one.create("far", Bytes::new(), &positions, 10).await.unwrap();
    let read = |windows: Vec<crate::Window>| windows.iter().map(|window| window.position).collect::<Vec<_>>();
    assert_eq!(read(other.windows("far").await.unwrap()), positions);
    let backwards: Vec<_> = positions.into_iter().rev().collect();
    assert_eq!(other.seek("far", &backwards).await, Ok(true));
    assert_eq!(read(one.windows("far").await.unwrap()), backwards);
    // Another number of partitions is somebody's mistake, and nothing happens half.
    assert!(one.seek("far", &[1, 2, 3]).await.is_err());
    assert_eq!(read(one.windows("far").await.unwrap()), backwards);
}
