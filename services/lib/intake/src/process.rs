//! Channels whose connector is an attached process: the same way into the log, with the process in the place of the connector's
//! own code. Who is attached, and how it is asked, is somebody else's business.

use std::collections::HashSet;

use async_trait::async_trait;
use connector_sdk::{
    Ack, Batch, Delivery, Event, Handshake, Proof, RawRequest, Rejected,
    process::{ByProcess, Prover, Unread},
    signature::attested,
};
use http::HeaderMap;
use kenh_runtime::{clock, trace};
use tracing::{debug, warn};
use uuid::Uuid;

use crate::{
    Endpoint, Intake, Stamp,
    pipeline::{Delivered, Normalized, NotStored, Outcome, stamped},
};

/// Asks attached processes.
#[async_trait]
pub trait Processes: Send + Sync {
    /// Has one read a call. Within the endpoint's deadline, and with a batch that keeps every rule of the contract.
    async fn read(
        &self,
        endpoint: &Endpoint,
        by: &ByProcess,
        request: RawRequest<'_>,
        prove: bool,
    ) -> Result<Read, Away>;
}

/// What a process made of a call.
#[derive(Debug)]
pub enum Read {
    /// The channel made it, and this is in it. Whoever asked without `prove` knew the first.
    Events(Batch, Ack),
    /// Nothing proves that the channel made it.
    Refused(Rejected),
    /// It cannot be read: where and what.
    Unreadable(String),
}

/// Why no process has read a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// None is attached.
    Absent,
    /// All that are have as much as they take.
    Busy,
    /// None answered in time.
    Late,
    /// It went away while it read.
    Gone,
    /// Its answer cannot be used.
    Invalid,
}

impl Away {
    /// As a label.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Busy => "busy",
            Self::Late => "late",
            Self::Gone => "gone",
            Self::Invalid => "invalid",
        }
    }

    /// As the channel log has it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Absent => "connector_absent",
            Self::Busy => "connector_busy",
            Self::Late => "connector_late",
            Self::Gone => "connector_gone",
            Self::Invalid => "connector_invalid",
        }
    }
}

/// An event that a process pushed, stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// Its id.
    pub id: Uuid,
    /// It was stored before.
    pub duplicate: bool,
}

impl Intake {
    /// Takes a delivery that a process reads.
    pub(crate) async fn accept_by_process(
        &self,
        endpoint: &Endpoint,
        by: &ByProcess,
        request: RawRequest<'_>,
    ) -> Delivered {
        let prove = by.prover == Prover::Process;
        let gateways = if prove {
            None
        } else {
            match self.verified(endpoint, request).await {
                Ok(verified) => Some(verified),
                Err(rejected) => return Self::rejected(endpoint, rejected),
            }
        };
        let (read, proven) = match self.ask(endpoint, by, request, prove).await {
            Ok(Read::Refused(rejected)) if prove => return Self::rejected(endpoint, rejected),
            // What the gateway or the process has proven.
            Ok(read) => (read, gateways.unwrap_or_else(|| attested(request))),
            Err(away) => match gateways {
                Some(verified) if by.unread == Unread::Keep => (Read::Unreadable(away.reason().into()), verified),
                Some(_) | None => return Outcome::ConnectorAway(away).into(),
            },
        };
        let delivery = proven.delivery();
        let (batch, ack, malformed) = match read {
            Read::Events(batch, ack) => (batch, ack, false),
            Read::Refused(_) => {
                (kept(endpoint, delivery, "the process refused a call that is proven"), Ack::Empty, true)
            }
            Read::Unreadable(detail) => (kept(endpoint, delivery, &detail), Ack::Empty, true),
        };
        let taken = self
            .take(endpoint, proven.proof(), request.received_at, |stamp| stamped(stamp, batch, malformed, delivery));
        Delivered { ack: Some(ack), ..taken.await }
    }

    /// What the channel is answered when it asks something of the address with GET. Nothing is stored.
    pub async fn handshake(&self, endpoint: &Endpoint, request: RawRequest<'_>) -> Result<Handshake, Away> {
        let Some(by) = endpoint.connector.by_process() else { return Ok(endpoint.connector.handshake(request)) };
        Ok(match self.ask(endpoint, by, request, true).await? {
            Read::Events(_, Ack::Text(text)) => Handshake::Answer(text.into()),
            Read::Events(_, Ack::Json(json)) => Handshake::Json(json.into()),
            Read::Events(_, Ack::Empty | Ack::NoContent) => Handshake::Unknown,
            Read::Refused(_) => Handshake::Refused,
            Read::Unreadable(_) => Handshake::Incomplete("this is no request that the channel makes"),
        })
    }

    /// Stores events that a process pushed. Returns when all of them are stored, or it is clear that they are not.
    pub async fn push(&self, endpoint: &Endpoint, events: Vec<Event>) -> Result<Vec<Pushed>, NotStored> {
        let headers = HeaderMap::new();
        // Nothing was delivered: each event brings its own bytes.
        let delivery = Delivery { headers: &headers, body: &[] };
        let span = trace::delivery(endpoint.channel, &endpoint.name);
        let stamp = Stamp {
            endpoint,
            partitions: self.partitions(),
            received_at: clock::now(),
            proof: Some(Proof::Process),
            traceparent: trace::traceparent(&span),
        };
        let batch = Batch { events, skipped: Vec::new() };
        let Normalized { mut envelopes, .. } = stamped(&stamp, batch, false, delivery);
        self.tie(endpoint.channel, &mut envelopes).await;
        let stored = self.store(endpoint.channel, &envelopes).await?;
        let mut new: HashSet<Uuid> = stored.into_iter().collect();
        let ids = envelopes.iter().filter_map(|envelope| Uuid::try_parse(&envelope.id).ok());
        Ok(ids.map(|id| Pushed { id, duplicate: !new.remove(&id) }).collect())
    }

    /// Has a process read a call.
    pub(crate) async fn ask(
        &self,
        endpoint: &Endpoint,
        by: &ByProcess,
        request: RawRequest<'_>,
        prove: bool,
    ) -> Result<Read, Away> {
        let Some(processes) = &self.processes else { return Err(Away::Absent) };
        let read = processes.read(endpoint, by, request, prove).await;
        if let Err(away) = &read {
            debug!(channel = endpoint.channel, endpoint = endpoint.name, reason = away.reason(), "a call was not read");
        }
        read
    }
}

/// A proven call that nobody could read must not be lost: it becomes an event that holds its bytes.
fn kept(endpoint: &Endpoint, delivery: Delivery<'_>, detail: &str) -> Batch {
    warn!(channel = endpoint.channel, endpoint = endpoint.name, detail, "a proven call was not read, it is kept");
    Event::unsupported(None, delivery.body, None, "connector_unread", Some(detail.into())).into()
}
