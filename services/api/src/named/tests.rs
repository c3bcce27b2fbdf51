//! A stream of a named subscription, as the transport sees it.

use std::net::SocketAddr;

use kenh_log::{contract::record, embedded};
use kenh_runtime::health::Health;
use kenh_store::config::Engine;
use v1::subscribe_response::Response;

use super::*;

const DEADLINE: Duration = Duration::from_secs(1);

async fn named(folder: &std::path::Path, stop: &CancellationToken) -> Named {
    let config = embedded::Config {
        folder: folder.into(),
        partitions: 1,
        max_age: Duration::from_secs(60),
        max_bytes: 1 << 20,
        now: || std::time::UNIX_EPOCH,
    };
    let log: Arc<dyn EventLog> = Arc::new(embedded::EmbeddedLog::open(&config).unwrap());
    let config = kenh_store::Config { engine: Engine::Sqlite { folder: folder.into() }, timeout: DEADLINE * 5 };
    let store = kenh_store::open(&config, &Health::default(), stop).await.unwrap();
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        heartbeat: Duration::from_secs(60),
        max_streams: 1,
        streams_per_connection: 1,
        ring_bytes: 1 << 20,
        windows_bytes: 1 << 20,
        lease: Duration::from_secs(10),
        max_subscriptions: 1,
    };
    Named::start(&config, Hub::start(log.clone(), 1 << 20, stop), log, store, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_begins_when_the_event_leaves_the_server() {
    let (folder, stop) = (tempfile::tempdir().unwrap(), CancellationToken::new());
    let named = named(folder.path(), &stop).await;
    let ack_deadline = prost_types::Duration::try_from(DEADLINE).ok();
    let spec = Spec::asked(v1::Subscription { name: "crm".into(), ack_deadline, ..Default::default() }).unwrap();
    named.store.create("crm", spec.encode(), &[0], 1).await.unwrap();
    named.log.append(vec![record(0, 1, 7)]).await.unwrap();

    let (outbox, mut responses) = mpsc::channel(2);
    let (left, lefts) = watch::channel(0);
    let open = v1::Open { subscription: "crm".into(), ack_mode: v1::AckMode::Individual.into(), ..Default::default() };
    let stream = named.open(&open, View::own(), outbox, lefts).await.unwrap();
    let (signals, signalled) = mpsc::channel(1);
    tokio::spawn(stream.run(signalled, stop.clone()));
    let sent = async {
        while responses.is_empty() {
            tokio::time::sleep(DEADLINE / 100).await;
        }
    };
    tokio::time::timeout(DEADLINE * 30, sent).await.unwrap();
    // The transport does not take it for longer than the deadline: long enough for a lease to be over.
    tokio::time::sleep(DEADLINE * 2).await;
    let (number, response) = responses.recv().await.unwrap();
    let Some(Response::Batch(batch)) = response.unwrap().response else { panic!("no event") };
    assert!(responses.is_empty(), "it is not delivered again: it has not left yet");
    departed(&left, number);
    let cursors = vec![batch.deliveries[0].cursor.clone()];
    signals.send(Signal::Ack(v1::Ack { cursors: cursors.clone() })).await.unwrap();
    let (_, response) = responses.recv().await.unwrap();
    let Some(Response::AckResult(result)) = response.unwrap().response else { panic!("no answer") };
    assert_eq!((result.accepted, result.refused), (cursors, vec![]));
    stop.cancel();
}
