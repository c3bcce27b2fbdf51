//! Who reads what: the streams of this process among those of all, and how many partitions each may hold.
//!
//! One task keeps the leases of all streams with one statement at a time. Who is there is in the store; how partitions
//! are shared follows from it, the same for everybody: of `n` consumers in the order of their ids each may hold a
//! fair part, and what nobody holds is free to be claimed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kenh_store::{Member, Parked, Store, StoreError};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

/// Parked events that are handed to a stream at once.
const REDRIVEN: u32 = 256;

/// Where a stream stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is one of them.
    Member(Share),
    /// It is no longer a member: another stream of its consumer took over, or the subscription is gone.
    Gone,
    /// Its lease could not be renewed in time.
    Lapsed,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// Partitions it may hold.
    pub(crate) partitions: usize,
    /// Another one than before: the subscription was put elsewhere, and what is held is void.
    pub(crate) generation: u64,
    /// Number of the look at the store that told so.
    pub(crate) look: u64,
}

/// The members of this process.
#[derive(Debug, Clone)]
pub(crate) struct Members(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    process: Uuid,
    lease: Duration,
    partitions: usize,
    seats: Mutex<HashMap<Uuid, Sender>>,
    hurry: Notify,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {}", self.seats, self.process)
    }
}

#[derive(Debug)]
struct Sender {
    member: Member,
    since: Instant,
    standing: watch::Sender<Standing>,
    redriven: mpsc::Sender<Arc<Parked>>,
}

/// A stream's place. Given up with [`leave`](Self::leave), or when it is dropped and the lease runs out.
#[derive(Debug)]
pub(crate) struct Seat {
    members: Members,
    pub(crate) member: Member,
    pub(crate) standing: watch::Receiver<Standing>,
    /// Parked events of its partitions that are to be delivered again; the same ones again until they are done with.
    pub(crate) redriven: mpsc::Receiver<Arc<Parked>>,
}

impl Members {
    /// Starts keeping leases of so long.
    pub(crate) fn start(store: Arc<dyn Store>, partitions: u32, lease: Duration, stop: &CancellationToken) -> Self {
        let partitions = usize::try_from(partitions).unwrap_or(usize::MAX);
        let (process, seats, hurry) = (Uuid::new_v4(), Mutex::default(), Notify::new());
        let members = Self(Arc::new(Inner { store, process, lease, partitions, seats, hurry }));
        let (keeper, stop) = (members.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = keeper.keep() => {}
            }
        });
        members
    }

    /// Takes a seat. `None`: there is no such subscription.
    pub(crate) async fn join(&self, subscription: &str, consumer: &str) -> Result<Option<Seat>, StoreError> {
        let Inner { store, process, lease, .. } = &*self.0;
        let member = Member {
            subscription: subscription.into(),
            consumer: consumer.into(),
            session: Uuid::new_v4(),
            process: *process,
        };
        if !store.join(&member, *lease).await? {
            return Ok(None);
        }
        let (standing, standings) = watch::channel(Standing::Member(Share::default()));
        let (redriven, handed) = mpsc::channel(usize::try_from(REDRIVEN).unwrap_or(1));
        let sender = Sender { member: member.clone(), since: Instant::now(), standing, redriven };
        {
            let mut seats = self.lock();
            let same = |seat: &&Sender| seat.member.subscription == subscription && seat.member.consumer == consumer;
            for fenced in seats.values().filter(same) {
                fenced.standing.send_replace(Standing::Gone);
            }
            seats.insert(member.session, sender);
        }
        self.hurry();
        Ok(Some(Seat { members: self.clone(), member, standing: standings, redriven: handed }))
    }

    /// Something has changed: look at once.
    pub(crate) fn hurry(&self) {
        self.0.hurry.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Sender>> {
        self.0.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep(&self) {
        let lease = self.0.lease;
        let mut valid_until = Instant::now() + lease;
        loop {
            tokio::select! {
                () = tokio::time::sleep(lease / 5) => {}
                () = self.0.hurry.notified() => {}
            }
            if self.lock().is_empty() {
                valid_until = Instant::now() + lease;
                continue;
            }
            let begun = Instant::now();
            tokio::select! {
                looked = self.look(begun) => match looked {
                    Ok(()) => valid_until = begun + lease,
                    Err(error) => debug!(%error, "leases of consumers could not be renewed, trying again"),
                },
                () = tokio::time::sleep_until(valid_until) => {}
            }
            if Instant::now() >= valid_until {
                warn!("leases of consumers could not be renewed in time: their streams end");
                for seat in self.lock().values() {
                    seat.standing.send_replace(Standing::Lapsed);
                }
                valid_until = Instant::now() + lease;
            }
        }
    }

    /// Renews what is there and tells every stream where it stands.
    async fn look(&self, begun: Instant) -> Result<(), StoreError> {
        let Inner { store, process, lease, .. } = &*self.0;
        let renewed: BTreeSet<_> = store.renew(*process, *lease).await?.into_iter().collect();
        let quotas = quotas(&store.members(*process).await?, self.0.partitions);
        let generations: BTreeMap<_, _> = store.generations(*process).await?.into_iter().collect();
        {
            let seats = self.lock();
            for seat in seats.values().filter(|seat| seat.since < begun) {
                let generation = generations.get(&seat.member.subscription).copied();
                seat.tell(renewed.contains(&seat.member.session), generation, &quotas);
            }
        }
        for parked in store.redriven(*process, REDRIVEN).await? {
            self.hand_over(&Arc::new(parked));
        }
        Ok(())
    }

    /// Every stream of the subscription gets it: the one that holds its partition delivers it.
    fn hand_over(&self, parked: &Arc<Parked>) {
        let seats = self.lock();
        let of = |seat: &&Sender| Some(&seat.member.subscription) == parked.subscription.as_ref();
        for seat in seats.values().filter(of) {
            // It comes again.
            drop(seat.redriven.try_send(parked.clone()));
        }
    }
}

impl Sender {
    fn tell(&self, renewed: bool, generation: Option<u64>, quotas: &HashMap<Uuid, usize>) {
        let partitions = quotas.get(&self.member.session).copied().unwrap_or_default();
        self.standing.send_modify(|standing| {
            *standing = match (*standing, generation) {
                (Standing::Member(before), Some(generation)) if renewed => {
                    Standing::Member(Share { partitions, generation, look: before.look.wrapping_add(1) })
                }
                (Standing::Lapsed, _) => Standing::Lapsed,
                _ => Standing::Gone,
            };
        });
    }
}

/// How many partitions each member may hold. The members come in the order of subscription and consumer.
fn quotas(members: &[Member], partitions: usize) -> HashMap<Uuid, usize> {
    let mut quotas = HashMap::new();
    for group in members.chunk_by(|a, b| a.subscription == b.subscription) {
        for (index, member) in group.iter().enumerate() {
            let (share, rest) = (partitions / group.len(), partitions % group.len());
            quotas.insert(member.session, share + usize::from(index < rest));
        }
    }
    quotas
}

impl Seat {
    /// Gives it up; the partitions are free at once.
    pub(crate) async fn leave(self) -> Result<(), StoreError> {
        self.members.0.store.leave(self.member.session).await?;
        self.members.hurry();
        Ok(())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.members.lock().remove(&self.member.session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(consumers: &[(&str, &str)]) -> Vec<Member> {
        let member = |(subscription, consumer): &(&str, &str)| Member {
            subscription: (*subscription).into(),
            consumer: (*consumer).into(),
            session: Uuid::new_v4(),
            process: Uuid::nil(),
        };
        consumers.iter().map(member).collect()
    }

    #[test]
    fn consumers_of_a_subscription_share_its_partitions_evenly() {
        let members = members(&[("a", "1"), ("a", "2"), ("a", "3"), ("b", "1")]);
        let quotas = quotas(&members, 8);
        let shares: Vec<_> = members.iter().map(|member| quotas[&member.session]).collect();
        assert_eq!(shares, [3, 3, 2, 8]);
    }

    #[test]
    fn with_more_consumers_than_partitions_some_wait() {
        let members = members(&[("a", "1"), ("a", "2"), ("a", "3")]);
        let quotas = quotas(&members, 2);
        let shares: Vec<_> = members.iter().map(|member| quotas[&member.session]).collect();
        assert_eq!(shares, [1, 1, 0]);
    }
}
