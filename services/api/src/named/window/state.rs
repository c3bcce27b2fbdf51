//! A window as it is saved.
//!
//! Varints: version, mark - position, then for each open event before the mark: offset - the last one's, attempts, and
//! the time of day in seconds at which it is to be delivered again (0: at once).

use std::{collections::BTreeMap, time::Duration};

use prost::encoding::{decode_varint, encode_varint};
use tokio::time::Instant;

use super::{Id, Phase, ToPark, Window};

const VERSION: u64 = 1;

/// A saved state that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the saved state of the window was not written by this program or an older one")]
pub(crate) struct BrokenState;

/// What is known of an open event from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) attempts: u32,
    /// Microseconds since 1970.
    pub(crate) not_before: Option<i64>,
}

impl Past {
    /// What is left of its wait. The clock may have been set meanwhile, so never longer than it can have been.
    pub(super) fn delay(self, wall: i64, longest: Duration) -> Option<Duration> {
        let left = u64::try_from(self.not_before?.saturating_sub(wall)).ok().filter(|left| *left > 0)?;
        Some(Duration::from_micros(left).min(longest))
    }
}

pub(super) fn decode(position: u64, state: &[u8]) -> Result<(u64, BTreeMap<u64, Past>), BrokenState> {
    let mut past = BTreeMap::new();
    if state.is_empty() {
        return Ok((position, past));
    }
    let mut rest = state;
    let mut next = || {
        let value = decode_varint(&mut rest).map_err(|_| BrokenState);
        value.map(|value| (value, rest.is_empty()))
    };
    let (version, _) = next()?;
    if version != VERSION {
        return Err(BrokenState);
    }
    let (ahead, mut at_end) = next()?;
    let mut offset = position;
    while !at_end {
        let ((delta, _), (attempts, _), (seconds, end)) = (next()?, next()?, next()?);
        offset = offset.checked_add(delta).ok_or(BrokenState)?;
        let seconds = i64::try_from(seconds).map_err(|_| BrokenState)?;
        let attempts = u32::try_from(attempts).map_err(|_| BrokenState)?;
        let not_before = (seconds > 0).then(|| seconds.saturating_mul(1_000_000));
        past.insert(offset, Past { attempts, not_before });
        at_end = end;
    }
    Ok((position.checked_add(ahead).ok_or(BrokenState)?, past))
}

/// What has to be saved of a window.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) position: u64,
    pub(crate) state: Vec<u8>,
    pub(crate) park: Vec<ToPark>,
    pub(crate) unpark: Vec<uuid::Uuid>,
}

impl Window {
    /// Whether anything was decided since the last snapshot.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Whether anything was delivered since the last snapshot.
    pub(crate) fn is_touched(&self) -> bool {
        self.touched
    }

    /// What is to be saved now. What is parked with it is given back by [`unsaved`](Self::unsaved) when it was not.
    pub(crate) fn snapshot(&mut self, now: Instant, wall: i64) -> Snapshot {
        (self.changed, self.touched) = (false, false);
        let position = self.position();
        let (park, unpark) = (std::mem::take(&mut self.parked), std::mem::take(&mut self.unparked));
        Snapshot { position, state: self.encode(position, now, wall), park, unpark }
    }

    /// The snapshot could not be saved; the next one holds it too.
    pub(crate) fn unsaved(&mut self, snapshot: Snapshot) {
        self.changed = true;
        self.parked.splice(0..0, snapshot.park);
        self.unparked.splice(0..0, snapshot.unpark);
    }

    fn encode(&self, position: u64, now: Instant, wall: i64) -> Vec<u8> {
        let mut state = Vec::new();
        if self.mark <= position {
            return state;
        }
        encode_varint(VERSION, &mut state);
        encode_varint(self.mark - position, &mut state);
        let mut last = position;
        for (offset, past) in self.open_before_mark(now, wall) {
            encode_varint(offset - last, &mut state);
            encode_varint(past.attempts.into(), &mut state);
            let seconds = past.not_before.map_or(0, |micros| micros.saturating_add(999_999) / 1_000_000);
            encode_varint(u64::try_from(seconds).unwrap_or_default(), &mut state);
            last = offset;
        }
        state
    }

    /// In the order of their offsets: what is read lies before what is not read again yet.
    fn open_before_mark(&self, now: Instant, wall: i64) -> impl Iterator<Item = (u64, Past)> {
        let items = self.items.iter().filter_map(move |(id, item)| {
            let Id::Log(offset) = id else { return None };
            let not_before = match item.phase {
                Phase::Delayed(until) => {
                    let left = i64::try_from(until.saturating_duration_since(now).as_micros()).unwrap_or(i64::MAX);
                    Some(wall.saturating_add(left))
                }
                Phase::Waiting | Phase::Sending | Phase::Leased(_) => None,
            };
            Some((*offset, Past { attempts: item.attempts, not_before }))
        });
        items.chain(self.past.iter().map(|(offset, past)| (*offset, *past))).filter(|(offset, _)| *offset < self.mark)
    }
}

/// Open events of a saved state that were delivered at least once; for showing, so a broken state counts as none.
pub(crate) fn delivered(position: u64, state: &[u8]) -> usize {
    let (_, past) = decode(position, state).unwrap_or_default();
    past.values().filter(|past| past.attempts > 0).count()
}
