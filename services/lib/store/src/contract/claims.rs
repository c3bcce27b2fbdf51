use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Handles, LONG, claim, id};
use crate::Claim;

pub(super) async fn an_event_is_claimed_once_until_it_is_settled([one, other]: &Handles) {
    assert_eq!(claim(one, &[id(1)], id(100), LONG).await, Ok(vec![Claim::Mine]));
    assert_eq!(claim(other, &[id(1)], id(200), LONG).await, Ok(vec![Claim::Pending]));
    assert_eq!(claim(one, &[id(1)], id(100), LONG).await, Ok(vec![Claim::Pending]));
    one.settle(&[id(1)]).await.unwrap();
    assert_eq!(claim(other, &[id(1)], id(200), LONG).await, Ok(vec![Claim::Published]));
    assert_eq!(claim(one, &[id(1)], id(100), Duration::ZERO).await, Ok(vec![Claim::Published]));
    // Without a claim, and a second time.
    other.settle(&[id(2), id(1), id(2)]).await.unwrap();
    assert_eq!(claim(one, &[id(2)], id(100), LONG).await, Ok(vec![Claim::Published]));
}

pub(super) async fn answers_are_in_the_order_of_the_ids_and_repetitions_wait([one, other]: &Handles) {
    one.settle(&[id(5)]).await.unwrap();
    claim(one, &[id(3)], id(100), LONG).await.unwrap();
    let wanted = [Claim::Mine, Claim::Published, Claim::Pending, Claim::Mine, Claim::Pending, Claim::Published];
    let answers = claim(other, &[id(9), id(5), id(3), id(1), id(9), id(5)], id(200), LONG).await;
    assert_eq!(answers, Ok(wanted.to_vec()));
    assert_eq!(claim(one, &[], id(100), LONG).await, Ok(vec![]));
    one.settle(&[]).await.unwrap();
    one.give_up(&[], id(100)).await.unwrap();
}

pub(super) async fn a_lapsed_claim_is_taken_over_once([one, other]: &Handles) {
    assert_eq!(claim(one, &[id(1)], id(100), Duration::ZERO).await, Ok(vec![Claim::Mine]));
    let began = std::time::Instant::now();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let answers = claim(other, &[id(1), id(1)], id(200), LONG).await.unwrap();
    let Claim::TakenOver { first } = answers[0] else { panic!("{answers:?}") };
    assert!(first >= Duration::from_millis(20) && first <= began.elapsed() + Duration::from_secs(1), "{first:?}");
    assert_eq!(answers[1], Claim::Pending);
    assert_eq!(claim(one, &[id(1)], id(100), LONG).await, Ok(vec![Claim::Pending]));
    other.settle(&[id(1)]).await.unwrap();
    assert_eq!(claim(one, &[id(1)], id(100), LONG).await, Ok(vec![Claim::Published]));
}

pub(super) async fn only_what_a_process_has_is_given_up([one, other]: &Handles) {
    claim(one, &[id(1), id(2)], id(100), LONG).await.unwrap();
    one.settle(&[id(2)]).await.unwrap();
    other.give_up(&[id(1), id(2)], id(200)).await.unwrap();
    assert_eq!(claim(other, &[id(1)], id(200), LONG).await, Ok(vec![Claim::Pending]));
    one.give_up(&[id(1), id(2), id(3)], id(100)).await.unwrap();
    assert_eq!(claim(other, &[id(1), id(2)], id(200), LONG).await, Ok(vec![Claim::Mine, Claim::Published]));
}

pub(super) async fn what_was_taken_over_and_given_up_is_not_new_to_the_next([one, other]: &Handles) {
    claim(one, &[id(1)], id(100), Duration::ZERO).await.unwrap();
    claim(other, &[id(1)], id(200), LONG).await.unwrap();
    other.give_up(&[id(1)], id(200)).await.unwrap();
    let answers = claim(one, &[id(1)], id(300), LONG).await.unwrap();
    assert!(matches!(answers[..], [Claim::TakenOver { .. }]), "the first may have published it: {answers:?}");
}

pub(super) async fn old_claims_are_forgotten_in_bounded_steps([one, other]: &Handles) {
    let ids: Vec<_> = (0..2500).map(id).collect();
    for ids in ids.chunks(500) {
        one.settle(ids).await.unwrap();
    }
    assert_eq!(one.forget(LONG).await, Ok(0), "nothing is that old");
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut forgotten = Vec::new();
    while let some @ 1.. = other.forget(Duration::from_millis(1)).await.unwrap() {
        forgotten.push(some);
    }
    assert_eq!(forgotten.iter().sum::<u64>(), 2500);
    assert!(forgotten.len() > 1, "not all at once: {forgotten:?}");
    assert_eq!(claim(one, &[id(7)], id(100), LONG).await, Ok(vec![Claim::Mine]));
    assert_eq!(one.forget(LONG).await, Ok(0));
    assert_eq!(claim(one, &[id(7)], id(100), LONG).await, Ok(vec![Claim::Pending]));
}

/// Each claimer asks for half of what the one before it asked for, in another order.
pub(super) async fn of_many_claimers_each_event_has_one(handles: &Handles) {
    const CLAIMERS: u128 = 16;
    const BATCHES: u128 = 10;
    let mut claimers = JoinSet::new();
    for claimer in 0..CLAIMERS {
        let store = Arc::clone(&handles[usize::from(claimer % 2 == 0)]);
        claimers.spawn(async move {
            let mut mine: Vec<Uuid> = Vec::new();
            for batch in 0..BATCHES {
                let mut ids: Vec<_> = (0..64).map(|n| id(batch * 1000 + claimer * 32 + n)).collect();
                ids.rotate_left(usize::try_from(claimer * 7).unwrap() % 64);
                if claimer % 3 == 0 {
                    ids.reverse();
                }
                let answers = claim(&store, &ids, id(900 + claimer), LONG).await.unwrap();
                assert_eq!(answers.len(), ids.len());
                assert!(answers.iter().all(|answer| matches!(answer, Claim::Mine | Claim::Pending | Claim::Published)));
                let got = ids.iter().zip(&answers).filter(|(_, answer)| **answer == Claim::Mine).map(|(id, _)| *id);
                let got: Vec<_> = got.collect();
                store.settle(&got).await.unwrap();
                mine.extend(got);
            }
            mine
        });
    }
    let mut all = claimers.join_all().await.concat();
    let claimed = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), claimed, "an event went to two");
    assert_eq!(claimed, usize::try_from(BATCHES * (CLAIMERS * 32 + 32)).unwrap(), "an event went to nobody");
}
