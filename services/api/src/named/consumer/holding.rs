//! The partitions a stream holds.

use std::collections::BTreeMap;

use kenh_log::Entry;
use kenh_proto::v1::Envelope;
use kenh_store::{Member, Parked};
use prost::Message as _;
use std::sync::Arc;
use tokio::time::Instant;
use tonic::Status;
use tracing::{debug, warn};

use crate::{
    hub::Hub,
    named::{
        Named, Policy,
        members::Share,
        window::{Id, Lease, Nack, Window},
    },
    status,
};

/// The windows of one stream, by partition.
#[derive(Debug, Default)]
pub(super) struct Holding {
    pub(super) windows: BTreeMap<u32, Held>,
    generation: Option<u64>,
    look: u64,
}

/// A window that is held.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) window: Window,
    pub(super) epoch: u64,
    pub(super) saved_position: u64,
    /// It is to be given back once nothing of it is in flight.
    pub(super) leaving: bool,
    /// A save that gives it back is under way.
    pub(super) releasing: bool,
    /// It is to be saved although nothing was acknowledged.
    pub(super) due: bool,
}

impl Held {
    pub(super) fn needs_saving(&self) -> bool {
        self.due || self.window.is_changed() || self.is_free()
    }

    fn is_staying(&self) -> bool {
        !self.leaving && !self.releasing
    }

    /// It can be given back.
    pub(super) fn is_free(&self) -> bool {
        self.leaving && self.window.in_flight() == 0
    }
}

impl Holding {
    /// Whether the subscription was put elsewhere; then nothing is held any more.
    pub(super) fn is_void(&mut self, generation: u64) -> bool {
        let void = self.generation.replace(generation).is_some_and(|before| before != generation);
        if void {
            self.windows.clear();
        }
        void
    }

    /// Holds as many partitions as the share says: marks those to give back, claims free ones.
    pub(super) async fn balance(
        &mut self,
        named: &Named,
        member: &Member,
        policy: Policy,
        share: Share,
    ) -> Result<(), Status> {
        if std::mem::replace(&mut self.look, share.look) == share.look {
            return Ok(());
        }
        // The lowest stay: all agree on which ones go, and none goes for nothing.
        for (index, held) in self.windows.values_mut().enumerate() {
            held.leaving = index >= share.partitions;
        }
        if self.windows.len() < share.partitions {
            self.claim(named, member, policy, share.partitions).await?;
        }
        Ok(())
    }

    /// What the store does not answer now is tried again at the next look.
    async fn claim(&mut self, named: &Named, member: &Member, policy: Policy, most: usize) -> Result<(), Status> {
        let Ok(windows) = named.store.windows(&member.subscription).await else { return Ok(()) };
        let mut free: Vec<_> = windows.iter().filter(|window| window.holder.is_none()).collect();
        // Consumers that look at the same moment begin at different ones.
        let (begin, _) = member.session.as_u64_pair();
        let begin = usize::try_from(begin).unwrap_or_default().checked_rem(free.len()).unwrap_or_default();
        free.rotate_left(begin);
        for partition in free.iter().map(|window| window.partition) {
            if self.windows.len() >= most {
                break;
            }
            let Ok(Some(held)) = named.store.hold(member, partition).await else { continue };
            debug!(subscription = member.subscription, consumer = member.consumer, partition, "holds a partition");
            let window = Window::load(policy, held.position, &held.state).map_err(|error| {
                warn!(subscription = member.subscription, partition, %error, "a subscription cannot go on");
                status::broken_subscription(&member.subscription)
            })?;
            let saved_position = held.position;
            let held = Held { window, epoch: held.epoch, saved_position, leaving: false, releasing: false, due: false };
            self.windows.insert(partition, held);
        }
        Ok(())
    }

    pub(super) fn partitions(&self) -> Vec<u32> {
        self.windows.keys().copied().collect()
    }

    /// Where to read on in a partition: nothing of what was read can be sent, and there is room for more.
    pub(super) fn wants(&self, partition: u32) -> Option<u64> {
        let held = self.windows.get(&partition).filter(|held| held.is_staying())?;
        if held.window.has_ready() { None } else { held.window.wants() }
    }

    pub(super) fn read(&mut self, partition: u32, entries: Vec<Arc<Entry>>, next: u64, now: Instant, wall: i64) {
        if let Some(held) = self.windows.get_mut(&partition) {
            held.window.read(entries, next, now, wall);
        }
    }

    /// The next event to send of a partition that is to stay.
    pub(super) fn take(&mut self, partition: u32) -> Option<(Lease, Arc<Entry>)> {
        self.windows.get_mut(&partition).filter(|held| held.is_staying())?.window.take()
    }

    /// Takes a parked event that is to be delivered again, when its partition is held.
    pub(super) fn redeliver(&mut self, parked: &Parked) {
        let entry = Envelope::decode(parked.envelope.clone()).ok().and_then(|envelope| {
            let (partition, offset, bytes) = (parked.partition, parked.offset, parked.envelope.clone());
            Some(Entry { partition, offset, meta: kenh_log::Meta::of(&envelope)?, bytes })
        });
        if let (Some(entry), Some(held)) = (entry, self.windows.get_mut(&parked.partition)) {
            held.window.redeliver(parked.id, Arc::new(entry));
        }
    }

    pub(super) fn left(&mut self, partition: u32, lease: Lease, now: Instant) {
        if let Some(held) = self.windows.get_mut(&partition) {
            held.window.left(lease, now);
        }
    }

    pub(super) fn ack(&mut self, partition: u32, lease: Lease) -> bool {
        self.windows.get_mut(&partition).is_some_and(|held| held.window.ack(lease))
    }

    pub(super) fn nack(&mut self, partition: u32, lease: Lease, nack: &Nack, reason: &str, now: Instant) -> bool {
        self.windows.get_mut(&partition).is_some_and(|held| held.window.nack(lease, nack, reason, now))
    }

    pub(super) fn extend(&mut self, partition: u32, lease: Lease, by: std::time::Duration, now: Instant) -> bool {
        self.windows.get_mut(&partition).is_some_and(|held| held.window.extend(lease, by, now))
    }

    /// Leases that are over, by partition.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(u32, Vec<Lease>)> {
        let over = self.windows.iter_mut().map(|(partition, held)| (*partition, held.window.expire(now)));
        over.filter(|(_, leases)| !leases.is_empty()).collect()
    }

    pub(super) fn next_timer(&self) -> Option<Instant> {
        self.windows.values().filter_map(|held| held.window.next_timer()).min()
    }

    /// What has moved without an acknowledgement is saved too from time to time.
    pub(super) fn touch(&mut self) {
        for held in self.windows.values_mut() {
            held.due |= held.window.position() != held.saved_position || held.window.is_touched();
        }
    }

    /// Bytes of the events it holds.
    pub(super) fn bytes(&self) -> usize {
        self.windows.values().map(|held| held.window.bytes()).sum()
    }

    /// About how many events lie behind the positions of what it holds.
    pub(super) fn lag(&self, hub: &Hub, heads: &[u64]) -> u64 {
        let behind = |(partition, held): (&u32, &Held)| {
            let head = usize::try_from(*partition).ok().and_then(|index| heads.get(index));
            head.map_or(0, |head| hub.events_between(held.window.position(), *head))
        };
        self.windows.iter().map(behind).sum()
    }
}

/// The id of a parked event: the same event of the same subscription always has the same.
pub(super) fn parked_id(subscription: &str, id: Id, event: uuid::Uuid) -> uuid::Uuid {
    match id {
        Id::Parked(id) => id,
        Id::Log(_) => uuid::Uuid::new_v5(&event, subscription.as_bytes()),
    }
}
