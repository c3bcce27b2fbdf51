//! What a consumer says of the events it has, and what it is told of that.

use std::{collections::BTreeSet, time::Duration};

use kenh_proto::server as v1;
use kenh_runtime::metrics;
use tokio::time::Instant;
use v1::subscribe_response::Response;

use super::{Consumer, End, Outgoing, Signal};
use crate::{named::window::Nack, status};

/// Longest wait a consumer may ask for.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// Characters of a reason that are kept.
const REASON: usize = 256;

/// An acknowledgement that took effect, and the partitions whose save makes it durable.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    cursor: String,
    partitions: BTreeSet<u32>,
}

/// Answers that are not told yet.
#[derive(Debug, Default)]
pub(super) struct Answers {
    unsaved: Vec<Answer>,
    known: v1::AckResult,
}

impl Answers {
    /// Those that wait for a save.
    pub(super) fn take(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.unsaved)
    }

    /// They were not saved.
    pub(super) fn put_back(&mut self, answers: Vec<Answer>) {
        self.unsaved.splice(0..0, answers);
    }

    /// They were saved, but for those of some partitions.
    pub(super) fn conclude(&mut self, answers: Vec<Answer>, fenced: &BTreeSet<u32>) {
        for Answer { cursor, partitions } in answers {
            if partitions.is_disjoint(fenced) {
                self.known.accepted.push(cursor);
            } else {
                self.known.refused.push(cursor);
            }
        }
    }

    /// Partitions are held no more: what was said of their events and is not saved does not count.
    pub(super) fn refuse(&mut self, gone: &BTreeSet<u32>) {
        let held = |answer: &Answer| answer.partitions.is_disjoint(gone);
        let (held, refused): (Vec<_>, Vec<_>) = self.take().into_iter().partition(held);
        self.unsaved = held;
        self.refuse_all(refused);
    }

    /// They do not count.
    pub(super) fn refuse_all(&mut self, answers: Vec<Answer>) {
        self.known.refused.extend(answers.into_iter().map(|answer| answer.cursor));
    }
}

impl Consumer {
    /// Tells what is known, when there is room.
    pub(super) fn tell_answers(&mut self) {
        let answers = &mut self.answers.known;
        if answers.accepted.is_empty() && answers.refused.is_empty() {
            return;
        }
        if let Ok(permit) = self.outbox.try_reserve() {
            permit.send(response(0, Response::AckResult(std::mem::take(answers))));
        }
    }

    pub(super) fn obey(&mut self, signal: Signal, now: Instant) -> Result<(), End> {
        match signal {
            Signal::Ack(ack) => self.ack(ack),
            Signal::Nack(nack) => return self.nack(nack, now),
            Signal::Extend(extend) => return self.extend(extend, now),
            Signal::Refuse(status) => return Err(End::Failed(status)),
        }
        Ok(())
    }

    fn ack(&mut self, ack: v1::Ack) {
        for cursor in ack.cursors {
            let number = self.outstanding.number(&cursor);
            let numbers = match number {
                Some(number) if self.cumulative => self.outstanding.up_to(number),
                Some(number) => vec![number],
                None => Vec::new(),
            };
            let mut partitions = BTreeSet::new();
            for number in numbers {
                if let Some(delivered) = self.outstanding.remove(number)
                    && self.holding.ack(delivered.partition, delivered.lease)
                {
                    partitions.insert(delivered.partition);
                    metrics::ACKS.add(1, [("outcome", "acknowledged")]);
                }
            }
            self.answer(cursor, partitions);
        }
    }

    fn nack(&mut self, nack: v1::Nack, now: Instant) -> Result<(), End> {
        let (action, label) = match nack.action() {
            v1::NackAction::Park => (Nack::Park, "nack_park"),
            v1::NackAction::Skip => (Nack::Skip, "nack_skip"),
            v1::NackAction::Retry | v1::NackAction::Unspecified => {
                let after = nack.retry_after.map(|after| wait("nack.retry_after", after)).transpose()?;
                (Nack::Retry(after), "nack_retry")
            }
        };
        let reason: String = nack.reason.chars().filter(|c| !c.is_control()).take(REASON).collect();
        for cursor in nack.cursors {
            let mut partitions = BTreeSet::new();
            if let Some(delivered) = self.outstanding.number(&cursor).and_then(|number| self.outstanding.remove(number))
                && self.holding.nack(delivered.partition, delivered.lease, &action, &reason, now)
            {
                partitions.insert(delivered.partition);
                metrics::ACKS.add(1, [("outcome", label)]);
            }
            self.answer(cursor, partitions);
        }
        Ok(())
    }

    /// One that does not take effect is refused; one that does is not worth a word.
    fn extend(&mut self, extend: v1::Extend, now: Instant) -> Result<(), End> {
        let by = wait("extend.by", extend.by.unwrap_or_default())?;
        for cursor in extend.cursors {
            let delivered = self.outstanding.number(&cursor).and_then(|number| self.outstanding.get(number));
            if !delivered.is_some_and(|delivered| self.holding.extend(delivered.partition, delivered.lease, by, now)) {
                self.answer(cursor, BTreeSet::new());
            }
        }
        Ok(())
    }

    fn answer(&mut self, cursor: String, partitions: BTreeSet<u32>) {
        if partitions.is_empty() {
            metrics::ACKS.add(1, [("outcome", "refused")]);
            self.answers.known.refused.push(cursor);
        } else {
            self.answers.unsaved.push(Answer { cursor, partitions });
        }
    }
}

fn wait(field: &str, asked: prost_types::Duration) -> Result<Duration, End> {
    let wait = Duration::try_from(asked).ok().filter(|wait| *wait <= LONGEST);
    wait.ok_or_else(|| End::Failed(status::invalid(field, format!("expected 0 s to {} s", LONGEST.as_secs()))))
}

/// A response as it goes into the outbox.
pub(super) fn response(number: u64, response: Response) -> Outgoing {
    (number, Ok(v1::SubscribeResponse { response: Some(response) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_of_a_partition_that_is_lost_before_it_was_saved_is_refused() {
        let answer =
            |cursor: &str, partition| Answer { cursor: cursor.into(), partitions: BTreeSet::from([partition]) };
        let mut answers = Answers::default();
        answers.put_back(vec![answer("early-1", 1), answer("early-2", 2)]);
        let saving = answers.take();
        // While these are being saved more is said of both partitions; then the first turns out to be another's.
        answers.put_back(vec![answer("late-1", 1), answer("late-2", 2)]);
        let gone = BTreeSet::from([1]);
        answers.conclude(saving, &gone);
        answers.refuse(&gone);
        assert_eq!(
            (answers.known.accepted.clone(), answers.known.refused.clone()),
            (vec!["early-2".into()], vec!["early-1".into(), "late-1".into()])
        );
        let next = answers.take();
        answers.conclude(next, &BTreeSet::new());
        assert_eq!(answers.known.accepted, ["early-2", "late-2"]);
    }
}
