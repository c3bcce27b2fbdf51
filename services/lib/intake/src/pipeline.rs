//! One delivery, from its bytes to its outcome.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use connector_sdk::{Ack, Batch, Delivery, Event, Malformed, Proof, RawRequest, Rejected, Skipped, Verified};
use kenh_log::{AppendError, EventLog, Record};
use kenh_proto::{
    kind_slug,
    v1::{Envelope, EventKind},
};
use kenh_runtime::{clock, metrics, seldom::Seldom, trace};
use kenh_store::Store;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, debug, warn};
use uuid::Uuid;

use crate::{
    Endpoint, Stamp,
    dedupe::{self, Dedupe, Sorted},
    keys::{KeyRenewal, Renewal},
    process::{Away, Processes},
    tie::Ties,
};

/// A disk that is full refuses every call; the metrics count them.
static NOT_STORED: Seldom = Seldom::every(Duration::from_secs(10));

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every event is stored.
    Stored {
        /// How many.
        events: usize,
    },
    /// Every event of it was stored before.
    Duplicate,
    /// It held no event.
    Skipped,
    /// It was genuine and could not be read: the whole of it is stored as one unsupported event.
    Malformed,
    /// Nothing proves its origin. Nothing was parsed, nothing is stored.
    Rejected(Rejected),
    /// Its events could not be stored (all of them); the sender has to try again.
    NotStored(AppendError),
    /// Another call is storing the same events and has not come to an end; the sender has to try again.
    Pending,
    /// No attached process has read it in time: nothing is stored, the sender has to try again.
    ConnectorAway(Away),
}

impl Outcome {
    /// Whether the channel is told that it is done: the delivery was proven, and what it holds is stored.
    pub const fn is_taken(&self) -> bool {
        match self {
            Self::Stored { .. } | Self::Duplicate | Self::Skipped | Self::Malformed => true,
            Self::Rejected(_) | Self::NotStored(_) | Self::Pending | Self::ConnectorAway(_) => false,
        }
    }

    /// The outcome as a metric label.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Stored { .. } => "stored",
            Self::Duplicate => "duplicate",
            Self::Skipped => "skipped",
            Self::Malformed => "malformed",
            Self::Rejected(_) => "rejected",
            Self::NotStored(_) => "not_stored",
            Self::Pending => "pending",
            Self::ConnectorAway(_) => "connector_away",
        }
    }
}

/// What is known of a delivery that went through the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// What became of it.
    pub outcome: Outcome,
    /// The channel's id of the account that all of its events belong to.
    pub account: Option<String>,
    /// Its trace, 32 hexadecimal digits, where there is one.
    pub trace_id: Option<String>,
    /// What the channel wants to hear, where an attached process said so.
    pub ack: Option<Ack>,
}

impl From<Outcome> for Delivered {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, account: None, trace_id: None, ack: None }
    }
}

/// The pipeline.
#[derive(Clone)]
pub struct Intake {
    log: Arc<dyn EventLog>,
    dedupe: Option<Dedupe>,
    ties: Option<Ties>,
    keys: Option<Arc<dyn KeyRenewal>>,
    pub(crate) processes: Option<Arc<dyn Processes>>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intake")
    }
}

impl Intake {
    /// A pipeline into a log, that knows redeliveries by what a store remembers when it is to.
    pub fn start(
        log: Arc<dyn EventLog>,
        store: Arc<dyn Store>,
        config: dedupe::Config,
        stop: &CancellationToken,
    ) -> Self {
        let dedupe = config.window.map(|_| Dedupe::start(log.clone(), store, config.lapse, stop));
        Self { log, dedupe, ties: None, keys: None, processes: None }
    }

    /// One that also says of receipts and echoes which outbound message they are about.
    #[must_use]
    pub fn tying(self, store: Arc<dyn Store>) -> Self {
        Self { ties: Some(Ties(store)), ..self }
    }

    /// One that has published keys fetched anew when a call names one that is not known.
    #[must_use]
    pub fn renewing(self, keys: Arc<dyn KeyRenewal>) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// One that has attached processes asked.
    #[must_use]
    pub fn asking(self, processes: Arc<dyn Processes>) -> Self {
        Self { processes: Some(processes), ..self }
    }

    /// Takes a delivery. Returns when its events are stored, or it is clear that they are not.
    pub async fn accept(&self, endpoint: &Endpoint, request: RawRequest<'_>) -> Delivered {
        if let Some(by) = endpoint.connector.by_process() {
            return self.accept_by_process(endpoint, by, request).await;
        }
        let verified = match self.verified(endpoint, request).await {
            Ok(verified) => verified,
            Err(rejected) => return Self::rejected(endpoint, rejected),
        };
        let delivery = verified.delivery();
        let read = |stamp: &Stamp<'_>| normalize(stamp, delivery);
        self.take(endpoint, verified.proof(), request.received_at, read).await
    }

    /// Nothing proves the origin of a call.
    pub(crate) fn rejected(endpoint: &Endpoint, rejected: Rejected) -> Delivered {
        let channel = endpoint.channel;
        metrics::REJECTED.add(1, [("channel", channel), ("reason", rejected.reason())]);
        debug!(channel, endpoint = endpoint.name, %rejected, "a webhook call was refused");
        Outcome::Rejected(rejected).into()
    }

    /// Proves a call; one whose token names an unknown key once more, when the issuer has been asked for its keys.
    pub(crate) async fn verified<'a>(
        &self,
        endpoint: &Endpoint,
        request: RawRequest<'a>,
    ) -> Result<Verified<'a>, Rejected> {
        let verdict = endpoint.connector.verify(request);
        let Err(Rejected::KeyUnknown | Rejected::KeysUnavailable) = verdict else { return verdict };
        let (Some(keys), Some(published)) = (&self.keys, endpoint.connector.published_keys()) else { return verdict };
        match keys.renew(published).await {
            Renewal::Done => endpoint.connector.verify(request),
            Renewal::Recent => verdict,
            // Whether there is such a key, nobody can say now.
            Renewal::Failed => Err(Rejected::KeysUnavailable),
        }
    }

    /// Takes what the gateway read itself where the channel keeps it. Returns as [`Intake::accept`] does.
    pub async fn accept_fetched(&self, endpoint: &Endpoint, delivery: Delivery<'_>) -> Delivered {
        self.take(endpoint, Proof::Fetched, clock::now(), |stamp| normalize(stamp, delivery)).await
    }

    /// Takes a mail that another server handed over. Returns as [`Intake::accept`] does.
    pub async fn accept_received(&self, endpoint: &Endpoint, delivery: Delivery<'_>) -> Delivered {
        self.take(endpoint, Proof::Received, clock::now(), |stamp| normalize(stamp, delivery)).await
    }

    /// Takes a delivery that is proven. `read` turns it into envelopes.
    pub(crate) async fn take(
        &self,
        endpoint: &Endpoint,
        proof: Proof,
        received_at: SystemTime,
        read: impl FnOnce(&Stamp<'_>) -> Normalized,
    ) -> Delivered {
        let channel = endpoint.channel;
        let span = trace::delivery(channel, &endpoint.name);
        let stamp = Stamp {
            endpoint,
            partitions: self.log.partitions(),
            received_at,
            proof: Some(proof),
            traceparent: trace::traceparent(&span),
        };
        let Normalized { mut envelopes, skipped, malformed } = read(&stamp);
        for Skipped { reason } in skipped {
            metrics::SKIPPED.add(1, [("channel", channel), ("reason", reason)]);
        }
        let (account, trace_id) = (account(&envelopes), stamp.traceparent.as_deref().and_then(trace::id));
        if envelopes.is_empty() {
            return Delivered { outcome: Outcome::Skipped, account, trace_id, ack: None };
        }
        self.tie(channel, &mut envelopes).await;
        let append = trace::append(&span, envelopes.len());
        let outcome = match self.store(channel, &envelopes).instrument(append).await {
            Ok(_) if malformed => Outcome::Malformed,
            Ok(stored) if stored.is_empty() => Outcome::Duplicate,
            Ok(stored) => Outcome::Stored { events: stored.len() },
            Err(NotStored::Failed(error)) => Outcome::NotStored(error),
            Err(NotStored::Pending) => Outcome::Pending,
        };
        Delivered { outcome, account, trace_id, ack: None }
    }

    /// Says of receipts and echoes which outbound message they are about.
    pub(crate) async fn tie(&self, channel: &str, envelopes: &mut [Envelope]) {
        if let Some(ties) = &self.ties {
            ties.tie(channel, envelopes).await;
        }
    }

    /// Stores events of the gateway's own, stamped by whoever made them. One that is stored already is not stored again.
    pub async fn publish(&self, channel: &'static str, envelopes: &[Envelope]) -> Result<(), NotStored> {
        self.store(channel, envelopes).await.map(drop)
    }

    /// Partitions of the log.
    pub fn partitions(&self) -> u32 {
        self.log.partitions()
    }

    /// Stores what is not stored yet. The ids of the events that were not.
    pub(crate) async fn store(&self, channel: &'static str, envelopes: &[Envelope]) -> Result<Vec<Uuid>, NotStored> {
        let records: Vec<_> = envelopes.iter().filter_map(Record::of).collect();
        let ids = |records: &[Record]| records.iter().map(|record| record.meta.id).collect::<Vec<_>>();
        let kinds = |records: &[Record]| records.iter().map(|record| record.meta.kind).collect::<Vec<_>>();
        let count = |kinds: Vec<EventKind>, outcome| {
            for kind in kinds {
                let labels = [("channel", channel), ("kind", kind_slug(kind)), ("outcome", outcome)];
                metrics::EVENTS.add(1, labels);
            }
        };
        let Some(dedupe) = &self.dedupe else {
            let (ids, kinds) = (ids(&records), kinds(&records));
            let outcome = self.append(channel, records, None).await;
            count(kinds, if outcome.is_ok() { "stored" } else { "not_stored" });
            return outcome.map(|()| ids).map_err(NotStored::Failed);
        };
        let Sorted { publish, duplicates, pending, spooled } = dedupe.sort(records).await;
        count(kinds(&duplicates), "duplicate");
        let ids = ids(&publish);
        if !pending.is_empty() {
            // Nothing of the delivery, or its events might be stored in another order than they came.
            count(kinds(&pending), "not_stored");
            count(kinds(&publish), "not_stored");
            dedupe.given_up(ids);
            return Err(NotStored::Pending);
        }
        if !publish.is_empty() {
            let kinds = kinds(&publish);
            if let Err(error) = self.append(channel, publish, spooled.as_deref()).await {
                count(kinds, "not_stored");
                dedupe.given_up(ids);
                return Err(NotStored::Failed(error));
            }
            count(kinds, "stored");
            dedupe.published(ids.clone());
        }
        Ok(ids)
    }

    async fn append(
        &self,
        channel: &'static str,
        records: Vec<Record>,
        spooled: Option<&[u32]>,
    ) -> Result<(), AppendError> {
        let begun = Instant::now();
        let outcome = match spooled {
            Some(spooled) => self.log.append_behind(records, spooled).await,
            None => self.log.append(records).await,
        };
        metrics::APPEND_SECONDS.observe(begun.elapsed(), []);
        if let Err(error) = &outcome {
            metrics::APPEND_FAILURES.add(1, [("reason", error.reason())]);
            if let Some(unsaid) = NOT_STORED.say() {
                warn!(channel, %error, unsaid, "events are not stored, the channel is told to try again");
            }
        }
        outcome
    }
}

/// The account that all of them belong to.
fn account(envelopes: &[Envelope]) -> Option<String> {
    let mut accounts = envelopes.iter().map(|envelope| envelope.account.as_ref()?.external_id.as_ref());
    let first = accounts.next()??;
    accounts.all(|other| other == Some(first)).then(|| first.clone())
}

/// Why not all events are stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// The log did not take them.
    #[error(transparent)]
    Failed(AppendError),
    /// Somebody else is storing some of them.
    #[error("another call is storing the same events")]
    Pending,
}

/// What a delivery was turned into.
#[derive(Debug)]
pub struct Normalized {
    /// Its events, stamped.
    pub envelopes: Vec<Envelope>,
    /// Items that carry no event.
    pub skipped: Vec<Skipped>,
    /// It could not be read: its one event holds the whole of it.
    pub malformed: bool,
}

/// Turns a delivery into envelopes. What `kenh serve` stores and what `kenh normalize` prints are both made here.
pub fn normalize(stamp: &Stamp<'_>, delivery: Delivery<'_>) -> Normalized {
    let (batch, malformed) = match stamp.endpoint.connector.normalize(delivery) {
        Ok(batch) => (batch, false),
        Err(error) => (kept_whole(stamp.endpoint, delivery, error), true),
    };
    stamped(stamp, batch, malformed, delivery)
}

/// The envelopes of a batch.
pub(crate) fn stamped(stamp: &Stamp<'_>, batch: Batch, malformed: bool, delivery: Delivery<'_>) -> Normalized {
    let envelopes = batch.events.into_iter().map(|event| stamp.apply(event, delivery)).collect();
    Normalized { envelopes, skipped: batch.skipped, malformed }
}

/// A genuine delivery that cannot be read must not be lost: it becomes an event that holds its bytes.
fn kept_whole(endpoint: &Endpoint, delivery: Delivery<'_>, error: Malformed) -> Batch {
    warn!(channel = endpoint.channel, endpoint = endpoint.name, %error, "a genuine delivery cannot be read, it is kept");
    Event::unsupported(None, delivery.body, None, error.reason, Some(error.detail)).into()
}
