//! One stream of a named subscription.

mod acks;
mod deliver;
mod holding;
mod saving;

use std::time::Duration;

use kenh_proto::server as v1;
use kenh_runtime::metrics;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, Interval, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use v1::subscribe_response::Response;

use super::{
    Named, Spec,
    budget::Share,
    members::{Seat, Standing},
    outstanding::{Delivered, Outstanding},
};
use crate::{drain::reconnect_after, status, view::View};
use acks::{Answers, response};
use holding::Holding;
use saving::Saving;

/// How long a stream that drains still takes acknowledgements.
const LAST_ACKS: Duration = Duration::from_secs(2);

/// How long attempts may be unsaved when nothing else is to be saved: a consumer that dies of an event must not get it
/// for ever.
const ATTEMPTS: Duration = Duration::from_secs(1);

/// A response on its way to the transport, with the number of the last delivery that leaves with it.
pub(crate) type Outgoing = (u64, Result<v1::SubscribeResponse, Status>);

/// How much may be with the consumer, not acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

/// What a consumer does beside reading.
#[derive(Debug)]
pub(crate) enum Signal {
    Ack(v1::Ack),
    Nack(v1::Nack),
    Extend(v1::Extend),
    /// It said something that ends the stream.
    Refuse(Status),
}

/// Why a stream ends.
enum End {
    /// The client has gone.
    Gone,
    /// The client is told.
    Failed(Status),
    /// The server goes away.
    Drain,
}

/// The stream.
pub(crate) struct Consumer {
    named: Named,
    spec: Spec,
    view: View,
    seat: Seat,
    cumulative: bool,
    limit: Limit,
    outbox: mpsc::Sender<Outgoing>,
    left: watch::Receiver<u64>,
    left_seen: u64,
    holding: Holding,
    outstanding: Outstanding,
    answers: Answers,
    saving: Saving,
    budget: Share,
    /// Since when the client has read nothing of what waits for it.
    full_since: Option<Instant>,
    /// Since when something was delivered and its attempt is not saved.
    delivered_since: Option<Instant>,
}

impl Consumer {
    pub(crate) fn new(
        named: Named,
        (spec, view): (Spec, View),
        seat: Seat,
        cumulative: bool,
        limit: Limit,
        outbox: mpsc::Sender<Outgoing>,
        left: watch::Receiver<u64>,
    ) -> Self {
        let (stream, _) = seat.member.session.as_u64_pair();
        let budget = named.budget.share();
        Self {
            named,
            spec,
            view,
            seat,
            cumulative,
            limit,
            outbox,
            left,
            left_seen: 0,
            holding: Holding::default(),
            outstanding: Outstanding::new(stream),
            answers: Answers::default(),
            saving: Saving::default(),
            budget,
            full_since: None,
            delivered_since: None,
        }
    }

    /// Delivers until the client goes, something fails, or the server stops. Then what is held is given back.
    pub(crate) async fn run(mut self, mut signals: mpsc::Receiver<Signal>, stop: CancellationToken) {
        let _open = metrics::STREAMS.hold();
        let end = tokio::select! {
            () = stop.cancelled() => End::Drain,
            end = self.work(&mut signals) => end,
        };
        match end {
            End::Gone => {}
            End::Failed(status) => drop(tokio::time::timeout(LAST_ACKS, self.outbox.send((0, Err(status)))).await),
            End::Drain => self.drain(&mut signals).await,
        }
        self.give_back().await;
    }

    async fn work(&mut self, signals: &mut mpsc::Receiver<Signal>) -> End {
        let mut changes = self.named.hub.changes();
        let mut beat = tokio::time::interval(self.named.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        loop {
            changes.mark_unchanged();
            match self.step(signals).await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => {
                    if let Err(end) = self.wait(&mut changes, signals, &mut beat).await {
                        return end;
                    }
                }
                Err(end) => return end,
            }
        }
    }

    /// Does all that can be done now. Whether there may be more.
    async fn step(&mut self, signals: &mut mpsc::Receiver<Signal>) -> Result<bool, End> {
        let now = Instant::now();
        self.full_since = if self.outbox.capacity() == 0 { self.full_since.or(Some(now)) } else { None };
        if self.stalled_at().is_some_and(|at| at <= now) {
            return Err(End::Failed(status::stalled()));
        }
        while let Ok(signal) = signals.try_recv() {
            self.obey(signal, now)?;
        }
        self.note_departures(now);
        self.expire(now);
        self.balance().await?;
        if self.delivered_since.is_some_and(|since| now >= since + ATTEMPTS) {
            self.delivered_since = None;
            self.holding.touch();
        }
        self.save_what_changed();
        self.tell_answers();
        self.deliver().await
    }

    /// Waits for something to do.
    async fn wait(
        &mut self,
        changes: &mut watch::Receiver<u64>,
        signals: &mut mpsc::Receiver<Signal>,
        beat: &mut Interval,
    ) -> Result<(), End> {
        let due = self.due();
        let room = self.outbox.capacity() > 0;
        let outbox = self.outbox.clone();
        tokio::select! {
            version = changes.changed(), if room && !self.is_full() => version.map_err(|_| End::Drain),
            // None: the client sends no more requests, which does not end its stream.
            signal = signals.recv(), if !(signals.is_closed() && signals.is_empty()) => {
                signal.map_or(Ok(()), |signal| self.obey(signal, Instant::now()))
            }
            left = self.left.changed() => left.map_err(|_| End::Gone),
            standing = self.seat.standing.changed() => standing.map_err(|_| End::Gone),
            Some(parked) = self.seat.redriven.recv() => {
                self.holding.redeliver(&parked);
                Ok(())
            }
            outcome = self.saving.outcome() => {
                self.saved(outcome);
                Ok(())
            }
            () = tokio::time::sleep_until(due) => Ok(()),
            // Only to be woken: the room is used when something is sent.
            permit = outbox.reserve(), if !room => permit.map(drop).map_err(|_| End::Gone),
            _ = beat.tick() => self.send_heartbeat().await,
            () = outbox.closed() => Err(End::Gone),
        }
    }

    /// When something of its own is due.
    fn due(&self) -> Instant {
        let far = Instant::now() + Duration::from_secs(60);
        let attempts = self.delivered_since.map(|since| since + ATTEMPTS);
        [self.holding.next_timer(), self.saving.again_at(), self.stalled_at(), attempts]
            .into_iter()
            .flatten()
            .fold(far, Instant::min)
    }

    /// A consumer that reads nothing for as long as it may keep an event keeps others from its partitions.
    fn stalled_at(&self) -> Option<Instant> {
        self.full_since.map(|since| since + self.spec.policy.ack_deadline)
    }

    fn note_departures(&mut self, now: Instant) {
        let left = *self.left.borrow_and_update();
        for Delivered { partition, lease, .. } in self.outstanding.between(self.left_seen, left) {
            self.holding.left(partition, lease, now);
        }
        self.left_seen = left.max(self.left_seen);
    }

    fn expire(&mut self, now: Instant) {
        for (partition, over) in self.holding.expire(now) {
            metrics::ACKS.add(u64::try_from(over.len()).unwrap_or_default(), [("outcome", "expired")]);
            self.outstanding.remove_all(partition, |lease| over.contains(&lease));
        }
    }

    /// Whether as much is with the consumer as may be.
    fn is_full(&self) -> bool {
        self.outstanding.len() >= self.limit.messages || self.outstanding.bytes() >= self.limit.bytes
    }

    async fn send_heartbeat(&mut self) -> Result<(), End> {
        self.holding.touch();
        let heads = self.named.hub.heads().await.map_err(|error| End::Failed(status::unreadable(&error)))?;
        let beat = v1::Heartbeat { cursor: String::new(), lag: self.holding.lag(&self.named.hub, &heads) };
        // One that finds no room is not needed: the client has something to read.
        drop(self.outbox.try_send(response(0, Response::Heartbeat(beat))));
        Ok(())
    }

    /// Says good-bye; what is acknowledged in the next moments still counts.
    async fn drain(&mut self, signals: &mut mpsc::Receiver<Signal>) {
        let drain = response(0, Response::Drain(v1::Drain { reconnect_after: reconnect_after() }));
        let until = Instant::now() + LAST_ACKS;
        drop(tokio::time::timeout_at(until, self.outbox.send(drain)).await);
        while let Ok(Some(signal)) = tokio::time::timeout_at(until, signals.recv()).await {
            if self.obey(signal, Instant::now()).is_err() || self.outbox.is_closed() {
                break;
            }
        }
    }

    async fn give_back(mut self) {
        self.save_the_rest().await;
        self.tell_answers();
        // Else the lease runs out.
        drop(self.seat.leave().await);
    }

    /// Takes and gives back partitions when the standing says so.
    async fn balance(&mut self) -> Result<(), End> {
        let standing = *self.seat.standing.borrow_and_update();
        match standing {
            Standing::Member(share) => {
                if self.holding.is_void(share.generation) {
                    self.outstanding.clear();
                    let answers = [self.saving.forget(), self.answers.take()].concat();
                    self.answers.refuse_all(answers);
                }
                self.holding.balance(&self.named, &self.seat.member, self.spec.policy, share).await.map_err(End::Failed)
            }
            Standing::Gone => Err(End::Failed(self.named.gone(&self.seat.member.subscription).await)),
            Standing::Lapsed => Err(End::Failed(status::lapsed())),
        }
    }
}

impl Named {
    /// Why a member is none any more.
    async fn gone(&self, subscription: &str) -> Status {
        match self.store.get(subscription).await {
            Ok(None) => status::no_subscription(subscription),
            Ok(Some(_)) | Err(_) => status::fenced(),
        }
    }
}
