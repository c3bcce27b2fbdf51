//! One delivery, from its bytes to its outcome.

use std::{sync::Arc, time::Instant};

use connector_sdk::{Batch, Delivery, Event, Malformed, RawRequest, Rejected, Skipped};
use kenh_log::{AppendError, EventLog, Record};
use kenh_proto::{kind_slug, v1::Envelope};
use kenh_runtime::{metrics, trace};
use tracing::{Instrument as _, debug, warn};

use crate::{Endpoint, Stamp};

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every event is stored.
    Stored {
        /// How many.
        events: usize,
    },
    /// It held no event.
    Skipped,
    /// It was genuine and could not be read: the whole of it is stored as one unsupported event.
    Malformed,
    /// Nothing proves its origin. Nothing was parsed, nothing is stored.
    Rejected(Rejected),
    /// Its events could not be stored (all of them); the sender has to try again.
    NotStored(AppendError),
}

impl Outcome {
    /// Whether the channel is told that it is done: the delivery was proven, and what it holds is stored.
    pub const fn is_taken(&self) -> bool {
        match self {
            Self::Stored { .. } | Self::Skipped | Self::Malformed => true,
            Self::Rejected(_) | Self::NotStored(_) => false,
        }
    }

    /// The outcome as a metric label.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Stored { .. } => "stored",
            Self::Skipped => "skipped",
            Self::Malformed => "malformed",
            Self::Rejected(_) => "rejected",
            Self::NotStored(_) => "not_stored",
        }
    }
}

/// The pipeline.
#[derive(Clone)]
pub struct Intake {
    log: Arc<dyn EventLog>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intake")
    }
}

impl Intake {
    /// A pipeline into a log.
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log }
    }

    /// Takes a delivery. Returns when its events are stored, or it is clear that they are not.
    pub async fn accept(&self, endpoint: &Endpoint, request: RawRequest<'_>) -> Outcome {
        let channel = endpoint.channel;
        let verified = match endpoint.connector.verify(request) {
            Ok(verified) => verified,
            Err(rejected) => {
                metrics::REJECTED.add(1, [("channel", channel), ("reason", rejected.reason())]);
                debug!(channel, endpoint = endpoint.name, %rejected, "a webhook call was refused");
                return Outcome::Rejected(rejected);
            }
        };
        let span = trace::delivery(channel, &endpoint.name);
        let stamp = Stamp {
            endpoint,
            partitions: self.log.partitions(),
            received_at: request.received_at,
            proof: Some(verified.proof()),
            traceparent: trace::traceparent(&span),
        };
        let Normalized { envelopes, skipped, malformed } = normalize(&stamp, verified.delivery());
        for Skipped { reason } in skipped {
            metrics::SKIPPED.add(1, [("channel", channel), ("reason", reason)]);
        }
        if envelopes.is_empty() {
            return Outcome::Skipped;
        }
        let append = trace::append(&span, envelopes.len());
        match self.store(channel, &envelopes).instrument(append).await {
            Ok(()) if malformed => Outcome::Malformed,
            Ok(()) => Outcome::Stored { events: envelopes.len() },
            Err(error) => Outcome::NotStored(error),
        }
    }

    async fn store(&self, channel: &'static str, envelopes: &[Envelope]) -> Result<(), AppendError> {
        let records: Vec<_> = envelopes.iter().filter_map(Record::of).collect();
        let begun = Instant::now();
        let outcome = self.log.append(records).await;
        metrics::APPEND_SECONDS.observe(begun.elapsed(), []);
        let label = if outcome.is_ok() { "stored" } else { "not_stored" };
        for envelope in envelopes {
            let kind = kind_slug(envelope.kind());
            metrics::EVENTS.add(1, [("channel", channel), ("kind", kind), ("outcome", label)]);
        }
        if let Err(error) = &outcome {
            metrics::APPEND_FAILURES.add(1, [("reason", error.reason())]);
            warn!(channel, %error, "events are not stored, the channel is told to try again");
        }
        outcome
    }
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
    let envelopes = batch.events.into_iter().map(|event| stamp.apply(event, delivery)).collect();
    Normalized { envelopes, skipped: batch.skipped, malformed }
}

/// A genuine delivery that cannot be read must not be lost: it becomes an event that holds its bytes.
fn kept_whole(endpoint: &Endpoint, delivery: Delivery<'_>, error: Malformed) -> Batch {
    warn!(channel = endpoint.channel, endpoint = endpoint.name, %error, "a genuine delivery cannot be read, it is kept");
    Event::unsupported(None, delivery.body, None, error.reason, Some(error.detail)).into()
}
