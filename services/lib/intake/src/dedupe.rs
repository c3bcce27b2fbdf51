//! A redelivery is not published again.
//!
//! **What is promised.** An event has the same id each time it is delivered. Within the window it is published once:
//! an id is claimed in the state store before its event is published, and of all processes that share the store one
//! gets the claim. One that dies between publishing and noting that it has leaves a claim that lapses; who takes it
//! over looks into the log first. Publishing again, with the same id, remains possible where nothing can tell: while the
//! state store does not answer, after a confirm of the broker was lost, and where a claim was taken over from a
//! process whose spool still holds the event, or so long ago that searching the log takes too long. Readers know such a repeat by its id.
//!
//! **What it costs.** One round trip for all events that come in while the last one is under way; none for an event that
//! this process has published lately. When the store does not answer in time events are published unchecked, and it is
//! not asked again for a moment: an event is worth more than the knowledge that it is new.

mod claims;
mod notes;
mod recent;

use std::{collections::HashSet, sync::Arc, time::Duration};

use connector_sdk::Section;
use kenh_log::{EventLog, Record};
use kenh_runtime::metrics;
use kenh_store::{Claim, Claimed, Store};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use claims::Claimer;
use notes::{Note, Notes};
use recent::Recent;

/// How long a call waits for another one that is publishing the same event.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(25);
/// How long the log is searched for a taken-over event while its channel waits.
const LOOKUP: Duration = Duration::from_secs(1);
/// Clocks of replicas may differ by so much.
const SKEW: Duration = Duration::from_secs(30);

/// How redeliveries are recognized.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// How long an event is known; `None`: redeliveries are published again.
    pub window: Option<Duration>,
    /// How long publishing an event can take: after that its claim goes to the next who asks.
    pub lapse: Duration,
}

impl Config {
    /// Reads `dedupe`. `lapse` has to be longer than the log takes to say whether an event is stored.
    pub fn read(section: &mut Section<'_>, lapse: Duration) -> Self {
        let enabled = section.boolean("enabled", true);
        let window = section.duration("window", Duration::from_secs(8 * 86_400));
        if enabled && window < Duration::from_secs(60) {
            section.fault("window", "expected at least 1m; to publish redeliveries again, set enabled to false");
        }
        Self { window: enabled.then_some(window), lapse }
    }
}

/// Knows what is published. Cheap to copy.
#[derive(Clone)]
pub(crate) struct Dedupe {
    log: Arc<dyn EventLog>,
    claimer: Claimer,
    notes: Notes,
    recent: Arc<Recent>,
}

/// What is to become of a delivery's events.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    /// To be published.
    pub(crate) publish: Vec<Record>,
    /// Published before.
    pub(crate) duplicates: Vec<Record>,
    /// Being published by somebody else, who has not come to an end in time.
    pub(crate) pending: Vec<Record>,
    /// Partitions whose events wait in the spool that processes share; `None`: the store did not say.
    pub(crate) spooled: Option<Vec<u32>>,
}

impl Dedupe {
    /// Starts the tasks that ask and note, until told to stop.
    pub(crate) fn start(
        log: Arc<dyn EventLog>,
        store: Arc<dyn Store>,
        lapse: Duration,
        stop: &CancellationToken,
    ) -> Self {
        let process = Uuid::new_v4();
        Self {
            log,
            claimer: Claimer::start(store.clone(), process, lapse),
            notes: Notes::start(store, process, stop.clone()),
            recent: Arc::new(Recent::default()),
        }
    }

    /// Sorts events into those to publish and those that are. What is to be published is claimed: call
    /// [`published`](Self::published) or [`given_up`](Self::given_up) afterwards.
    pub(crate) async fn sort(&self, records: Vec<Record>) -> Sorted {
        let mut sorted = Sorted::default();
        let mut own = HashSet::new();
        let mut known = |id: Uuid| self.recent.holds(&id) || !own.insert(id);
        let numbered = records.into_iter().enumerate();
        let (old, mut open): (Vec<_>, Vec<_>) = numbered.partition(|(_, record)| known(record.meta.id));
        sorted.duplicates = old.into_iter().map(|(_, record)| record).collect();
        let mut publish = Vec::new();
        let until = Instant::now() + PATIENCE;
        while !open.is_empty() {
            let ids = open.iter().map(|(_, record)| record.meta.id).collect();
            let Some(Claimed { claims, spooled }) = self.claimer.claim(ids).await else {
                metrics::DEDUPE_UNCHECKED.add(u64::try_from(open.len()).unwrap_or_default(), []);
                sorted.spooled = None;
                publish.append(&mut open);
                break;
            };
            sorted.spooled = Some(spooled);
            let mut waiting = Vec::new();
            for ((number, record), claim) in open.into_iter().zip(claims) {
                match claim {
                    Claim::Published => sorted.duplicates.push(record),
                    Claim::TakenOver { first } if self.is_stored(&record, first).await => {
                        self.notes.note([Note::Published(record.meta.id)]);
                        sorted.duplicates.push(record);
                    }
                    Claim::Mine | Claim::TakenOver { .. } => publish.push((number, record)),
                    Claim::Pending => waiting.push((number, record)),
                }
            }
            open = waiting;
            if open.is_empty() {
                break;
            }
            if Instant::now() >= until {
                sorted.pending = open.into_iter().map(|(_, record)| record).collect();
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        // In the order in which they came, whatever the order of the answers.
        publish.sort_unstable_by_key(|(number, _)| *number);
        sorted.publish = publish.into_iter().map(|(_, record)| record).collect();
        sorted
    }

    /// They are stored.
    pub(crate) fn published(&self, ids: Vec<Uuid>) {
        self.recent.add(&ids);
        self.notes.note(ids.into_iter().map(Note::Published));
    }

    /// They are not.
    pub(crate) fn given_up(&self, ids: Vec<Uuid>) {
        self.notes.note(ids.into_iter().map(Note::GivenUp));
    }

    /// Whether whoever claimed it first has published it after all. What cannot be read is not known to be there.
    async fn is_stored(&self, record: &Record, first: Duration) -> bool {
        let back = i64::try_from((first + SKEW).as_micros()).unwrap_or(i64::MAX);
        let since = record.meta.received_at.saturating_sub(back);
        let reason = match tokio::time::timeout(LOOKUP, self.log.holds(record.meta.id, record.partition, since)).await {
            Ok(Ok(stored)) => return stored,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the log is long since then".into(),
        };
        debug!(reason, "it cannot be known whether an event was published, it is published again");
        false
    }
}
