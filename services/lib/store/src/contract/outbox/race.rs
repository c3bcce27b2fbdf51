use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::task::JoinSet;

use super::{NOW, new, submit, word, written};
use crate::{
    Freed, Known, NewOutbound, Phase, Store, Submitted, Turn, Written,
    contract::{Handles, LONG, id},
};

const CONVERSATIONS: u128 = 3;
const EACH: u128 = 12;

/// What the channel was given, by conversation, and what is being given to it right now.
#[derive(Default)]
struct Channel {
    sent: BTreeMap<u128, Vec<u128>>,
    sending: HashSet<u128>,
}

/// Many dispatchers ask for every message of a few conversations at once, and give some turns back. The channel sees one
/// message of a conversation at a time, each once and in the order of submission.
pub(in crate::contract) async fn two_messages_of_a_conversation_are_never_sent_at_once(handles: &Handles) {
    for number in 0..CONVERSATIONS * EACH {
        submit(&*handles[0], &new(number, number % CONVERSATIONS)).await;
    }
    let channel = Arc::new(Mutex::new(Channel::default()));
    let mut dispatchers = JoinSet::new();
    for dispatcher in 0..8_u128 {
        let (store, channel) = (handles[usize::from(dispatcher % 2 == 0)].clone(), channel.clone());
        dispatchers.spawn(async move {
            let mut left: Vec<_> = (0..CONVERSATIONS * EACH).collect();
            // Each in another order: most ask for what is not first.
            left.rotate_left(usize::try_from(dispatcher * 5).unwrap());
            if dispatcher % 2 == 0 {
                left.reverse();
            }
            while !left.is_empty() {
                let mut waiting = Vec::new();
                for number in left {
                    if !dispatch(&*store, &channel, number, dispatcher).await {
                        waiting.push(number);
                    }
                }
                left = waiting;
            }
        });
    }
    dispatchers.join_all().await;
    let channel = channel.lock().unwrap();
    for conversation in 0..CONVERSATIONS {
        let wanted: Vec<_> = (0..EACH).map(|n| n * CONVERSATIONS + conversation).collect();
        assert_eq!(channel.sent.get(&conversation), Some(&wanted));
    }
}

/// Whether a message has ended.
async fn dispatch(store: &dyn Store, channel: &Mutex<Channel>, number: u128, dispatcher: u128) -> bool {
    let turn = match store.turn(id(number), LONG).await.unwrap() {
        Turn::Yours(message) => message.turn,
        Turn::Over => return true,
        Turn::NotNow => return false,
        Turn::TakenOver(message) => panic!("{message:?} was nobody's"),
    };
    let conversation = number % CONVERSATIONS;
    assert!(channel.lock().unwrap().sending.insert(conversation), "two of conversation {conversation} at once");
    tokio::task::yield_now().await;
    // It comes to the channel at its second turn, and no other comes between.
    let ends = turn > 1;
    {
        let mut channel = channel.lock().unwrap();
        channel.sending.remove(&conversation);
        if ends {
            channel.sent.entry(conversation).or_default().push(number);
        }
    }
    let phase = if ends { Phase::Ended } else { Phase::Waiting };
    let ids = if ends { vec![(format!("m{number}"), 0)] } else { Vec::new() };
    let outcome = store.write(&Written { ids, ..written(number, turn, phase, NOW) }).await.unwrap();
    let Some(Freed { next, .. }) = outcome else { panic!("{dispatcher} had the turn of {number}") };
    let follower = (ends && number + CONVERSATIONS < CONVERSATIONS * EACH).then(|| id(number + CONVERSATIONS));
    assert_eq!(next, follower, "the one behind it and no other");
    ends
}

/// Of many calls with one key one is kept, also when the key becomes free.
pub(in crate::contract) async fn a_key_is_used_once_however_many_use_it_at_once(handles: &Handles) {
    const SHORT: Duration = Duration::from_millis(50);
    for (round, keys_last) in [LONG, LONG, SHORT].into_iter().enumerate() {
        tokio::time::sleep(SHORT).await;
        let mut callers = JoinSet::new();
        for caller in 0..12_u128 {
            let store = handles[usize::from(caller % 2 == 0)].clone();
            let number = 1 + u128::try_from(round).unwrap() * 100 + caller;
            let message = NewOutbound { key: "the same".into(), ..new(number, 10) };
            callers.spawn(async move { store.submit(&message, keys_last).await.unwrap() });
        }
        let outcomes = callers.join_all().await;
        let fresh = outcomes.iter().filter(|outcome| matches!(outcome, Submitted::Fresh(_))).count();
        if keys_last == LONG {
            assert_eq!(fresh, usize::from(round == 0), "{outcomes:?}");
        } else {
            assert!(fresh >= 1, "the key was free");
        }
        let holder = handles[0].outbound_by_key("crm", "the same").await.unwrap().unwrap();
        let known = outcomes.iter().filter(|outcome| matches!(outcome, Submitted::Known(kept) if kept.id == holder.id));
        assert!(fresh > 1 || known.count() == outcomes.len() - usize::from(round != 1), "{outcomes:?}");
    }
}

/// Whatever is called at the same time, nothing fails: no call waits for another that waits for it.
pub(in crate::contract) async fn concurrent_calls_of_the_outbox_do_not_block_each_other(handles: &Handles) {
    let mut callers = JoinSet::new();
    for caller in 0..6_u128 {
        let store = handles[usize::from(caller % 2 == 0)].clone();
        callers.spawn(async move {
            for round in 0..10 {
                everything(&*store, caller, round).await;
            }
        });
    }
    callers.join_all().await;
}

async fn everything(store: &dyn Store, caller: u128, round: u128) {
    let number = caller * 1000 + round;
    submit(store, &NewOutbound { key: format!("{number}"), ..new(number, round % 2) }).await;
    let mut names: Vec<_> = (0..20).map(|n| format!("m{}", (n + round) % 25)).collect();
    let mut words: Vec<_> = names.iter().map(|name| word(name, i32::try_from(round).unwrap())).collect();
    let mut conversations: Vec<_> = (0..20)
        .map(|n| Known {
            id: id(n),
            channel: "zalo".into(),
            account: "main/1".into(),
            at: i64::try_from(round).unwrap(),
            record: "known".into(),
        })
        .collect();
    if caller.is_multiple_of(2) {
        names.reverse();
        words.reverse();
        conversations.reverse();
    }
    store.meet(&conversations).await.unwrap();
    let noted = store.note(&words).await.unwrap();
    if let Turn::Yours(message) | Turn::TakenOver(message) = store.turn(id(number), NOW).await.unwrap() {
        let mut ids: Vec<_> = (0..).zip(&names).map(|(piece, name)| (name.clone(), piece)).collect();
        ids.rotate_left(usize::try_from(caller).unwrap());
        store.write(&Written { ids, ..written(number, message.turn, Phase::Ended, NOW) }).await.unwrap();
    }
    let mut told: Vec<_> = noted.into_iter().map(|given| (given.outbound, given.provider_id, given.status)).collect();
    let half = told.len() / 2;
    told.rotate_left(half);
    store.told(&told).await.unwrap();
    for (_, id) in store.due(&["zalo".into()], 10).await.unwrap() {
        let stolen = Written { id, ..written(number, 0, Phase::Ended, NOW) };
        store.rewrite(&stolen, Phase::Waiting, None).await.unwrap();
    }
    store.untold(NOW, 10).await.unwrap();
    store.expire_outbound(NOW).await.unwrap();
    store.forget_conversations(NOW).await.unwrap();
    store.put_credential("zalo/main/1", u64::try_from(round).unwrap(), &"token".into()).await.unwrap();
    store.lease("zalo/main/1", id(caller), NOW).await.unwrap();
    store.release("zalo/main/1", id(caller)).await.unwrap();
    store.pause("zalo", "nobody", round.is_multiple_of(2)).await.unwrap();
}
