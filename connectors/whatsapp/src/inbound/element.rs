//! One item of the lists in a value, and what stands around it.

use connector_meta::{
    item::Item,
    key::{key, moment},
};
use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed, Raw},
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::envelope::Payload;
use prost_types::Timestamp;
use serde::de::DeserializeOwned;

use super::path;
use crate::wire::{Contact, Metadata};

/// The surroundings: which number, and who is named.
pub(super) struct Place<'a> {
    pub(super) item: &'a Item<'a>,
    /// The number's id, or that of its account where the value names no number.
    pub(super) account: Option<String>,
    number: Option<String>,
    pub(super) contacts: Vec<Contact>,
    degraded: Option<&'static str>,
}

impl<'a> Place<'a> {
    /// Finds out.
    pub(super) fn of(
        item: &'a Item<'a>,
        number: Metadata,
        contacts: Vec<Contact>,
        degraded: Option<&'static str>,
    ) -> Self {
        let account = number.phone_number_id.into_option().or_else(|| item.account.map(Into::into));
        Self { item, account, number: number.display_phone_number.into_option(), contacts, degraded }
    }

    /// The business account, within which people's ids hold.
    pub(super) fn scope(&self) -> Option<&str> {
        self.item.account
    }

    /// An item of a list.
    pub(super) fn element(&'a self, list: &'static str, index: usize, raw: &'a Raw) -> Element<'a> {
        Element { place: self, list, index, raw: raw.get().as_bytes() }
    }

    /// An event at this number.
    pub(super) fn event(&self, key: String, raw: &[u8], payload: Payload) -> Event {
        self.named(Event::new(self.account.as_deref(), key, raw, payload))
    }

    fn named(&self, mut event: Event) -> Event {
        event.envelope.account.get_or_insert_default().name.clone_from(&self.number);
        event.degraded(self.degraded)
    }
}

/// One item, not looked into.
pub(super) struct Element<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) list: &'static str,
    pub(super) index: usize,
    pub(super) raw: &'a [u8],
}

impl Element<'_> {
    /// Reads it, or says what is wrong with it.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<Parsed<T>, Vec<Event>> {
        json::object(self.raw).map_err(|error| vec![self.malformed(&error)])
    }

    /// When it happened: its own time, or that of the entry.
    pub(super) fn moment(&self, stated: Option<Epoch>) -> (Option<Timestamp>, Option<&'static str>) {
        let own = stated.map(Epoch::timestamp);
        let at = own.flatten().or_else(|| self.place.item.time?.timestamp());
        (at, (own == Some(None)).then_some(OUT_OF_RANGE))
    }

    /// An item that cannot be typed.
    pub(super) fn unsupported(&self, kind: Option<&str>, reason: &'static str, detail: Option<String>) -> Event {
        let kind = path(self.list, kind);
        let event = Event::unsupported(self.place.account.as_deref(), self.raw, Some(&kind), reason, detail);
        let at = self.place.item.time.and_then(Epoch::timestamp);
        let mut event = self.place.named(event).occurred_at(at);
        // As with whole changes: what names no moment of its own may be told again another day.
        if at.is_some() {
            event.envelope.dedupe_key = key(&event.envelope.dedupe_key, &[&moment(at, self.raw)]);
        }
        event
    }

    /// An item that cannot be read.
    pub(super) fn malformed(&self, error: &Malformed) -> Event {
        self.unsupported(None, error.reason, Some(self.detail(error)))
    }

    /// Where what is wrong.
    pub(super) fn detail(&self, error: &Malformed) -> String {
        format!("{}: {}", self.path(), error.detail)
    }

    /// Where it stands in the call.
    pub(super) fn path(&self) -> String {
        format!("{}.value.{}[{}]", self.place.item.path(), self.list, self.index)
    }
}
