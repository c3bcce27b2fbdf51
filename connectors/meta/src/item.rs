//! One item of an entry's lists.

use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed},
    time::Epoch,
};
use serde::de::DeserializeOwned;

use super::key;

/// Which list of an entry an item is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Private messages and what belongs to them.
    Messaging,
    /// Like messaging, while another app owns the thread.
    Standby,
    /// Everything else.
    Changes,
}

impl List {
    /// The member of an entry.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::Standby => "standby",
            Self::Changes => "changes",
        }
    }
}

/// One item, not looked into.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The id of the entry: the page or account concerned.
    pub account: Option<&'a str>,
    /// The time of the entry.
    pub time: Option<Epoch>,
    /// Which list.
    pub list: List,
    /// Its bytes.
    pub raw: &'a [u8],
    /// Which entry, and which item of the list.
    pub place: (usize, usize),
}

// By hand: the bytes hold a customer's words.
impl std::fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item").field("list", &self.list).field("place", &self.place).finish_non_exhaustive()
    }
}

impl Item<'_> {
    /// Where it stands in the call.
    pub fn path(&self) -> String {
        let (list, (entry, index)) = (self.list.name(), self.place);
        format!("entry[{entry}].{list}[{index}]")
    }

    /// Reads it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Parsed<T>, Malformed> {
        json::object(self.raw)
    }

    /// An item that cannot be typed. Many such items say nothing but a name, and say it again another day: the time of
    /// the entry tells those apart, and a redelivery repeats it.
    pub fn unsupported(&self, kind: Option<&str>, reason: &'static str, detail: Option<String>) -> Event {
        let at = self.time.and_then(Epoch::timestamp);
        let mut event = Event::unsupported(self.account, self.raw, kind, reason, detail).occurred_at(at);
        if at.is_some() {
            event.envelope.dedupe_key = key::key(&event.envelope.dedupe_key, &[&key::moment(at, self.raw)]);
        }
        event
    }

    /// An item whose `member` (or itself) cannot be read.
    pub fn malformed(&self, kind: Option<&str>, error: &Malformed, member: &str) -> Event {
        let detail = format!("{}{member}: {}", self.path(), error.detail);
        self.unsupported(kind, error.reason, Some(detail))
    }
}
