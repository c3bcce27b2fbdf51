//! One event stream and many subscribers: what a further subscriber costs.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use kenh_proto::v1::subscribe_response::Response;
use kenh_tests::{
    gateway::{Gateway, Setup},
    stream::{self, Stream},
};
use tokio::task::JoinSet;

use crate::{
    Plan,
    load::{self, Address, Call, Connection},
    process,
    report::{Row, Target::AtMost, median},
};

const MANY: usize = 200;
/// Events of a wave. The next begins when every subscriber has this one, so that none falls behind.
const WAVE: usize = 64;

/// What came of one measurement.
struct Flow {
    /// Deliveries a second.
    rate: f64,
    /// Microseconds of the gateway's processor time for a delivery, storing the event included.
    cpu: f64,
}

/// Measures it.
pub(crate) async fn rows(plan: &Plan, folder: &Path) -> Vec<Row> {
    let gateway = Setup::embedded(&folder.join("fanout")).with(load::WITHOUT_DEDUPE).start().await;
    let calls = load::calls(WAVE);
    let (mut one, mut many) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds() {
        one.push(flow(&gateway, &calls, 1, plan.time()).await);
        many.push(flow(&gateway, &calls, MANY, plan.time()).await);
    }
    let part = median(many.iter().zip(&one).map(|(many, one)| many.cpu / one.cpu));
    vec![
        Row::new("CPU a delivery with 200 subscribers, against 1", part, "x").with(AtMost(0.25)),
        Row::new("CPU an event stored and delivered to 1 subscriber", median(one.iter().map(|flow| flow.cpu)), "µs"),
        Row::new("CPU a delivery with 200 subscribers", median(many.iter().map(|flow| flow.cpu)), "µs"),
        Row::new("Deliveries to 200 subscribers", median(many.iter().map(|flow| flow.rate)), "/s"),
    ]
}

/// Stores events in waves while subscribers read.
async fn flow(gateway: &Gateway, calls: &[Call], subscribers: usize, time: Duration) -> Flow {
    let arrived = Arc::new(AtomicUsize::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..subscribers {
        let mut stream = Stream::open(gateway, stream::latest()).await;
        let arrived = arrived.clone();
        readers.spawn(async move {
            while let Ok(Some(response)) = stream.response().await {
                if let Response::Batch(batch) = response {
                    arrived.fetch_add(batch.deliveries.len(), Ordering::Relaxed);
                }
            }
        });
    }
    let address = Address::messenger(gateway.web);
    let mut connections = Vec::new();
    for _ in calls {
        connections.push(Connection::open(&address).await.expect("the gateway listens"));
    }
    let (before, begun, mut expected) = (process::cpu(gateway.pid()), Instant::now(), 0);
    while begun.elapsed() < time {
        let posts = connections.iter_mut().zip(calls).map(|(connection, call)| connection.post(call));
        assert!(join_all(posts).await.into_iter().all(|accepted| accepted), "every call is accepted");
        expected += calls.len() * subscribers;
        while arrived.load(Ordering::Relaxed) < expected {
            assert!(begun.elapsed() < time + kenh_tests::PATIENCE, "every subscriber gets every event");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }
    let used = process::cpu(gateway.pid()) - before;
    let deliveries = expected as f64;
    Flow { rate: deliveries / begun.elapsed().as_secs_f64(), cpu: used / deliveries }
}
