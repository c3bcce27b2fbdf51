//! Saving what a stream's windows have come to, one save at a time; acknowledgements are answered when they are saved.

use std::{collections::BTreeSet, future::Future, pin::Pin, time::Duration};

use bytes::Bytes;
use kenh_proto::kind_slug;
use kenh_runtime::{clock, metrics};
use kenh_store::{Parked, Save, Saved};
use tokio::time::Instant;
use tracing::debug;

use super::{Consumer, acks::Answer, holding::parked_id};
use crate::named::{
    saver::Outcome,
    window::{Snapshot, ToPark},
};

/// How long to wait after the store did not answer.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a stream that ends waits for its last save.
const PATIENCE: Duration = Duration::from_secs(3);

/// The save that is under way.
#[derive(Default)]
pub(super) struct Saving {
    running: Option<Running>,
    again_at: Option<Instant>,
}

struct Running {
    outcome: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    windows: Vec<(u32, Snapshot)>,
    answers: Vec<Answer>,
}

impl Saving {
    /// What became of it, when there is one.
    pub(super) async fn outcome(&mut self) -> Outcome {
        match &mut self.running {
            Some(running) => running.outcome.as_mut().await,
            None => std::future::pending().await,
        }
    }

    /// When to try again.
    pub(super) fn again_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// What is under way is of no interest any more. The answers that waited for it.
    pub(super) fn forget(&mut self) -> Vec<Answer> {
        std::mem::take(self).running.map(|running| running.answers).unwrap_or_default()
    }
}

impl Consumer {
    /// Begins to save, unless a save is under way.
    pub(super) fn save_what_changed(&mut self) {
        let now = Instant::now();
        if self.saving.running.is_some() || self.saving.again_at.is_some_and(|at| at > now) {
            return;
        }
        let wall = clock::micros(clock::now());
        let (mut saves, mut windows) = (Vec::new(), Vec::new());
        for (partition, held) in self.holding.windows.iter_mut().filter(|(_, held)| held.needs_saving()) {
            let snapshot = held.window.snapshot(now, wall);
            (held.due, held.releasing) = (false, held.is_free());
            let member = &self.seat.member;
            saves.push(Save {
                subscription: member.subscription.clone(),
                partition: *partition,
                session: member.session,
                epoch: held.epoch,
                position: snapshot.position,
                state: Bytes::copy_from_slice(&snapshot.state),
                park: snapshot.park.iter().map(|item| parked(&member.subscription, *partition, item)).collect(),
                unpark: snapshot.unpark.clone(),
                release: held.releasing,
            });
            windows.push((*partition, snapshot));
        }
        if !saves.is_empty() {
            let outcome = Box::pin(self.named.saver.clone().save(saves));
            self.saving =
                Saving { running: Some(Running { outcome, windows, answers: self.answers.take() }), again_at: None };
        }
    }

    /// Draws the conclusions of a save.
    pub(super) fn saved(&mut self, outcome: Outcome) {
        let Some(Running { windows, answers, .. }) = self.saving.running.take() else { return };
        match outcome {
            Ok(saved) => {
                let mut fenced = BTreeSet::new();
                for ((partition, snapshot), saved) in windows.into_iter().zip(saved) {
                    if saved == Saved::Fenced {
                        fenced.insert(partition);
                    }
                    self.window_saved(partition, &snapshot, saved);
                }
                self.answers.conclude(answers, &fenced);
                self.answers.refuse(&fenced);
            }
            Err(error) => {
                debug!(%error, "positions of a subscription could not be saved, trying again");
                for (partition, snapshot) in windows {
                    if let Some(held) = self.holding.windows.get_mut(&partition) {
                        held.window.unsaved(snapshot);
                        held.releasing = false;
                    }
                }
                self.answers.put_back(answers);
                self.saving.again_at = Some(Instant::now() + PAUSE);
            }
        }
    }

    fn window_saved(&mut self, partition: u32, snapshot: &Snapshot, saved: Saved) {
        let Some(held) = self.holding.windows.get_mut(&partition) else { return };
        let gone = match saved {
            Saved::Yes => {
                held.saved_position = snapshot.position;
                metrics::PARKED.add(u64::try_from(snapshot.park.len()).unwrap_or_default(), [("by", "subscription")]);
                held.releasing
            }
            Saved::Fenced => {
                debug!(partition, "a partition has another holder now, or was put elsewhere");
                true
            }
        };
        if gone {
            self.holding.windows.remove(&partition);
            self.outstanding.remove_all(partition, |_| true);
        }
    }

    /// The last save: everything is given back.
    pub(super) async fn save_the_rest(&mut self) {
        let until = Instant::now() + PATIENCE;
        for last in [false, true] {
            if last {
                for held in self.holding.windows.values_mut() {
                    held.window.recall();
                    held.leaving = true;
                }
                self.saving.again_at = None;
                self.save_what_changed();
            }
            if self.saving.running.is_some() {
                match tokio::time::timeout_at(until, self.saving.outcome()).await {
                    Ok(outcome) => self.saved(outcome),
                    // Its lease runs out; what was not saved is delivered again.
                    Err(_) => return drop(self.saving.forget()),
                }
            }
        }
    }
}

fn parked(subscription: &str, partition: u32, item: &ToPark) -> Parked {
    let meta = &item.entry.meta;
    Parked {
        id: parked_id(subscription, item.id, meta.id),
        subscription: Some(subscription.into()),
        partition,
        offset: item.entry.offset,
        event: meta.id,
        channel: meta.channel.clone(),
        kind: kind_slug(meta.kind).into(),
        reason: item.reason.clone(),
        attempts: item.attempts,
        parked_at: 0,
        redrive: false,
        envelope: item.entry.bytes.clone(),
    }
}
