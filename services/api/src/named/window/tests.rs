//! The window against a simple model: whatever happens, each event is done with exactly once, one of a conversation at
//! a time, in order, and what is saved is what holds.

use std::collections::{BTreeMap, BTreeSet};

use kenh_log::contract::record;
use proptest::prelude::*;

use super::*;

const MAX_ATTEMPTS: u32 = 3;
const DEADLINE: Duration = Duration::from_secs(30);

fn policy() -> Policy {
    let (retry_min, retry_max) = (Duration::from_secs(1), Duration::from_secs(60));
    Policy { ack_deadline: DEADLINE, max_attempts: MAX_ATTEMPTS, retry_min, retry_max }
}

fn entry(offset: u64, conversation: u128) -> Arc<Entry> {
    let record = record(0, 1, conversation);
    Arc::new(Entry { partition: 0, offset, meta: record.meta, bytes: record.bytes })
}

#[derive(Debug, Clone)]
enum Step {
    /// Events of conversations are stored and read; every so many offsets one does not match.
    Read(Vec<u128>),
    Take,
    /// Something of what was taken, by its number: it leaves.
    Left(usize),
    Ack(usize),
    Retry(usize),
    Park(usize),
    Skip(usize),
    Extend(usize),
    Pass(u64),
    /// The holder dies or gives back the window; what was saved last counts, or everything is saved first.
    Reload {
        saved: bool,
    },
    Redrive,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let which = 0usize..8;
    let step = prop_oneof![
        3 => prop::collection::vec(0u128..4, 1..6).prop_map(Step::Read),
        6 => Just(Step::Take),
        4 => which.clone().prop_map(Step::Left),
        5 => which.clone().prop_map(Step::Ack),
        2 => which.clone().prop_map(Step::Retry),
        1 => which.clone().prop_map(Step::Park),
        1 => which.clone().prop_map(Step::Skip),
        1 => which.prop_map(Step::Extend),
        2 => (0u64..40).prop_map(Step::Pass),
        1 => any::<bool>().prop_map(|saved| Step::Reload { saved }),
        1 => Just(Step::Redrive),
    ];
    prop::collection::vec(step, 1..120)
}

/// What is true, kept in the plainest way.
struct Model {
    window: Window,
    now: Instant,
    /// The log: every event, by offset.
    log: BTreeMap<u64, Arc<Entry>>,
    head: u64,
    /// Deliveries that are in flight.
    taken: Vec<(Lease, u128)>,
    /// Acknowledged, skipped or parked since the window was loaded, and as of the last save.
    done: BTreeSet<u64>,
    saved_done: BTreeSet<u64>,
    /// Parked events that are delivered again.
    redriven: BTreeMap<Uuid, Arc<Entry>>,
    saved: (u64, Vec<u8>),
}

fn conversation(entry: &Entry) -> u128 {
    entry.meta.conversation.unwrap().as_u128()
}

impl Model {
    fn new() -> Self {
        Self {
            window: Window::load(policy(), 0, &[]).unwrap(),
            now: Instant::now(),
            log: BTreeMap::new(),
            head: 0,
            taken: Vec::new(),
            done: BTreeSet::new(),
            saved_done: BTreeSet::new(),
            redriven: BTreeMap::new(),
            saved: (0, Vec::new()),
        }
    }

    fn read(&mut self) {
        while let Some(from) = self.window.wants().filter(|from| *from < self.head) {
            let entries = self.log.range(from..(from + 7)).map(|(_, entry)| entry.clone()).collect();
            self.window.read(entries, (from + 7).min(self.head), self.now, 0);
        }
    }

    fn finished(&mut self, lease: Lease) {
        match lease.id {
            Id::Log(offset) => assert!(self.done.insert(offset), "{offset} is done with twice"),
            Id::Parked(id) => assert!(self.redriven.remove(&id).is_some(), "{id} is done with twice"),
        }
    }

    fn pick(&mut self, number: usize) -> Option<Lease> {
        let number = number.checked_rem(self.taken.len())?;
        Some(self.taken.remove(number).0)
    }

    fn take(&mut self) {
        let Some((lease, entry)) = self.window.take() else {
            return self.nothing_is_held_back();
        };
        let lane = conversation(&entry);
        assert!(self.taken.iter().all(|(_, other)| *other != lane), "two of {lane} are in flight");
        if let Id::Log(offset) = lease.id {
            assert!(!self.done.contains(&offset), "{offset} is delivered after it was done with");
            let earlier = self.log.range(..offset).filter(|(_, entry)| conversation(entry) == lane);
            assert!(earlier.into_iter().all(|(offset, _)| self.done.contains(offset)), "{offset} overtakes");
        }
        assert!((1..=MAX_ATTEMPTS).contains(&lease.attempt));
        self.taken.push((lease, lane));
    }

    /// Nothing can be taken: every conversation has something in flight or delayed, or nothing that is open.
    fn nothing_is_held_back(&self) {
        let busy: BTreeSet<_> = self.taken.iter().map(|(_, lane)| *lane).collect();
        for (offset, entry) in self.log.range(..self.window.read_to) {
            let lane = conversation(entry);
            let open = !self.done.contains(offset) && !busy.contains(&lane);
            let delayed = self
                .window
                .items
                .values()
                .any(|item| matches!(item.phase, Phase::Delayed(_)) && conversation(&item.entry) == lane);
            assert!(!open || delayed, "{offset} of {lane} waits for nothing");
        }
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Read(conversations) => {
                for conversation in conversations {
                    self.log.insert(self.head, entry(self.head, conversation));
                    self.head += if self.head.is_multiple_of(5) { 3 } else { 1 };
                }
                self.read();
            }
            Step::Take => self.take(),
            Step::Left(number) => {
                if let Some(number) = number.checked_rem(self.taken.len()) {
                    self.window.left(self.taken[number].0, self.now);
                }
            }
            Step::Ack(number) => {
                let Some(lease) = self.pick(number) else { return };
                assert!(self.window.ack(lease), "its lease is not over");
                assert!(!self.window.ack(lease), "it is done with");
                self.finished(lease);
            }
            Step::Skip(number) => {
                let Some(lease) = self.pick(number) else { return };
                assert!(self.window.nack(lease, &Nack::Skip, "", self.now));
                self.finished(lease);
            }
            Step::Park(number) => {
                let Some(lease) = self.pick(number) else { return };
                assert!(self.window.nack(lease, &Nack::Park, "poison", self.now));
                assert_eq!(self.note_parked(), 1);
            }
            Step::Retry(number) => {
                let Some(lease) = self.pick(number) else { return };
                assert!(self.window.nack(lease, &Nack::Retry(None), "", self.now));
                assert_eq!(self.note_parked(), usize::from(lease.attempt == MAX_ATTEMPTS));
            }
            Step::Extend(number) => {
                if let Some(number) = number.checked_rem(self.taken.len()) {
                    assert!(self.window.extend(self.taken[number].0, DEADLINE * 2, self.now));
                }
            }
            Step::Pass(seconds) => {
                self.now += Duration::from_secs(seconds);
                for lease in self.window.expire(self.now) {
                    let number = self.taken.iter().position(|(taken, _)| *taken == lease).expect("it was in flight");
                    self.taken.remove(number);
                    assert!(!self.window.ack(lease), "its lease is over");
                }
                self.note_parked();
            }
            Step::Reload { saved } => self.reload(saved),
            Step::Redrive => {
                let id = Uuid::new_v4();
                self.redriven.insert(id, entry(0, 1));
                self.window.redeliver(id, entry(0, 1));
            }
        }
    }

    /// What was parked is done with.
    fn note_parked(&mut self) -> usize {
        let parked = std::mem::take(&mut self.window.parked);
        for ToPark { id, attempts, .. } in &parked {
            self.finished(Lease { id: *id, attempt: *attempts });
        }
        parked.len()
    }

    /// Another holder takes the window from what was saved.
    fn reload(&mut self, save: bool) {
        if save {
            self.window.recall();
            self.note_parked();
            let snapshot = self.window.snapshot(self.now, 0);
            (self.saved, self.saved_done) = ((snapshot.position, snapshot.state), self.done.clone());
        }
        self.done = self.saved_done.clone();
        self.taken.clear();
        self.redriven.clear();
        self.window = Window::load(policy(), self.saved.0, &self.saved.1).unwrap();
        self.read();
        self.note_parked();
    }

    fn check(&self) {
        let position = self.window.position();
        for (offset, _) in self.log.range(..position) {
            assert!(self.done.contains(offset), "the position {position} passes over {offset}");
        }
        assert_eq!(self.window.in_flight(), self.taken.len());
        let bytes: usize = self.window.items.values().map(|item| item.entry.bytes.len()).sum();
        assert_eq!(self.window.bytes(), bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_each_event_is_done_with_once_and_in_its_order(steps in steps()) {
        let mut model = Model::new();
        for step in steps {
            model.apply(step);
            model.check();
        }
        // In the end everything can be done with.
        model.read();
        for _ in 0..5000 {
            if model.done.len() == model.log.len() && model.redriven.is_empty() {
                break;
            }
            model.apply(Step::Pass(120));
            model.apply(Step::Take);
            while !model.taken.is_empty() {
                model.apply(Step::Ack(0));
            }
        }
        model.check();
        prop_assert_eq!(model.done.len(), model.log.len());
        prop_assert_eq!(model.window.position(), model.head);
        prop_assert!(model.redriven.is_empty());
    }
}

#[test]
fn the_lease_begins_when_the_event_has_left() {
    let now = Instant::now();
    let mut window = Window::load(policy(), 0, &[]).unwrap();
    window.read(vec![entry(0, 1)], 1, now, 0);
    let (lease, _) = window.take().unwrap();
    assert_eq!(window.next_timer(), None, "it has not left yet");
    assert!(window.expire(now + DEADLINE * 10).is_empty());
    window.left(lease, now + DEADLINE * 10);
    assert!(window.expire(now + DEADLINE * 10 + DEADLINE / 2).is_empty());
    assert_eq!(window.expire(now + DEADLINE * 11), vec![lease]);
}

#[test]
fn a_delay_outlives_the_holder_and_is_no_longer_than_it_can_have_been() {
    let now = Instant::now();
    let mut window = Window::load(policy(), 0, &[]).unwrap();
    window.read(vec![entry(0, 1), entry(1, 2)], 2, now, 0);
    let (lease, _) = window.take().unwrap();
    assert!(window.nack(lease, &Nack::Retry(Some(Duration::from_secs(20))), "", now));
    let wall = 1_700_000_000_000_000;
    let saved = window.snapshot(now, wall);
    for (later, waits) in [(0, 20), (15_000_000, 5), (60_000_000, 0), (-86_400_000_000, 60)] {
        let mut window = Window::load(policy(), saved.position, &saved.state).unwrap();
        window.read(vec![entry(0, 1), entry(1, 2)], 2, now, wall + later);
        if waits > 0 {
            assert_eq!(window.next_timer(), Some(now + Duration::from_secs(waits)), "{later}");
            assert_eq!(window.take().unwrap().0.id, Id::Log(1), "only its own conversation waits");
        }
        window.expire(now + Duration::from_secs(waits));
        assert_eq!(window.take().unwrap().0, Lease { id: Id::Log(0), attempt: 2 });
    }
}

#[test]
fn a_state_that_was_cut_short_is_refused() {
    let now = Instant::now();
    let mut window = Window::load(policy(), 5, &[]).unwrap();
    window.read(vec![entry(5, 1), entry(300, 2)], 301, now, 0);
    let leases: Vec<_> = (0..2).map(|_| window.take().unwrap().0).collect();
    assert!(window.ack(leases[0]));
    let saved = window.snapshot(now, 0);
    assert_eq!(saved.position, 300);
    assert_eq!(state::delivered(saved.position, &saved.state), 1);
    assert!(Window::load(policy(), saved.position, &saved.state).is_ok());
    for end in 1..saved.state.len() {
        let cut = Window::load(policy(), saved.position, &saved.state[..end]);
        assert!(cut.is_err() || end == 2, "{end} of {} bytes", saved.state.len());
    }
    assert!(Window::load(policy(), 0, &[9, 0]).is_err(), "of a later version");
}
