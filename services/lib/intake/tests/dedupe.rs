//! A process that dies between publishing an event and noting that it has.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{sync::Arc, time::Duration};

use connector_sdk::{Batch, Connector, Delivery, Event, Malformed, RawRequest, Rejected, Secret, Verified, signature};
use http::{HeaderMap, Method};
use kenh_intake::{DedupeConfig, Endpoint, Intake, KeepRaw, Outcome, Stamp, normalize};
use kenh_log::{EventLog, Filter, Limit, Record, embedded};
use kenh_runtime::{clock, health::Health};
use kenh_store::{Claim, Store, config::Engine};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a dead process's claims last.
const LAPSE: Duration = Duration::from_millis(300);

struct World {
    log: Arc<dyn EventLog>,
    store: Arc<dyn Store>,
    endpoint: Endpoint,
    intake: Intake,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let config = embedded::Config {
        folder: folder.path().into(),
        partitions: 2,
        max_age: Duration::from_secs(3600),
        max_bytes: 1 << 24,
        now: clock::now,
    };
    let log: Arc<dyn EventLog> = Arc::new(embedded::EmbeddedLog::open(&config).unwrap());
    let engine = Engine::Sqlite { folder: folder.path().into() };
    let config = kenh_store::Config { engine, timeout: Duration::from_secs(5) };
    let stop = CancellationToken::new();
    let store = kenh_store::open(&config, &Health::default(), &stop).await.unwrap();
    let dedupe = DedupeConfig { window: Some(Duration::from_secs(3600)), lapse: LAPSE };
    let intake = Intake::start(log.clone(), store.clone(), dedupe, &stop);
    let endpoint = Endpoint {
        channel: "plain",
        name: "main".into(),
        tenant: "default".into(),
        keep_raw: KeepRaw::None,
        connector: Box::new(Plain { secret: Secret::from("secret") }),
    };
    World { log, store, endpoint, intake, _folder: folder }
}

impl World {
    /// What the delivery becomes, as the process that dies has it.
    fn record(&self, body: &str) -> Record {
        let stamp = Stamp {
            endpoint: &self.endpoint,
            partitions: 2,
            received_at: clock::now(),
            proof: None,
            traceparent: None,
        };
        let headers = HeaderMap::new();
        let normalized = normalize(&stamp, Delivery { headers: &headers, body: body.as_bytes() });
        Record::of(&normalized.envelopes[0]).unwrap()
    }

    async fn deliver(&self, body: &str) -> Outcome {
        let mut headers = HeaderMap::new();
        for (name, value) in self.endpoint.connector.sign(body.as_bytes()) {
            headers.insert(name, value.parse().unwrap());
        }
        let request = RawRequest {
            method: &Method::POST,
            query: "",
            headers: &headers,
            body: body.as_bytes(),
            received_at: clock::now(),
        };
        self.intake.accept(&self.endpoint, request).await.outcome
    }

    async fn stored(&self, id: Uuid) -> usize {
        let limit = Limit { entries: 100, bytes: 1 << 20, scanned: 1000 };
        let mut found = 0;
        for partition in 0..2 {
            let head = self.log.head(partition).await.unwrap();
            let page = self.log.read(partition, 0..head, &Filter::default(), limit).await.unwrap();
            found += page.entries.iter().filter(|entry| entry.meta.id == id).count();
        }
        found
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_had_published_is_not_published_again() {
    let world = world().await;
    let record = world.record("one");
    let id = record.meta.id;
    assert_eq!(world.store.claim(&[id], Uuid::new_v4(), LAPSE).await.unwrap().claims, [Claim::Mine]);
    world.log.append(vec![record]).await.unwrap();
    // It dies here. The channel delivers again, and waits until the claim has lapsed.
    assert_eq!(world.deliver("one").await, Outcome::Duplicate);
    assert_eq!(world.stored(id).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_had_not_published_is_published() {
    let world = world().await;
    let id = world.record("one").meta.id;
    assert_eq!(world.store.claim(&[id], Uuid::new_v4(), LAPSE).await.unwrap().claims, [Claim::Mine]);
    assert_eq!(world.deliver("one").await, Outcome::Stored { events: 1 });
    assert_eq!(world.deliver("one").await, Outcome::Duplicate);
    assert_eq!(world.stored(id).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_is_publishing_it_the_channel_is_told_to_come_back() {
    let world = world().await;
    let id = world.record("one").meta.id;
    assert_eq!(
        world.store.claim(&[id], Uuid::new_v4(), Duration::from_secs(3600)).await.unwrap().claims,
        [Claim::Mine]
    );
    assert_eq!(world.deliver("one").await, Outcome::Pending);
    assert_eq!(world.stored(id).await, 0);
    world.store.settle(&[id]).await.unwrap();
    assert_eq!(world.deliver("one").await, Outcome::Duplicate);
}

/// A channel whose bodies are an event each.
#[derive(Debug)]
struct Plain {
    secret: Secret,
}

impl Connector for Plain {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::token(request, "x-token", std::slice::from_ref(&self.secret))
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        Ok(Event::unsupported(Some("1"), delivery.body, Some("text"), "unknown_event", None).into())
    }

    fn sign(&self, _body: &[u8]) -> Vec<(&'static str, String)> {
        vec![("x-token", "secret".into())]
    }
}
