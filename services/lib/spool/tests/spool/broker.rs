//! A broker that fails on demand, and keeps what it took.

use std::{
    collections::HashSet,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use kenh_log::{AppendError, Entry, EventLog, Filter, Limit, Page, ReadError, Record, Tail, contract::PARTITIONS};
use uuid::Uuid;

/// How a publish goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Stored and confirmed.
    Well,
    /// Not there.
    Away,
    /// Takes nothing, says so after a while.
    Refusing,
    /// Takes it and does not say so in time.
    Silent,
    /// What was written lies between here and there, and arrives before whatever is published next.
    Stuck,
    /// The first half arrives, then the connection is lost.
    Broken,
}

#[derive(Default)]
struct State {
    mood: Option<Mood>,
    random: Option<fastrand::Rng>,
    missing: HashSet<u32>,
    on_the_way: Vec<Record>,
    stored: Vec<Record>,
    attempts: usize,
    largest_batch: usize,
}

#[derive(Default)]
pub(crate) struct Broker(Mutex<State>);

impl Broker {
    pub(crate) fn new(mood: Mood) -> Arc<Self> {
        let broker = Self::default();
        broker.be(mood);
        Arc::new(broker)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn be(&self, mood: Mood) {
        let mut state = self.state();
        (state.mood, state.random) = (Some(mood), None);
    }

    /// Every publish goes its own way, the same for the same seed.
    pub(crate) fn be_erratic(&self, seed: u64) {
        self.state().random = Some(fastrand::Rng::with_seed(seed));
    }

    /// Has no queue for a partition.
    pub(crate) fn lose_queue(&self, partition: u32) {
        self.state().missing.insert(partition);
    }

    pub(crate) fn declare_queue(&self, partition: u32) {
        self.state().missing.remove(&partition);
    }

    /// What it stored, in order, repeats included.
    pub(crate) fn stored(&self) -> Vec<Record> {
        self.state().stored.clone()
    }

    /// The ids of a conversation in the order of their first occurrence.
    pub(crate) fn first_occurrences(&self, conversation: Uuid) -> Vec<Uuid> {
        let mut seen = HashSet::new();
        let state = self.state();
        let of_it = state.stored.iter().filter(|record| record.meta.conversation == Some(conversation));
        of_it.map(|record| record.meta.id).filter(|id| seen.insert(*id)).collect()
    }

    pub(crate) fn attempts(&self) -> usize {
        self.state().attempts
    }

    pub(crate) fn largest_batch(&self) -> usize {
        self.state().largest_batch
    }
}

impl State {
    fn next_mood(&mut self) -> (Mood, Duration) {
        const MOODS: [Mood; 8] =
            [Mood::Well, Mood::Well, Mood::Well, Mood::Away, Mood::Refusing, Mood::Silent, Mood::Stuck, Mood::Broken];
        match &mut self.random {
            Some(random) => (MOODS[random.usize(..MOODS.len())], Duration::from_micros(random.u64(..3000))),
            None => (self.mood.unwrap(), Duration::from_millis(1)),
        }
    }

    fn publish(&mut self, records: Vec<Record>, mood: Mood) -> Result<(), AppendError> {
        self.attempts += 1;
        self.largest_batch = self.largest_batch.max(records.len());
        if records.iter().any(|record| self.missing.contains(&record.partition)) {
            return Err(AppendError::Unroutable);
        }
        if !matches!(mood, Mood::Away | Mood::Stuck) {
            let late = std::mem::take(&mut self.on_the_way);
            self.stored.extend(late);
        }
        match mood {
            Mood::Well | Mood::Silent => self.stored.extend(records),
            Mood::Stuck => self.on_the_way.extend(records),
            Mood::Broken => {
                let half = records.len().div_ceil(2);
                self.stored.extend(records.into_iter().take(half));
            }
            Mood::Away | Mood::Refusing => {}
        }
        match mood {
            Mood::Well => Ok(()),
            Mood::Away => Err(AppendError::Unavailable),
            Mood::Refusing => Err(AppendError::Refused),
            Mood::Silent | Mood::Stuck => Err(AppendError::TimedOut),
            Mood::Broken => Err(AppendError::Lost),
        }
    }
}

#[async_trait]
impl EventLog for Broker {
    fn partitions(&self) -> u32 {
        PARTITIONS
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), AppendError> {
        // What is published first arrives first; the answer takes its time.
        let (outcome, delay) = {
            let mut state = self.state();
            let (mood, delay) = state.next_mood();
            (state.publish(records, mood), delay)
        };
        tokio::time::sleep(delay).await;
        outcome
    }

    async fn oldest(&self, _: u32) -> Result<u64, ReadError> {
        Ok(7)
    }

    async fn head(&self, _: u32) -> Result<u64, ReadError> {
        Ok(8)
    }

    async fn offset_at(&self, _: u32, _: i64) -> Result<u64, ReadError> {
        Ok(9)
    }

    async fn read(&self, _: u32, _: Range<u64>, _: &Filter, _: Limit) -> Result<Page, ReadError> {
        Err(ReadError::Expired { oldest: 10 })
    }

    async fn find(&self, _: Uuid, _: Option<u32>) -> Result<Option<Entry>, ReadError> {
        Ok(None)
    }

    async fn follow(&self, _: u32, _: u64) -> Result<Tail, ReadError> {
        Err(ReadError::Expired { oldest: 11 })
    }
}
