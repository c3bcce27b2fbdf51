//! What is sent to channels.

pub(super) mod accounts;
pub(super) mod fares;
pub(super) mod given;
pub(super) mod keep;
pub mod model;
pub(super) mod race;
pub(super) mod turns;
pub(super) mod writes;

use std::time::Duration;

use bytes::Bytes;

use super::{LONG, id};
use crate::{Freed, Hold, NewOutbound, Outbound, Phase, Store, Submitted, Turn, Word, Written};

const NOW: Duration = Duration::ZERO;

/// A message of a conversation; it may be sent at once.
pub(super) fn new(number: u128, conversation: u128) -> NewOutbound {
    NewOutbound {
        id: id(number),
        client: "crm".into(),
        key: format!("key {number}"),
        digest: Bytes::from(format!("digest {number}")),
        channel: "zalo".into(),
        account: "main/oa/1".into(),
        conversation: id(conversation),
        delay: NOW,
        lifetime: LONG,
        state: 1,
        record: Bytes::from(format!("record {number}")),
    }
}

async fn submit(store: &dyn Store, new: &NewOutbound) -> Outbound {
    match store.submit(new, LONG).await.unwrap() {
        Submitted::Fresh(kept) => kept,
        Submitted::Known(known) => panic!("known as {known:?}"),
    }
}

/// Submits messages to one conversation, in the order of their numbers.
async fn queue(store: &dyn Store, conversation: u128, numbers: impl IntoIterator<Item = u128>) {
    for number in numbers {
        submit(store, &new(number, conversation)).await;
    }
}

/// Takes a turn that has to be there. Its number.
async fn begin(store: &dyn Store, number: u128, lease: Duration) -> u64 {
    match store.turn(id(number), lease).await.unwrap() {
        Turn::Yours(message) => message.turn,
        other @ (Turn::TakenOver(_) | Turn::NotNow | Turn::Over) => panic!("{number}: {other:?}"),
    }
}

fn written(number: u128, turn: u64, phase: Phase, delay: Duration) -> Written {
    Written {
        id: id(number),
        turn,
        phase,
        state: 7,
        delay,
        record: Bytes::from(format!("record {number} of turn {turn}")),
        hold: Hold::Order,
        ids: Vec::new(),
    }
}

async fn end(store: &dyn Store, number: u128, turn: u64) -> Freed {
    store.write(&written(number, turn, Phase::Ended, NOW)).await.unwrap().expect("the turn is not over")
}

/// Has a message ended, with ids.
async fn give(store: &dyn Store, number: u128, ids: &[(&str, u32)]) -> Freed {
    let turn = begin(store, number, LONG).await;
    let ids = ids.iter().map(|(id, piece)| ((*id).to_owned(), *piece)).collect();
    store.write(&Written { ids, ..written(number, turn, Phase::Ended, NOW) }).await.unwrap().unwrap()
}

fn word(provider_id: &str, status: i32) -> Word {
    let at = i64::from(status) * 1000;
    Word { channel: "zalo".into(), account: "oa/1".into(), provider_id: provider_id.into(), status, at, code: None }
}

async fn due(store: &dyn Store) -> Vec<u128> {
    store.due(&["zalo".into()], 100).await.unwrap().into_iter().map(|(_, id)| id.as_u128()).collect()
}
