//! Where a subscription stands in one partition: what is done with, what is in flight, what waits.
//!
//! Pure: time comes in as a parameter, and what has to be sent, saved and parked goes out. One event of a conversation
//! is in flight at a time; the others of that conversation wait behind it, and nobody else does.

mod lanes;
mod state;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use kenh_log::Entry;
use tokio::time::Instant;
use uuid::Uuid;

use super::Policy;
use lanes::{Lane, Lanes};
pub(crate) use state::{BrokenState, Past, Snapshot, delivered};

/// Events that may be open at once, however small.
const MOST_OPEN: usize = 10_000;
/// Bytes of them.
const MOST_BYTES: usize = 4 << 20;

/// An event in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Id {
    /// A parked one that is delivered again. It comes first in its conversation: it is older than what waits.
    Parked(Uuid),
    /// By its offset.
    Log(u64),
}

/// One delivery of an event: what acknowledges it must name both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) id: Id,
    pub(crate) attempt: u32,
}

/// What is to be done with an event that was not done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nack {
    /// Deliver it again, after so long or as the policy says.
    Retry(Option<Duration>),
    Park,
    Skip,
}

#[derive(Debug)]
struct Item {
    entry: Arc<Entry>,
    lane: Lane,
    attempts: u32,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Behind others of its conversation, or ready.
    Waiting,
    /// On its way to the transport: the lease has not begun.
    Sending,
    /// With the consumer.
    Leased(Instant),
    /// Delivered again then.
    Delayed(Instant),
}

impl Item {
    fn is_in_flight(&self) -> bool {
        matches!(self.phase, Phase::Sending | Phase::Leased(_))
    }
}

/// An event that leaves the window for the parked ones.
#[derive(Debug, Clone)]
pub(crate) struct ToPark {
    pub(crate) id: Id,
    pub(crate) entry: Arc<Entry>,
    pub(crate) attempts: u32,
    pub(crate) reason: String,
}

/// The window.
#[derive(Debug)]
pub(crate) struct Window {
    policy: Policy,
    /// Next offset to read.
    read_to: u64,
    /// Of events at or behind it nothing is known yet; of those before it that are not open, all is done.
    mark: u64,
    /// Open events of an earlier holder that are not read again yet.
    past: BTreeMap<u64, Past>,
    items: BTreeMap<Id, Item>,
    lanes: Lanes,
    /// To be sent, in this order.
    ready: BTreeSet<Id>,
    timers: BTreeSet<(Instant, Id)>,
    in_flight: usize,
    bytes: usize,
    /// Parked since the last save.
    parked: Vec<ToPark>,
    /// Redelivered parked events that are done with since the last save.
    unparked: Vec<Uuid>,
    /// Something was decided since the last snapshot.
    changed: bool,
    /// Something was delivered since.
    touched: bool,
}

impl Window {
    /// The window as it was saved.
    pub(crate) fn load(policy: Policy, position: u64, state: &[u8]) -> Result<Self, BrokenState> {
        let (mark, past) = state::decode(position, state)?;
        Ok(Self {
            policy,
            read_to: position,
            mark,
            past,
            items: BTreeMap::new(),
            lanes: Lanes::default(),
            ready: BTreeSet::new(),
            timers: BTreeSet::new(),
            in_flight: 0,
            bytes: 0,
            parked: Vec::new(),
            unparked: Vec::new(),
            changed: false,
            touched: false,
        })
    }

    /// Everything before this offset is done with.
    pub(crate) fn position(&self) -> u64 {
        let open = self.items.keys().find_map(|id| match id {
            Id::Log(offset) => Some(*offset),
            Id::Parked(_) => None,
        });
        let past = self.past.keys().next().copied();
        [open, past].into_iter().flatten().fold(self.read_to, u64::min)
    }

    /// The offset to read from, when there is room for more.
    pub(crate) fn wants(&self) -> Option<u64> {
        (self.items.len() < MOST_OPEN && self.bytes < MOST_BYTES).then_some(self.read_to)
    }

    /// Whether there is something to send.
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Bytes of the events it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes what was read from `read_to` up to `next`; `wall` is the time of day that saved delays are told in.
    pub(crate) fn read(&mut self, entries: Vec<Arc<Entry>>, next: u64, now: Instant, wall: i64) {
        for entry in entries {
            let offset = entry.offset;
            if offset < self.read_to {
                continue;
            }
            match self.past.remove(&offset) {
                Some(past) => {
                    let delayed = past.delay(wall, self.policy.retry_max.max(self.policy.ack_deadline));
                    let id = Id::Log(offset);
                    self.insert(id, entry, past.attempts);
                    match delayed {
                        Some(delay) => self.delay(id, now + delay),
                        None => self.park_if_spent(id),
                    }
                }
                None if offset < self.mark => {}
                None => self.insert(Id::Log(offset), entry, 0),
            }
        }
        self.read_to = next.max(self.read_to);
        // What the log no longer holds will never be read.
        self.past = self.past.split_off(&self.read_to);
    }

    /// Takes a parked event that is to be delivered again, unless it is here already.
    pub(crate) fn redeliver(&mut self, parked: Uuid, entry: Arc<Entry>) {
        if !self.items.contains_key(&Id::Parked(parked)) {
            self.insert(Id::Parked(parked), entry, 0);
        }
    }

    fn insert(&mut self, id: Id, entry: Arc<Entry>, attempts: u32) {
        let lane = Lane::of(&entry.meta);
        self.bytes += entry.bytes.len();
        self.lanes.join(&lane, id);
        self.items.insert(id, Item { entry, lane: lane.clone(), attempts, phase: Phase::Waiting });
        self.make_ready(&lane);
    }

    /// The first of a conversation in which nothing is in flight may be sent.
    fn make_ready(&mut self, lane: &Lane) {
        if let Some((first, others)) = self.lanes.waiting(lane) {
            self.ready.insert(first);
            for other in others {
                self.ready.remove(&other);
            }
        }
    }

    /// The next event to send. It is on its way until [`left`](Self::left).
    pub(crate) fn take(&mut self) -> Option<(Lease, Arc<Entry>)> {
        let id = self.ready.pop_first()?;
        let item = self.items.get_mut(&id)?;
        self.lanes.begin(&item.lane, id);
        item.attempts = item.attempts.saturating_add(1);
        item.phase = Phase::Sending;
        self.in_flight += 1;
        self.touched = true;
        if let Id::Log(offset) = id {
            self.mark = self.mark.max(offset.saturating_add(1));
        }
        Some((Lease { id, attempt: item.attempts }, item.entry.clone()))
    }

    /// An event has left the server: its lease begins.
    pub(crate) fn left(&mut self, lease: Lease, now: Instant) {
        if let Some(item) = self.items.get_mut(&lease.id)
            && item.attempts == lease.attempt
            && item.phase == Phase::Sending
        {
            let until = now + self.policy.ack_deadline;
            item.phase = Phase::Leased(until);
            self.timers.insert((until, lease.id));
        }
    }

    /// The consumer is done with an event. Whether it had it.
    pub(crate) fn ack(&mut self, lease: Lease) -> bool {
        self.is_in_flight(lease) && self.finish(lease.id)
    }

    /// The consumer is not done with an event. Whether it had it.
    pub(crate) fn nack(&mut self, lease: Lease, nack: &Nack, reason: &str, now: Instant) -> bool {
        if !self.is_in_flight(lease) {
            return false;
        }
        match nack {
            Nack::Skip => return self.finish(lease.id),
            Nack::Park => self.park(lease.id, if reason.is_empty() { "parked by the consumer" } else { reason }),
            Nack::Retry(_) if lease.attempt >= self.policy.max_attempts => {
                self.park(lease.id, if reason.is_empty() { "refused by the consumer" } else { reason });
            }
            Nack::Retry(after) => {
                self.delay(lease.id, now + after.unwrap_or_else(|| self.policy.backoff(lease.attempt)));
            }
        }
        true
    }

    /// The consumer needs longer. Whether it had the event.
    pub(crate) fn extend(&mut self, lease: Lease, by: Duration, now: Instant) -> bool {
        let known = self.is_in_flight(lease);
        if known && let Some(item) = self.items.get_mut(&lease.id) {
            if let Phase::Leased(until) = item.phase {
                self.timers.remove(&(until, lease.id));
            }
            item.phase = Phase::Leased(now + by);
            self.timers.insert((now + by, lease.id));
        }
        known
    }

    /// When something is due.
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Leases that are over and waits that are: the leases, since what was in flight no longer is.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Lease> {
        let mut over = Vec::new();
        while let Some((at, id)) = self.timers.first().copied()
            && at <= now
        {
            self.timers.pop_first();
            let Some(item) = self.items.get_mut(&id) else { continue };
            if let Phase::Leased(_) = item.phase {
                let attempt = item.attempts;
                over.push(Lease { id, attempt });
                if attempt >= self.policy.max_attempts {
                    self.park(id, "not acknowledged in time");
                } else {
                    self.delay(id, now + self.policy.backoff(attempt));
                }
            } else {
                item.phase = Phase::Waiting;
                self.ready.insert(id);
            }
        }
        over
    }

    /// The consumer has gone: what it had waits again, for the next one.
    pub(crate) fn recall(&mut self) {
        let in_flight = |(id, item): (&Id, &Item)| item.is_in_flight().then_some(*id);
        let recalled: Vec<_> = self.items.iter().filter_map(in_flight).collect();
        for id in recalled {
            let Some(item) = self.items.get_mut(&id) else { continue };
            if let Phase::Leased(at) = std::mem::replace(&mut item.phase, Phase::Waiting) {
                self.timers.remove(&(at, id));
            }
            self.in_flight -= 1;
            let lane = item.lane.clone();
            self.lanes.join(&lane, id);
            self.lanes.end(&lane);
            self.make_ready(&lane);
            self.park_if_spent(id);
        }
    }

    /// A consumer that goes away whenever it gets a certain event must not get it for ever.
    fn park_if_spent(&mut self, id: Id) {
        if self.items.get(&id).is_some_and(|item| item.attempts >= self.policy.max_attempts) {
            self.park(id, "its consumer went away with it");
        }
    }

    /// Events with the consumer or on their way to it.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    fn is_in_flight(&self, lease: Lease) -> bool {
        self.items.get(&lease.id).is_some_and(|item| item.attempts == lease.attempt && item.is_in_flight())
    }

    fn delay(&mut self, id: Id, until: Instant) {
        let Some(item) = self.items.get_mut(&id) else { return };
        self.changed = true;
        match std::mem::replace(&mut item.phase, Phase::Delayed(until)) {
            Phase::Leased(at) => {
                self.timers.remove(&(at, id));
                self.in_flight -= 1;
            }
            Phase::Sending => self.in_flight -= 1,
            Phase::Waiting | Phase::Delayed(_) => {
                self.lanes.begin(&item.lane, id);
                self.ready.remove(&id);
            }
        }
        self.timers.insert((until, id));
    }

    fn park(&mut self, id: Id, reason: &str) {
        if let Some(Item { entry, attempts, .. }) = self.items.get(&id) {
            let (entry, attempts) = (entry.clone(), *attempts);
            self.parked.push(ToPark { id, entry, attempts, reason: reason.into() });
            self.finish(id);
        }
    }

    /// The event is done with; the next of its conversation comes forward.
    fn finish(&mut self, id: Id) -> bool {
        let Some(item) = self.items.remove(&id) else { return false };
        self.in_flight -= usize::from(item.is_in_flight());
        match item.phase {
            Phase::Leased(at) | Phase::Delayed(at) => _ = self.timers.remove(&(at, id)),
            Phase::Waiting => _ = self.ready.remove(&id),
            Phase::Sending => {}
        }
        self.bytes -= item.entry.bytes.len();
        self.changed = true;
        if let Id::Parked(parked) = id {
            self.unparked.push(parked);
        }
        if item.phase == Phase::Waiting {
            self.lanes.leave(&item.lane, id);
        } else {
            self.lanes.end(&item.lane);
        }
        self.make_ready(&item.lane);
        true
    }
}
