use std::time::Duration;

use super::{NOW, begin, give, new, queue, submit, word, written};
use crate::{
    NewOutbound, OutboundFilter, Phase, Store, Submitted,
    contract::{Handles, LONG, id},
};

async fn listed(store: &dyn Store, filter: &OutboundFilter, before: Option<u128>, limit: u32) -> Vec<u128> {
    let found = store.list_outbound(filter, before.map(id), limit).await.unwrap();
    found.into_iter().map(|message| message.id.as_u128()).collect()
}

pub(in crate::contract) async fn messages_are_listed_newest_first_in_pages([one, other]: &Handles) {
    // Not in the order of their ids.
    for number in [4, 1, 5, 2, 3] {
        let message = NewOutbound {
            client: if number == 2 { "desk".into() } else { "crm".into() },
            channel: if number >= 4 { "line".into() } else { "zalo".into() },
            state: if number == 1 { 6 } else { 1 },
            ..new(number, number % 2 + 10)
        };
        submit(&**one, &message).await;
    }
    one.rewrite(&written(3, 0, Phase::Ended, NOW), Phase::Waiting, None).await.unwrap().unwrap();
    let all = OutboundFilter::default();
    assert_eq!(listed(&**other, &all, None, 10).await, [3, 2, 5, 1, 4]);
    assert_eq!(listed(&**other, &all, None, 2).await, [3, 2]);
    assert_eq!(listed(&**other, &all, Some(2), 2).await, [5, 1]);
    assert_eq!(listed(&**other, &all, Some(4), 2).await, [0; 0]);
    assert_eq!(listed(&**other, &all, Some(99), 2).await, [0; 0]);
    let filter = |clients: &[&str], states: &[i32], channel: Option<&str>, conversation: Option<u128>| OutboundFilter {
        clients: clients.iter().map(|client| (*client).to_owned()).collect(),
        states: states.to_vec(),
        channel: channel.map(Into::into),
        conversation: conversation.map(id),
    };
    for (filter, wanted) in [
        (filter(&["crm"], &[], None, None), &[3, 5, 1, 4][..]),
        (filter(&["desk", "crm", "desk"], &[], None, None), &[3, 2, 5, 1, 4]),
        (filter(&["none"], &[], None, None), &[]),
        (filter(&[], &[7, 6, 6], None, None), &[3, 1]),
        (filter(&["crm", "desk"], &[1, 6], None, None), &[2, 5, 1, 4]),
        (filter(&[], &[], Some("line"), None), &[5, 4]),
        (filter(&[], &[], None, Some(11)), &[3, 5, 1]),
        (filter(&["crm"], &[1], Some("line"), Some(11)), &[5]),
    ] {
        assert_eq!(listed(&**other, &filter, None, 10).await, wanted, "{filter:?}");
    }
    let two = filter(&["crm", "desk"], &[1, 6], None, None);
    assert_eq!(listed(&**other, &two, None, 3).await, [2, 5, 1]);
    assert_eq!(listed(&**other, &two, Some(5), 3).await, [1, 4]);
}

pub(in crate::contract) async fn what_ended_long_ago_is_dropped_in_bounded_steps([one, other]: &Handles) {
    const ENDED: u128 = 1200;
    for number in 1..=ENDED {
        submit(&**one, &new(number, number + 10_000)).await;
        if number == 7 {
            give(&**one, 7, &[("seven", 0)]).await;
        } else {
            one.rewrite(&written(number, 0, Phase::Ended, NOW), Phase::Waiting, None).await.unwrap().unwrap();
        }
    }
    queue(&**one, 10, [5001, 5002]).await;
    let turn = begin(&**one, 5001, LONG).await;
    one.note(&[word("early", 3)]).await.unwrap();
    assert_eq!(one.expire_outbound(LONG).await, Ok(0), "nothing is that old");
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut dropped = Vec::new();
    while let some @ 1.. = other.expire_outbound(Duration::from_millis(1)).await.unwrap() {
        dropped.push(some);
    }
    assert_eq!(dropped.iter().sum::<u64>(), u64::try_from(ENDED).unwrap());
    assert!(dropped.len() > 1, "not all at once: {dropped:?}");
    assert_eq!(one.outbound(id(7)).await, Ok(None));
    assert_eq!(one.whose("zalo", "oa/1", &["seven".into()]).await, Ok(vec![None]));
    assert_eq!(listed(&**one, &OutboundFilter::default(), None, 10).await, [5002, 5001], "what has not ended stays");
    assert!(matches!(one.submit(&new(7, 10), LONG).await, Ok(Submitted::Fresh(_))), "the key went along");
    // The word about an id that is not known yet lasts for a day.
    let ids = vec![("early".to_owned(), 0)];
    let freed = one.write(&crate::Written { ids, ..written(5001, turn, Phase::Ended, NOW) }).await.unwrap().unwrap();
    assert!(freed.early);
}
