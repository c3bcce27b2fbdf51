//! One item of an entry's lists.

use connector_sdk::{Event, Malformed, json::Parsed, time::Epoch};
use serde::de::DeserializeOwned;

use super::{key, object};

/// Which list of an entry an item is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Messaging,
    /// Like messaging, while another app owns the thread.
    Standby,
    Changes,
}

/// One item, not looked into.
pub(crate) struct Item<'a> {
    /// The id of the entry: the page or account concerned.
    pub(crate) account: Option<&'a str>,
    /// The time of the entry.
    pub(crate) time: Option<Epoch>,
    pub(crate) list: List,
    pub(crate) raw: &'a [u8],
    /// Which entry, and which item of the list.
    pub(super) place: (usize, usize),
}

impl Item<'_> {
    /// Reads it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Parsed<T>, Malformed> {
        object::read(self.raw)
    }

    /// An item that cannot be typed. Many such items say nothing but a name, and say it again another day: the time of
    /// the entry tells those apart, and a redelivery repeats it.
    pub(crate) fn unsupported(&self, kind: Option<&str>, reason: &'static str, detail: Option<String>) -> Event {
        let at = self.time.and_then(Epoch::timestamp);
        let mut event = Event::unsupported(self.account, self.raw, kind, reason, detail).occurred_at(at);
        if at.is_some() {
            event.envelope.dedupe_key = key::key(&event.envelope.dedupe_key, &[&key::moment(at, self.raw)]);
        }
        event
    }

    /// An item whose `member` (or itself) cannot be read.
    pub(crate) fn malformed(&self, kind: Option<&str>, error: &Malformed, member: &str) -> Event {
        let list = match self.list {
            List::Messaging => "messaging",
            List::Standby => "standby",
            List::Changes => "changes",
        };
        let (entry, index) = self.place;
        let detail = format!("entry[{entry}].{list}[{index}]{member}: {}", error.detail);
        self.unsupported(kind, error.reason, Some(detail))
    }
}
