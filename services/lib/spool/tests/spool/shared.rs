//! Two processes before one broker, with one state store.

use std::{path::Path, sync::Arc, time::Duration};

use kenh_log::{
    AppendError, EventLog, Record,
    contract::{PARTITIONS, record},
};
use kenh_runtime::health::Health;
use kenh_spool::{Config, Shared, SharedConfig, Spooled};
use kenh_store::Store;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::{
    arrived,
    broker::{Broker, Mood},
    config, until,
};

/// The processes, each as it shows itself to what comes before it.
struct Pair {
    logs: [Arc<dyn EventLog>; 2],
    store: Arc<dyn Store>,
    health: Health,
    _stop: DropGuard,
}

impl Pair {
    async fn start(folder: &Path, broker: &Arc<Broker>, max_bytes: u64) -> Self {
        let (health, stop) = (Health::default(), CancellationToken::new());
        let engine = kenh_store::config::Engine::Sqlite { folder: folder.into() };
        let opened = kenh_store::Config { engine, timeout: Duration::from_secs(20) };
        let store: Arc<dyn Store> = kenh_store::open(&opened, &health, &stop).await.unwrap();
        let mut logs: Vec<Arc<dyn EventLog>> = Vec::new();
        for name in ["one", "other"] {
            let own = Config { max_bytes: 64 << 20, ..config(&folder.join(name)) };
            let (max_age_alarm, now) = (own.max_age_alarm, own.now);
            let sharing = SharedConfig { max_bytes, store_timeout: Duration::from_secs(20), max_age_alarm, now };
            let shared = Arc::new(Shared::start(sharing, broker.clone(), store.clone(), &stop));
            logs.push(Arc::new(Spooled::start(own, shared, health.latch("spool"), &stop).await.unwrap()));
        }
        let logs = logs.try_into().unwrap_or_else(|_| unreachable!("two"));
        Self { logs, store, health, _stop: stop.drop_guard() }
    }

    /// Appends to one of them, as who claims events before and is told what is spooled, or as who does not.
    async fn append(&self, at: usize, records: Vec<Record>, asks: bool) -> Result<(), AppendError> {
        if !asks {
            return self.logs[at].append(records).await;
        }
        let claimed = self.store.claim(&[Uuid::new_v4()], Uuid::nil(), Duration::from_secs(60)).await.unwrap();
        self.logs[at].append_behind(records, &claimed.spooled).await
    }
}

/// Appends events of a conversation one after the other, to any of the processes, each until it is taken.
async fn converse(pair: Arc<Pair>, conversation: u128, seed: u64) -> Vec<Uuid> {
    let mut random = fastrand::Rng::with_seed(seed ^ u64::try_from(conversation).unwrap());
    let partition = u32::try_from(conversation).unwrap() % PARTITIONS;
    let mut accepted = Vec::new();
    for second in 0..30 {
        let event = record(partition, second, conversation);
        while pair.append(random.usize(..2), vec![event.clone()], random.u8(..4) > 0).await.is_err() {}
        accepted.push(event.meta.id);
        if random.bool() {
            tokio::time::sleep(Duration::from_micros(random.u64(..4000))).await;
        }
    }
    accepted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_broker_does_two_processes_keep_one_order() {
    for seed in 1..=4 {
        let folder = tempfile::tempdir().unwrap();
        let broker = Broker::new(Mood::Well);
        broker.be_erratic(seed);
        let pair = Arc::new(Pair::start(folder.path(), &broker, 64 << 20).await);
        let talking: Vec<_> =
            (0..8u128).map(|conversation| tokio::spawn(converse(pair.clone(), conversation, seed))).collect();
        let mut accepted = Vec::new();
        for talk in talking {
            accepted.push(talk.await.unwrap());
        }
        broker.be(Mood::Well);
        arrived(&broker, &accepted, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_shared_spool_does_not_take_goes_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    let pair = Pair::start(folder.path(), &broker, 4096).await;
    let mut accepted = Vec::new();
    let refused = loop {
        let event = record(1, i64::try_from(accepted.len()).unwrap(), 7);
        match pair.append(accepted.len() % 2, vec![event.clone()], true).await {
            Ok(()) => accepted.push(event.meta.id),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, AppendError::Full);
    assert!(pair.health.report().contains("no room"), "{}", pair.health.report());
    broker.be(Mood::Well);
    until("it is drained", || broker.first_occurrences(Uuid::from_u128(7)).len() == accepted.len()).await;
    assert_eq!(broker.first_occurrences(Uuid::from_u128(7)), accepted, "what was refused is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_shared_spool_is_known_to_be_stored() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::new(Mood::Away);
    let pair = Pair::start(folder.path(), &broker, 1 << 20).await;
    let (kept, unknown) = (record(1, 1, 7), record(1, 2, 7));
    pair.append(0, vec![kept.clone()], true).await.unwrap();
    assert_eq!(pair.logs[1].holds(kept.meta.id, 1, 0).await, Ok(true));
    assert_ne!(pair.logs[1].holds(unknown.meta.id, 1, 0).await, Ok(true));
}
