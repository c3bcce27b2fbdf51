//! Named subscriptions: streams whose position the server keeps.

mod budget;
mod consumer;
mod members;
mod outstanding;
mod policy;
mod saver;
mod spec;
#[cfg(test)]
mod tests;
mod window;
#[cfg(feature = "fuzz")]
mod worked;

use std::{sync::Arc, time::Duration};

use kenh_log::EventLog;
use kenh_proto::server as v1;
use kenh_store::Store;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use uuid::Uuid;

use crate::{Config, Hub, cursor::Position, status, view::View};
use budget::Budget;
use consumer::{Consumer, Limit};
pub(crate) use consumer::{Outgoing, Signal};
use members::Members;
use policy::Policy;
use saver::Saver;
pub(crate) use spec::{Spec, name as check_name};
pub(crate) use window::delivered;
#[cfg(feature = "fuzz")]
pub(crate) use worked::{acknowledgement, resaved};

/// Unacknowledged events a consumer that says nothing of it may have.
const USUAL_MESSAGES: u64 = 1000;
/// Bytes of them.
const USUAL_BYTES: u64 = 16 << 20;

/// What all named streams of the process share. Cheap to copy.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) hub: Hub,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) store: Arc<dyn Store>,
    saver: Saver,
    pub(crate) members: Members,
    budget: Arc<Budget>,
    heartbeat: Duration,
}

/// A stream that was opened: it runs when it is told to.
pub(crate) struct Stream {
    /// Where the subscription stands.
    pub(crate) position: Position,
    consumer: Consumer,
}

impl Named {
    /// Starts what keeps leases and saves positions.
    pub(crate) fn start(
        config: &Config,
        hub: Hub,
        log: Arc<dyn EventLog>,
        store: Arc<dyn Store>,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            saver: Saver::start(store.clone()),
            members: Members::start(store.clone(), log.partitions(), config.lease, stop),
            budget: Budget::new(config.windows_bytes),
            heartbeat: config.heartbeat,
            hub,
            log,
            store,
        }
    }

    /// Opens a stream. `left` tells the number of the last delivery that has left the server.
    pub(crate) async fn open(
        &self,
        open: &v1::Open,
        view: View,
        outbox: mpsc::Sender<Outgoing>,
        left: watch::Receiver<u64>,
    ) -> Result<Stream, Status> {
        check_name(&open.subscription)?;
        self.open_any(open, view, outbox, left).await
    }

    /// Opens a stream of the gateway's own, also of a name that callers cannot give.
    pub(crate) async fn open_own(
        &self,
        open: &v1::Open,
        outbox: mpsc::Sender<Outgoing>,
        left: watch::Receiver<u64>,
    ) -> Result<Stream, Status> {
        self.open_any(open, View::own(), outbox, left).await
    }

    async fn open_any(
        &self,
        open: &v1::Open,
        view: View,
        outbox: mpsc::Sender<Outgoing>,
        left: watch::Receiver<u64>,
    ) -> Result<Stream, Status> {
        let name = &open.subscription;
        if open.start.is_some() {
            return Err(status::invalid("open.start", "a named subscription begins where it stands; seek it instead"));
        }
        if open.filter.is_some() {
            return Err(status::invalid("open.filter", "a named subscription has its own filter"));
        }
        let cumulative = match open.ack_mode() {
            v1::AckMode::Individual => false,
            v1::AckMode::Cumulative => true,
            v1::AckMode::None | v1::AckMode::Unspecified => {
                return Err(status::invalid("open.ack_mode", "a named subscription needs INDIVIDUAL or CUMULATIVE"));
            }
        };
        let limit = Limit {
            messages: Some(open.max_outstanding_messages.into()).filter(|most| *most > 0).unwrap_or(USUAL_MESSAGES),
            bytes: Some(open.max_outstanding_bytes).filter(|most| *most > 0).unwrap_or(USUAL_BYTES),
        };
        let no_store = |error| status::store(&error);
        let subscription =
            self.store.get(name).await.map_err(no_store)?.ok_or_else(|| status::no_subscription(name))?;
        let spec = Spec::kept(&subscription)?;
        view.may_follow(&spec.filter)?;
        let windows = self.store.windows(name).await.map_err(no_store)?;
        let position = Position(windows.iter().map(|window| window.position).collect());
        let consumer = match open.consumer_id.as_str() {
            "" => Uuid::new_v4().to_string(),
            given => given.to_owned(),
        };
        let seat = self.members.join(name, &consumer).await.map_err(no_store)?;
        let seat = seat.ok_or_else(|| status::no_subscription(name))?;
        let consumer = Consumer::new(self.clone(), (spec, view), seat, cumulative, limit, outbox, left);
        Ok(Stream { position, consumer })
    }
}

/// A response leaves the server, and with it the deliveries up to a number; 0: none.
pub(crate) fn departed(left: &watch::Sender<u64>, number: u64) {
    left.send_if_modified(|last| std::mem::replace(last, number.max(*last)) < number);
}

impl Stream {
    /// Runs it to its end.
    pub(crate) async fn run(self, signals: mpsc::Receiver<Signal>, stop: CancellationToken) {
        self.consumer.run(signals, stop).await;
    }
}
