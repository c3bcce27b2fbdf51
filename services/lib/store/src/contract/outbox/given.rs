use std::{collections::BTreeMap, time::Duration};

use super::{NOW, begin, give, queue, word, written};
use crate::{
    Freed, Phase, Store, Word, Written,
    contract::{Handles, LONG, id},
};

/// What is known of each id: (status, told).
async fn standing(store: &dyn Store, number: u128) -> BTreeMap<String, (i32, bool)> {
    let given = store.given(id(number)).await.unwrap();
    assert!(given.iter().all(|given| given.outbound == id(number)));
    given.into_iter().map(|given| (given.provider_id, (given.status, given.told))).collect()
}

fn stands(wanted: &[(&str, i32, bool)]) -> BTreeMap<String, (i32, bool)> {
    wanted.iter().map(|(id, status, told)| ((*id).to_owned(), (*status, *told))).collect()
}

pub(in crate::contract) async fn a_status_only_grows_and_every_id_of_a_message_is_answered([one, other]: &Handles) {
    queue(&**one, 10, [1]).await;
    assert_eq!(give(&**one, 1, &[("b", 1), ("a", 0)]).await, Freed::default());
    let pieces = other.given(id(1)).await.unwrap();
    assert_eq!(pieces.iter().map(|given| (given.piece, &*given.provider_id)).collect::<Vec<_>>(), [(0, "a"), (1, "b")]);
    assert_eq!(standing(&**other, 1).await, stands(&[("a", 0, true), ("b", 0, true)]), "nothing is to be told");

    // In one go, several of one id, one of an id that nobody knows.
    let failed = Word { code: Some("-131".into()), ..word("b", 9) };
    let known = other.note(&[word("a", 3), failed, word("a", 2), word("x", 3)]).await.unwrap();
    let answered: BTreeMap<_, _> = known.iter().map(|given| (&*given.provider_id, given)).collect();
    assert_eq!(answered.keys().copied().collect::<Vec<_>>(), ["a", "b"]);
    let (a, b) = (answered["a"], answered["b"]);
    assert_eq!(
        (a.outbound, a.piece, a.status, a.status_at, a.told, a.code.as_deref()),
        (id(1), 0, 3, 3000, false, None)
    );
    assert_eq!((b.piece, b.status, b.status_at, b.told, b.code.as_deref()), (1, 9, 9000, false, Some("-131")));

    one.told(&[(id(1), "a".into(), 3), (id(2), "b".into(), 9), (id(1), "b".into(), 4)]).await.unwrap();
    assert_eq!(standing(&**other, 1).await, stands(&[("a", 3, true), ("b", 9, false)]));
    // A word that is no news.
    let known = one.note(&[word("a", 2), word("a", 3)]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].status, known[0].status_at, known[0].told), (3, 3000, true));
    assert!(!one.note(&[word("a", 4)]).await.unwrap()[0].told);
    // Somebody tells of the status before.
    other.told(&[(id(1), "a".into(), 3)]).await.unwrap();
    assert_eq!(standing(&**other, 1).await, stands(&[("a", 4, false), ("b", 9, false)]));
    assert_eq!(one.note(&[]).await, Ok(vec![]));
    one.told(&[]).await.unwrap();
}

pub(in crate::contract) async fn words_that_come_before_the_id_are_joined_to_it([one, other]: &Handles) {
    queue(&**one, 10, [1, 2, 3]).await;
    assert_eq!(other.note(&[word("echo", 0), word("read", 3), word("read", 2)]).await, Ok(vec![]));
    assert_eq!(other.note(&[word("read", 1), Word { account: "oa/2".into(), ..word("late", 5) }]).await, Ok(vec![]));
    assert_eq!(
        give(&**one, 1, &[("echo", 0)]).await,
        Freed { next: Some(id(2)), early: false },
        "an echo is no receipt"
    );
    assert!(give(&**one, 2, &[("read", 0), ("new", 1)]).await.early);
    assert_eq!(standing(&**other, 2).await, stands(&[("read", 3, false), ("new", 0, true)]));
    assert!(!give(&**one, 3, &[("late", 0)]).await.early, "that was another account");
    assert_eq!(other.untold(NOW, 10).await.unwrap().len(), 1);
}

pub(in crate::contract) async fn a_watermark_finds_what_was_given_before_it([one, other]: &Handles) {
    queue(&**one, 10, [1, 2]).await;
    queue(&**one, 20, [3]).await;
    let pause = || tokio::time::sleep(Duration::from_millis(3));
    let turn = begin(&**one, 1, LONG).await;
    pause().await;
    // The channel has the first piece now; its answer comes later.
    let first = one.outbound(id(1)).await.unwrap().unwrap().updated_at + 1000;
    let piece = Written { ids: vec![("a".into(), 0)], ..written(1, turn, Phase::Sending, LONG) };
    one.write(&piece).await.unwrap().unwrap();
    pause().await;
    // Prolonging the lease says nothing of when the channel got it.
    one.write(&written(1, turn, Phase::Sending, LONG)).await.unwrap().unwrap();
    let second = one.outbound(id(1)).await.unwrap().unwrap().updated_at;
    pause().await;
    let piece = Written { ids: vec![("b".into(), 1)], ..written(1, turn, Phase::Ended, NOW) };
    one.write(&piece).await.unwrap().unwrap();
    pause().await;
    give(&**one, 2, &[("c", 0)]).await;
    give(&**one, 3, &[("d", 0)]).await;
    let last = one.outbound(id(2)).await.unwrap().unwrap().updated_at;
    let before = async |at: i64, status: i32, limit: u32| {
        let found = other.before(id(10), at, status, limit).await.unwrap();
        found.into_iter().map(|given| given.provider_id).collect::<Vec<_>>().concat()
    };
    assert_eq!(before(first - 1_000_000, 3, 10).await, "");
    assert_eq!(before(first, 3, 10).await, "a");
    assert_eq!(before(second, 3, 10).await, "ba");
    assert_eq!(before(last, 3, 10).await, "cba");
    assert_eq!(before(last, 3, 2).await, "cb");
    one.note(&[word("b", 3), word("a", 2), word("early", 1)]).await.unwrap();
    assert_eq!(before(last, 3, 10).await, "ca");
    assert_eq!(before(last, 2, 10).await, "c");
    assert_eq!(before(last, 0, 10).await, "");
}

pub(in crate::contract) async fn what_nobody_tells_is_found_again([one, other]: &Handles) {
    queue(&**one, 10, [1, 2]).await;
    give(&**one, 1, &[("a", 0), ("b", 1)]).await;
    give(&**one, 2, &[("c", 0)]).await;
    for id in ["b", "c", "a", "unknown"] {
        one.note(&[word(id, 2)]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let untold = async |after: Duration, limit: u32| {
        let found = other.untold(after, limit).await.unwrap();
        found.into_iter().map(|given| given.provider_id).collect::<Vec<_>>().concat()
    };
    assert_eq!(untold(LONG, 10).await, "", "whoever is to tell may still be at it");
    assert_eq!(untold(NOW, 10).await, "bca");
    assert_eq!(untold(NOW, 2).await, "bc");
    other.told(&[(id(2), "c".into(), 2), (id(1), "b".into(), 1)]).await.unwrap();
    assert_eq!(untold(NOW, 10).await, "ba");
}
