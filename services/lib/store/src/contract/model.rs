//! Members and windows against a simple model of them: whatever the order of the calls, at most one holds a window,
//! only the holder saves, epochs rise.

use std::{collections::BTreeMap, time::Duration};

use super::{Handles, LONG, create, id, member, save};
use crate::{Member, Save, Saved, Store};

const PARTITIONS: u32 = 2;
const CONSUMERS: u8 = 3;

/// One call: which, by whom (two processes, three consumers, two sessions of each), on which window.
pub type Step = [u8; 3];

#[derive(Debug, Default)]
struct Model {
    /// Who is there, by session.
    there: BTreeMap<u128, Member>,
    windows: BTreeMap<u32, Place>,
}

#[derive(Debug, Default)]
struct Place {
    holder: Option<u128>,
    position: u64,
    /// The last epoch each session was given; kept when it is gone, to try with.
    given: BTreeMap<u128, u64>,
    highest: u64,
}

/// Makes the calls on a store and on the model; panics where they differ. The store has no subscription yet.
pub async fn replay(handles: &Handles, steps: &[Step]) {
    create(&handles[0], "crm").await;
    let mut model = Model::default();
    for partition in 0..PARTITIONS {
        model.windows.insert(partition, Place::default());
    }
    for (number, [what, who, partition]) in steps.iter().enumerate() {
        let store = &*handles[usize::from(who % 2)];
        let (process, consumer) = (u128::from(who % 2), (who / 2) % CONSUMERS);
        let session = u128::from(who % 12) + 1;
        let me = member("crm", &format!("c{consumer}"), session, process + 100);
        let partition = u32::from(*partition) % PARTITIONS;
        match what % 8 {
            0 | 1 => model.join(store, &me).await,
            2 => model.leave(store, session).await,
            3 | 4 => model.hold(store, &me, partition).await,
            5 => model.save(store, &me, partition, u64::try_from(number).unwrap(), what & 8 > 0).await,
            6 => model.lease_over(store, me.process.as_u128()).await,
            _ => model.seek(store, u64::try_from(number).unwrap()).await,
        }
        model.check(store).await;
    }
}

impl Model {
    fn free(&mut self, session: u128) {
        for place in self.windows.values_mut().filter(|place| place.holder == Some(session)) {
            place.holder = None;
        }
    }

    async fn join(&mut self, store: &dyn Store, me: &Member) {
        assert_eq!(store.join(me, LONG).await, Ok(true));
        let session = me.session.as_u128();
        let replaced =
            |(other, member): (&u128, &Member)| (*other == session || member.consumer == me.consumer).then_some(*other);
        for gone in self.there.iter().filter_map(replaced).collect::<Vec<_>>() {
            self.there.remove(&gone);
            self.free(gone);
        }
        self.there.insert(session, me.clone());
    }

    async fn leave(&mut self, store: &dyn Store, session: u128) {
        assert_eq!(store.leave(id(session)).await, Ok(()));
        self.there.remove(&session);
        self.free(session);
    }

    async fn hold(&mut self, store: &dyn Store, me: &Member, partition: u32) {
        let session = me.session.as_u128();
        let may = self.there.get(&session) == Some(me);
        let place = self.windows.get_mut(&partition).unwrap();
        let held = store.hold(me, partition).await.unwrap();
        assert_eq!(held.is_some(), may && place.holder.is_none(), "{me:?} tries for {partition}: {place:?}");
        if let Some(held) = held {
            assert!(held.epoch > place.highest, "epochs rise");
            assert_eq!(held.position, place.position);
            place.holder = Some(session);
            place.highest = held.epoch;
            place.given.insert(session, held.epoch);
        }
    }

    async fn save(&mut self, store: &dyn Store, me: &Member, partition: u32, position: u64, release: bool) {
        let session = me.session.as_u128();
        let place = self.windows.get_mut(&partition).unwrap();
        let epoch = place.given.get(&session).copied().unwrap_or(place.highest);
        let wanted = if place.holder == Some(session) { Saved::Yes } else { Saved::Fenced };
        let save = Save { release, ..save(me, partition, epoch, position) };
        assert_eq!(store.save(&[save]).await, Ok(vec![wanted]), "{me:?} saves {partition}: {place:?}");
        if wanted == Saved::Yes {
            place.position = position;
            place.holder = place.holder.filter(|_| !release);
        }
    }

    async fn lease_over(&mut self, store: &dyn Store, process: u128) {
        let mut renewed = store.renew(id(process), Duration::ZERO).await.unwrap();
        renewed.sort_unstable();
        let gone = |(session, member): (&u128, &Member)| (member.process == id(process)).then_some(*session);
        let gone: Vec<_> = self.there.iter().filter_map(gone).collect();
        assert_eq!(renewed, gone.iter().map(|session| id(*session)).collect::<Vec<_>>());
        for session in gone {
            self.there.remove(&session);
            self.free(session);
        }
    }

    async fn seek(&mut self, store: &dyn Store, position: u64) {
        // The windows of the subscription that the model does not look at move along.
        assert_eq!(store.seek("crm", &[position; super::PARTITIONS as usize]).await, Ok(true));
        for place in self.windows.values_mut() {
            (place.holder, place.position) = (None, position);
        }
    }

    async fn check(&mut self, store: &dyn Store) {
        let windows = store.windows("crm").await.unwrap();
        for (partition, place) in &mut self.windows {
            let window = &windows[usize::try_from(*partition).unwrap()];
            let holder = place.holder.and_then(|session| self.there.get(&session));
            assert_eq!((window.holder.as_ref(), window.position), (holder, place.position), "window {partition}");
            assert!(window.epoch >= place.highest);
            place.highest = window.epoch;
        }
    }
}
