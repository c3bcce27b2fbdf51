//! Whose turn it is in each conversation.

use std::collections::{BTreeSet, HashMap};

use kenh_log::Meta;
use uuid::Uuid;

use super::Id;

/// Events that keep their order among themselves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Lane {
    /// Those of a conversation.
    Conversation(Uuid),
    /// Those of an account that belong to no conversation.
    Account { channel: String, account: Option<String> },
}

impl Lane {
    pub(super) fn of(meta: &Meta) -> Self {
        match meta.conversation {
            Some(id) => Self::Conversation(id),
            None => Self::Account { channel: meta.channel.clone(), account: meta.account.clone() },
        }
    }
}

/// What is open in each.
#[derive(Debug, Default)]
pub(super) struct Lanes(HashMap<Lane, Open>);

#[derive(Debug, Default)]
struct Open {
    /// In flight or delayed: the others wait for it.
    busy: bool,
    waiting: BTreeSet<Id>,
}

impl Lanes {
    /// An event waits for its turn.
    pub(super) fn join(&mut self, lane: &Lane, id: Id) {
        match self.0.get_mut(lane) {
            Some(open) => _ = open.waiting.insert(id),
            None => _ = self.0.insert(lane.clone(), Open { busy: false, waiting: BTreeSet::from([id]) }),
        }
    }

    /// It is an event's turn.
    pub(super) fn begin(&mut self, lane: &Lane, id: Id) {
        if let Some(open) = self.0.get_mut(lane) {
            open.busy = true;
            open.waiting.remove(&id);
        }
    }

    /// The one whose turn it was is done with.
    pub(super) fn end(&mut self, lane: &Lane) {
        if let Some(open) = self.0.get_mut(lane) {
            open.busy = false;
            if open.waiting.is_empty() {
                self.0.remove(lane);
            }
        }
    }

    /// An event that waits is done with.
    pub(super) fn leave(&mut self, lane: &Lane, id: Id) {
        if let Some(open) = self.0.get_mut(lane) {
            open.waiting.remove(&id);
            if open.waiting.is_empty() && !open.busy {
                self.0.remove(lane);
            }
        }
    }

    /// The first of those that wait and the one behind it, when it is nobody's turn.
    pub(super) fn waiting(&self, lane: &Lane) -> Option<(Id, std::option::IntoIter<Id>)> {
        let open = self.0.get(lane).filter(|open| !open.busy)?;
        let mut waiting = open.waiting.iter().copied();
        let first = waiting.next()?;
        // Only a newcomer that went first can have pushed one back.
        Some((first, waiting.next().into_iter()))
    }
}
