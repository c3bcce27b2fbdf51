//! One flight for many.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Key, Problem, flight::Flights, stored::Record};

fn key(part: u32) -> Key {
    Key { event: Uuid::from_u128(7), part }
}

fn record() -> Record {
    Record { sha256: "0".repeat(64), size: 1, mime: None }
}

#[tokio::test]
async fn what_is_asked_for_twice_at_once_is_had_once() {
    let (flights, begun, go) = (Arc::<Flights>::default(), Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let ask = |part| {
        let (flights, begun, go) = (flights.clone(), begun.clone(), go.clone());
        tokio::spawn(async move {
            let work = async move {
                begun.fetch_add(1, Ordering::Relaxed);
                go.notified().await;
                Ok(record())
            };
            flights.join(key(part), work).await
        })
    };
    // The first one goes away; what it began goes on for the others.
    let first = ask(1);
    while begun.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    let others: Vec<_> = (0..5).map(|_| ask(1)).collect();
    let another = ask(2);
    while begun.load(Ordering::Relaxed) < 2 {
        tokio::task::yield_now().await;
    }
    go.notify_waiters();
    for asked in others.into_iter().chain([another]) {
        assert_eq!(asked.await.unwrap(), Ok(record()));
    }
    assert_eq!(begun.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_failed_or_panicked_is_tried_anew() {
    let flights = Arc::<Flights>::default();
    assert_eq!(flights.join(key(1), async { Err(Problem::Timeout) }).await, Err(Problem::Timeout));
    assert_eq!(flights.join(key(1), async { panic!("by a fault of ours") }).await, Err(Problem::Store));
    assert_eq!(flights.join(key(1), async { Ok(record()) }).await, Ok(record()));
}
