use std::time::Duration;

use super::{Handles, LONG, create, id, member, save};
use crate::Saved;

pub(super) async fn a_member_is_there_until_it_leaves_or_its_lease_is_over([one, other]: &Handles) {
    create(one, "crm").await;
    let (a, b) = (member("crm", "a", 1, 100), member("crm", "b", 2, 100));
    let elsewhere = member("crm", "c", 3, 200);
    for member in [&b, &a, &elsewhere] {
        assert_eq!(one.join(member, LONG).await, Ok(true));
    }
    assert_eq!(other.members(id(100)).await, Ok(vec![a.clone(), b.clone(), elsewhere.clone()]));
    let mut renewed = other.renew(id(100), LONG).await.unwrap();
    renewed.sort_unstable();
    assert_eq!(renewed, [id(1), id(2)]);
    one.leave(b.session).await.unwrap();
    assert_eq!(other.renew(id(100), Duration::ZERO).await, Ok(vec![id(1)]), "its lease is over at once");
    assert_eq!(one.renew(id(100), LONG).await, Ok(vec![]), "who is gone is not renewed");
    assert_eq!(one.members(id(200)).await, Ok(vec![elsewhere]));
    assert_eq!(one.members(id(100)).await, Ok(vec![]), "it has no member that is there");
    // A lease that is short is over by itself, one that is long is not.
    let fresh = member("crm", "d", 4, 100);
    assert_eq!(one.join(&fresh, LONG).await, Ok(true));
    assert_eq!(one.join(&a, Duration::from_millis(30)).await, Ok(true));
    let over = async {
        while one.members(id(100)).await.unwrap().contains(&a) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), over).await.is_ok(), "it is over in time");
    assert_eq!(one.members(id(100)).await.unwrap().last(), Some(&fresh));
}

pub(super) async fn a_consumer_that_joins_again_replaces_itself([one, other]: &Handles) {
    create(one, "crm").await;
    let (old, new) = (member("crm", "a", 1, 100), member("crm", "a", 2, 200));
    one.join(&old, LONG).await.unwrap();
    let held = one.hold(&old, 0).await.unwrap().unwrap();
    one.hold(&old, 2).await.unwrap().unwrap();
    other.join(&new, LONG).await.unwrap();
    let windows = one.windows("crm").await.unwrap();
    assert!(windows.iter().all(|window| window.holder.is_none()));
    assert!(windows[0].epoch > held.epoch, "the epoch rises with it");
    assert_eq!(one.save(&[save(&old, 0, held.epoch, 5)]).await, Ok(vec![Saved::Fenced]));
    assert_eq!(one.hold(&old, 0).await, Ok(None), "it is no member any more");
    assert_eq!(one.renew(id(100), LONG).await, Ok(vec![]));
    assert_eq!(one.members(id(200)).await, Ok(vec![new.clone()]));
    let taken = other.hold(&new, 0).await.unwrap().unwrap();
    assert!(taken.epoch > held.epoch && taken.position == 0);
    // The old one's leaving does nothing to the new one.
    one.leave(old.session).await.unwrap();
    assert_eq!(one.windows("crm").await.unwrap()[0].holder, Some(new));
}

pub(super) async fn members_are_those_of_subscriptions_a_process_reads([one, other]: &Handles) {
    for name in ["one", "two", "three"] {
        create(one, name).await;
    }
    let mine = [member("one", "a", 1, 100), member("two", "a", 2, 100)];
    let others = [member("one", "b", 3, 200), member("three", "a", 4, 200), member("two", "0", 5, 300)];
    for member in mine.iter().chain(&others) {
        other.join(member, LONG).await.unwrap();
    }
    let wanted = [&mine[0], &others[0], &others[2], &mine[1]].map(Clone::clone);
    assert_eq!(one.members(id(100)).await, Ok(wanted.to_vec()));
    assert_eq!(one.members(id(400)).await, Ok(vec![]));
}

pub(super) async fn a_session_that_comes_again_holds_nothing_from_before([one, other]: &Handles) {
    create(one, "crm").await;
    let first = member("crm", "a", 1, 100);
    one.join(&first, LONG).await.unwrap();
    let held = one.hold(&first, 0).await.unwrap().unwrap();
    one.renew(id(100), Duration::ZERO).await.unwrap();
    // Sweeps out the row of the first.
    other.join(&member("crm", "b", 2, 200), LONG).await.unwrap();
    one.join(&first, LONG).await.unwrap();
    assert_eq!(one.windows("crm").await.unwrap()[0].holder, None);
    assert_eq!(one.save(&[save(&first, 0, held.epoch, 5)]).await, Ok(vec![Saved::Fenced]));
    let again = one.hold(&first, 0).await.unwrap().unwrap();
    assert!(again.epoch > held.epoch);
}
