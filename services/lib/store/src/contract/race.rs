use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::task::JoinSet;

use super::{Handles, LONG, PARTITIONS, create, id, item, member, save};
use crate::{Save, Saved, Store};

/// Every process tries for every window, gives some back, goes away and comes again. Each position that is saved is
/// saved once: two holders would save the same one.
pub(super) async fn two_processes_never_hold_one_window(handles: &Handles) {
    const ROUNDS: u128 = 18;
    create(&handles[0], "crm").await;
    let epochs = Arc::new(Mutex::new(HashSet::new()));
    let mut processes = JoinSet::new();
    for process in 0..6_u128 {
        let (store, epochs) = (handles[usize::from(process % 2 == 0)].clone(), epochs.clone());
        processes.spawn(async move {
            let mut saved = Vec::new();
            for round in 0..ROUNDS {
                let me = member("crm", &format!("c{process}"), 1 + process * 1000 + round, 100 + process);
                assert_eq!(store.join(&me, LONG).await, Ok(true));
                saved.extend(read(&*store, &me, &epochs).await);
                match round % 3 {
                    0 => store.leave(me.session).await.unwrap(),
                    1 => drop(store.renew(me.process, Duration::ZERO).await.unwrap()),
                    // Joining again replaces it.
                    _ => {}
                }
            }
            saved
        });
    }
    let saved = processes.join_all().await.concat();
    let distinct: HashSet<_> = saved.iter().collect();
    assert_eq!(distinct.len(), saved.len(), "two saved the same position");
    let mut furthest: HashMap<u32, u64> = HashMap::new();
    for (partition, position) in &saved {
        let place = furthest.entry(*partition).or_default();
        *place = (*place).max(*position);
    }
    for window in handles[0].windows("crm").await.unwrap() {
        assert_eq!(furthest.get(&window.partition), Some(&window.position), "a save was undone");
    }
    assert_eq!(furthest.len(), usize::try_from(PARTITIONS).unwrap());
}

/// Takes what windows it can get and moves each on by one, as far as it may.
async fn read(store: &dyn Store, me: &crate::Member, epochs: &Mutex<HashSet<(u32, u64)>>) -> Vec<(u32, u64)> {
    let mut saved = Vec::new();
    for partition in 0..PARTITIONS {
        let Some(held) = store.hold(me, partition).await.unwrap() else { continue };
        assert!(epochs.lock().unwrap().insert((partition, held.epoch)), "an epoch was given twice");
        let moved = Save { release: partition % 2 == 0, ..save(me, partition, held.epoch, held.position + 1) };
        if store.save(&[moved]).await.unwrap() == [Saved::Yes] {
            saved.push((partition, held.position + 1));
        }
    }
    saved
}

/// Whatever is called at the same time, nothing fails: no call waits for another that waits for it.
pub(super) async fn concurrent_calls_of_every_kind_do_not_block_each_other(handles: &Handles) {
    const ROUNDS: u128 = 10;
    for name in ["s0", "s1"] {
        create(&handles[0], name).await;
    }
    let mut callers = JoinSet::new();
    for caller in 0..6_u128 {
        let store = handles[usize::from(caller % 2 == 0)].clone();
        callers.spawn(async move {
            for round in 0..ROUNDS {
                everything(&*store, caller, round).await;
            }
        });
    }
    for name in ["s0", "s1"] {
        let store = handles[1].clone();
        callers.spawn(async move {
            for round in 0..ROUNDS {
                assert_eq!(store.seek(name, &[u64::try_from(round).unwrap(); PARTITIONS as usize]).await, Ok(true));
                if round % 5 == 4 {
                    store.delete(name).await.unwrap();
                    create(&store, name).await;
                }
            }
        });
    }
    callers.join_all().await;
}

async fn everything(store: &dyn Store, caller: u128, round: u128) {
    let members = ["s0", "s1"].map(|name| {
        let number = caller * 10_000 + round * 10 + u128::from(name == "s1");
        member(name, &format!("c{}", caller % 3), number, 100 + caller)
    });
    let mut saves = Vec::new();
    for me in &members {
        store.join(me, LONG).await.unwrap();
        for partition in 0..PARTITIONS {
            let epoch = store.hold(me, partition).await.unwrap().map_or(0, |held| held.epoch);
            let park = vec![item(u128::from(partition) + 10 * (round % 4), Some(&me.subscription))];
            saves.push(Save { park, unpark: vec![id(caller), id(7)], ..save(me, partition, epoch, 1) });
        }
    }
    if caller.is_multiple_of(2) {
        saves.reverse();
    }
    store.save(&saves).await.unwrap();
    let mut ids: Vec<_> = (0..40).map(id).collect();
    if caller.is_multiple_of(2) {
        ids.reverse();
    }
    let process = id(100 + caller);
    store.claim(&ids, process, Duration::from_millis(1)).await.unwrap();
    store.give_up(&ids, process).await.unwrap();
    store.settle(&ids).await.unwrap();
    store.forget(Duration::ZERO).await.unwrap();
    store.park(&ids.iter().map(|id| item(id.as_u128(), None)).collect::<Vec<_>>()).await.unwrap();
    store.redrive(&ids).await.unwrap();
    store.redriven(process, 10).await.unwrap();
    store.discard(&ids).await.unwrap();
    store.expire_parked(Duration::ZERO, 3).await.unwrap();
    store.renew(process, LONG).await.unwrap();
    store.members(process).await.unwrap();
    if round.is_multiple_of(2) {
        store.leave(members[0].session).await.unwrap();
    }
}
