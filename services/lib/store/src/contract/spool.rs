use std::sync::Arc;

use bytes::Bytes;

use super::{Handles, LONG, id};
use crate::{Claim, Put, Putting, SpoolState, Store, Unpublished};

const ROOM: u64 = 1 << 20;

fn event(number: u64) -> Unpublished {
    let event = Bytes::from(format!("event {number:05}"));
    Unpublished { id: id(number.into()), received_at: i64::try_from(number).unwrap(), event }
}

fn events(numbers: std::ops::Range<u64>) -> Vec<Unpublished> {
    numbers.map(event).collect()
}

async fn put(store: &Arc<dyn Store>, partition: u32, numbers: std::ops::Range<u64>, putting: Putting) -> Put {
    store.spool(partition, &events(numbers), putting, ROOM).await.unwrap()
}

/// What is in a partition, as the numbers of the events.
async fn held(store: &Arc<dyn Store>, partition: u32) -> Vec<u64> {
    let number = |event: Bytes| std::str::from_utf8(&event[6..]).unwrap().parse().unwrap();
    let found = store.spooled(partition, 1000, u64::MAX).await.unwrap();
    found.into_iter().map(|(_, event)| number(event)).collect()
}

async fn last(store: &Arc<dyn Store>, partition: u32) -> u64 {
    store.spooled(partition, 1000, u64::MAX).await.unwrap().last().unwrap().0
}

pub(super) async fn what_the_broker_failed_is_kept_in_order_and_others_go_behind_it([one, other]: &Handles) {
    assert_eq!(put(one, 2, 0..3, Putting::Behind).await, Put::Direct, "nothing is spooled");
    assert_eq!(put(one, 2, 0..3, Putting::Failed).await, Put::Kept);
    assert_eq!(put(other, 2, 3..5, Putting::Behind).await, Put::Kept);
    assert_eq!(put(other, 3, 9..10, Putting::Behind).await, Put::Direct, "each partition for itself");
    assert_eq!(put(one, 2, 5..6, Putting::Failed).await, Put::Kept);
    assert_eq!(held(other, 2).await, [0, 1, 2, 3, 4, 5]);
    assert_eq!((one.in_spool(id(4)).await, one.in_spool(id(9)).await), (Ok(true), Ok(false)));
    let second = other.spooled(2, 2, u64::MAX).await.unwrap()[1].0;
    assert_eq!(other.unspool(2, second).await, Ok(2));
    assert_eq!(other.unspool(2, second).await, Ok(0), "once");
    assert_eq!(held(one, 2).await, [2, 3, 4, 5]);
    assert_eq!(one.in_spool(id(1)).await, Ok(false));
    let spools = one.spools().await.unwrap();
    let state = spools.iter().find(|state| state.partition == 2).copied();
    assert_eq!(state, Some(SpoolState { partition: 2, spooled: true, events: 4, bytes: 44, oldest: Some(2) }));
}

pub(super) async fn a_batch_is_bounded_in_events_and_bytes([one, _]: &Handles) {
    assert_eq!(put(one, 0, 0..10, Putting::Failed).await, Put::Kept);
    let numbers = async |events, bytes| one.spooled(0, events, bytes).await.unwrap().len();
    assert_eq!(numbers(4, u64::MAX).await, 4);
    assert_eq!(numbers(100, 33).await, 3);
    assert_eq!(numbers(100, 43).await, 3);
    assert_eq!(numbers(100, 1).await, 1, "one in any case");
    assert_eq!(one.spooled(1, 100, 1).await, Ok(Vec::new()));
}

pub(super) async fn a_partition_is_opened_when_it_is_closed_and_empty([one, other]: &Handles) {
    assert_eq!(one.open_spool(0).await, Ok(false), "it is open");
    assert_eq!(put(one, 0, 0..2, Putting::Failed).await, Put::Kept);
    one.close_spool(0, true).await.unwrap();
    assert_eq!(put(other, 0, 2..3, Putting::Behind).await, Put::Closing);
    assert_eq!(one.open_spool(0).await, Ok(false), "something is left");
    one.unspool(0, last(one, 0).await).await.unwrap();
    // Whom the broker fails does not wait, and closes nothing off.
    assert_eq!(put(other, 0, 2..3, Putting::Failed).await, Put::Kept);
    assert_eq!(one.open_spool(0).await, Ok(false));
    assert_eq!(put(other, 0, 3..4, Putting::Behind).await, Put::Kept, "it is not closed any more");
    one.unspool(0, last(one, 0).await).await.unwrap();
    assert_eq!(one.open_spool(0).await, Ok(false), "it is empty and not closed");
    one.close_spool(0, true).await.unwrap();
    one.close_spool(0, false).await.unwrap();
    assert_eq!(one.open_spool(0).await, Ok(false), "it is not closed any more");
    one.close_spool(0, true).await.unwrap();
    assert_eq!(one.open_spool(0).await, Ok(true));
    assert_eq!(put(other, 0, 4..5, Putting::Behind).await, Put::Direct);
    assert_eq!(one.spools().await.unwrap()[0].oldest, None);
}

pub(super) async fn more_than_there_is_room_for_is_not_kept([one, other]: &Handles) {
    let put =
        async |partition, numbers, most| one.spool(partition, &events(numbers), Putting::Failed, most).await.unwrap();
    assert_eq!(put(0, 0..3, 40).await, Put::Kept);
    assert_eq!(put(1, 3..4, 40).await, Put::Full, "of all partitions together");
    assert_eq!(put(1, 3..4, 44).await, Put::Kept);
    assert_eq!(put(0, 4..6, 44).await, Put::Full);
    assert_eq!(held(other, 0).await, [0, 1, 2], "all or none");
    one.unspool(0, last(one, 0).await).await.unwrap();
    assert_eq!(put(0, 4..6, 44).await, Put::Kept);
}

pub(super) async fn who_claims_is_told_what_is_spooled([one, other]: &Handles) {
    let claim = async |number: u128| other.claim(&[id(number)], id(200), LONG).await.unwrap();
    assert_eq!(claim(1).await.spooled, Vec::<u32>::new());
    put(one, 3, 0..1, Putting::Failed).await;
    put(one, 1, 1..2, Putting::Failed).await;
    let claimed = claim(2).await;
    assert_eq!((claimed.claims, claimed.spooled), (vec![Claim::Mine], vec![1, 3]));
    one.close_spool(3, true).await.unwrap();
    assert_eq!(claim(3).await.spooled, [1, 3], "it is not open yet");
    one.unspool(3, last(one, 3).await).await.unwrap();
    one.open_spool(3).await.unwrap();
    assert_eq!(claim(4).await.spooled, [1]);
}

/// The broker is a list here. Two processes are failed by it now and then, as numbers say; each gives what it was told of to
/// the list itself. A third one drains all the time.
pub(super) async fn of_two_that_put_and_one_that_drains_nothing_is_lost_or_turned_around([one, other]: &Handles) {
    const EVENTS: u64 = 60;
    let broker = Arc::new(std::sync::Mutex::new(Vec::new()));
    let append = |broker: &std::sync::Mutex<Vec<u64>>, number| broker.lock().unwrap().push(number);
    let writer = async {
        for number in 0..EVENTS {
            // One sender: the next event is posted, to either of them, when the one before was answered.
            let store = if number % 2 == 0 { one } else { other };
            let spooled = store.claim(&[id(1000 + u128::from(number))], id(7), LONG).await.unwrap().spooled;
            let mut putting = Putting::Behind;
            if !spooled.contains(&0) {
                if number % 7 != 3 {
                    append(&broker, number);
                    continue;
                }
                putting = Putting::Failed;
            }
            loop {
                match put(store, 0, number..number + 1, putting).await {
                    Put::Kept => break,
                    Put::Direct => {
                        append(&broker, number);
                        break;
                    }
                    Put::Closing => tokio::task::yield_now().await,
                    Put::Full => unreachable!("there is room"),
                }
            }
        }
    };
    let drainer = async {
        loop {
            let found = other.spooled(0, 2, u64::MAX).await.unwrap();
            for (number, event) in &found {
                append(&broker, std::str::from_utf8(&event[6..]).unwrap().parse().unwrap());
                other.unspool(0, *number).await.unwrap();
            }
            if found.is_empty() {
                other.close_spool(0, true).await.unwrap();
                other.open_spool(0).await.unwrap();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = writer => {}
        () = drainer => {}
    }
    let left = held(one, 0).await;
    broker.lock().unwrap().extend(left);
    // Who drains may have been stopped between the two steps: an event that comes again does so with the same id.
    let mut seen = std::collections::HashSet::new();
    broker.lock().unwrap().retain(|number| seen.insert(*number));
    assert_eq!(*broker.lock().unwrap(), (0..EVENTS).collect::<Vec<_>>());
}
