//! Calls into events, by the endpoint's programs.

mod item;
mod parties;
mod payload;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use connector_sdk::{Batch, Delivery, Event, Malformed, digest_key, place};
use jaq_json::Val;
use kenh_proto::v1::Envelope;

use crate::{
    body::{self, Format},
    jq::{Bound, Ended, Meter, Program},
    json,
};

/// How an endpoint makes events of bodies.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// The account of events for which the program names none.
    pub(crate) account: String,
    pub(crate) format: Format,
    /// The headers that programs see.
    pub(crate) headers: Vec<&'static str>,
    /// What lists the items of a body, each of which is then read by itself.
    pub(crate) items: Option<Program>,
    /// What makes events of an item.
    pub(crate) events: Program,
}

/// Events of one call at most.
const MOST_EVENTS: usize = 1000;
/// Bytes that the events of one call hold at most, as several may carry the whole of it.
const MOST_RAW: usize = 64 << 20;

/// The program failed.
const FAILED: &str = "mapping_failed";
/// It reached a bound.
const BOUND: &str = "mapping_bound";
/// What it gave is no event.
const SHAPE: &str = "mapping_shape";
/// It says itself that it knows no such event.
const NOT_TYPED: &str = "not_typed";
/// The member that marks an item on its own.
const ALONE: &str = "kenh_item";

impl Mapping {
    /// What programs see beside their input: the headers that were allowed, the whole body, the account.
    pub(crate) const VARIABLES: &'static [&'static str] = &["$headers", "$body", "$account"];

    /// Reads a call.
    pub(crate) fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        let (body, mended) = self.format.read(delivery.body)?;
        let variables = [body::headers(delivery, &self.headers), body.clone(), json::text(&self.account)];
        let meter = Meter::default();
        let mut reading = Reading {
            mapping: self,
            whole: delivery.body,
            place: None,
            mended,
            events: Vec::new(),
            keys: HashMap::new(),
            room: MOST_RAW,
            given: 0,
            seen: HashSet::new(),
        };
        let Some(items) = &self.items else {
            reading.item(body, delivery.body, &variables, &meter);
            return Ok(reading.batch());
        };
        if let Some(item) = alone(&body) {
            let raw = item.to_string();
            reading.place = Some(0);
            reading.item(item, raw.as_bytes(), &variables, &meter);
            return Ok(reading.batch());
        }
        for (index, item) in items.run(body, &variables, &meter).enumerate() {
            if reading.is_full() {
                break;
            }
            match item {
                Ok(item) => {
                    let raw = item.to_string();
                    reading.place = Some(index);
                    reading.item(item, raw.as_bytes(), &variables, &meter);
                }
                Err(ended) => {
                    let (reason, detail) = told(ended);
                    // Of the items that were not listed, the body is all there is.
                    let reason = if reason == BOUND { "items_bound" } else { "items_failed" };
                    reading.place = None;
                    reading.unsupported(delivery.body, None, reason, Some(detail));
                }
            }
        }
        Ok(reading.batch())
    }

    /// The call in which one item would have come alone.
    pub(crate) fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        if self.items.is_none() || place(envelope).is_none() {
            return item.into();
        }
        [format!("{{\"{ALONE}\":").as_bytes(), item, b"}"].concat().into()
    }
}

fn alone(body: &Val) -> Option<Val> {
    let Val::Obj(members) = body else { return None };
    members.get(&json::text(ALONE)).filter(|_| members.len() == 1).cloned()
}

/// Why a program gave no more, for an integrator; nothing of what it said.
fn told(ended: Ended) -> (&'static str, String) {
    match ended {
        Ended::Error => (FAILED, "the program ended with an error; give the call as an example to see it".into()),
        Ended::Bound(Bound::Steps) => (BOUND, "the program takes more steps than a call may".into()),
        Ended::Bound(Bound::Size) => (BOUND, "the program works with a larger value than a call may".into()),
    }
}

/// What has come of a call so far.
struct Reading<'m> {
    mapping: &'m Mapping,
    whole: &'m [u8],
    /// Which item it is about, where a program lists them.
    place: Option<usize>,
    mended: Option<&'static str>,
    events: Vec<Event>,
    /// The accounts and keys there are, with the digest of what the program gave.
    keys: HashMap<(String, String), String>,
    /// Bytes that further events may hold.
    room: usize,
    /// What programs gave so far, nothing left out but `null`.
    given: usize,
    /// The digests of what was given for this item.
    seen: HashSet<String>,
}

impl Reading<'_> {
    fn item(&mut self, item: Val, raw: &[u8], variables: &[Val], meter: &Meter) {
        let mapping = self.mapping;
        self.seen.clear();
        for given in mapping.events.run(item, variables, meter) {
            match given {
                Ok(Val::Arr(several)) => several.iter().for_each(|one| self.given(one, raw)),
                Ok(one) => self.given(&one, raw),
                Err(ended) => {
                    let (reason, detail) = told(ended);
                    self.unsupported(raw, None, reason, Some(detail));
                }
            }
            if self.is_full() {
                break;
            }
        }
    }

    /// What a program gave: an event, or nothing.
    fn given(&mut self, given: &Val, raw: &[u8]) {
        if matches!(given, Val::Null) || self.is_full() {
            return;
        }
        if self.given == MOST_EVENTS {
            return self.too_many();
        }
        self.given += 1;
        let text = given.to_string();
        // The same once more is no other event; seen here, it costs nothing of the call's bytes.
        if !self.seen.insert(digest_key(text.as_bytes())) {
            return;
        }
        match item::event(&text, raw, &self.mapping.account) {
            Ok(event) => self.push(event, &text),
            Err(fault) => {
                let account = Some(self.mapping.account.as_str());
                let mut event = Event::unsupported(account, raw, None, fault.reason, Some(fault.detail));
                // Several of one item are told apart.
                event.envelope.dedupe_key = digest_key(&[raw, text.as_bytes()].concat());
                self.push(event, &text);
            }
        }
    }

    fn unsupported(&mut self, raw: &[u8], kind: Option<&str>, reason: &'static str, detail: Option<String>) {
        let event = Event::unsupported(Some(&self.mapping.account), raw, kind, reason, detail);
        self.push(event, reason);
    }

    /// Takes an event, unless it is there already: then it is another one only where the program gave something else.
    fn push(&mut self, event: Event, given: &str) {
        if self.is_full() {
            return;
        }
        if self.events.len() == MOST_EVENTS || event.raw.len() > self.room {
            return self.too_many();
        }
        let account = event.envelope.account.as_ref().and_then(|account| account.external_id.clone());
        let id = (account.unwrap_or_default(), event.envelope.dedupe_key.clone());
        let digest = digest_key(given.as_bytes());
        let mut event = event.degraded(self.mended);
        if let Some(index) = self.place {
            event = event.placed(|| format!("items[{index}]"));
        }
        if let Some(known) = self.keys.get(&id) {
            if *known == digest {
                return;
            }
            event.envelope.dedupe_key = format!("{}#{digest}", id.1);
            event = event.degraded(Some("repeated_key"));
        }
        self.room -= event.raw.len();
        self.keys.insert(id, digest);
        self.events.push(event);
    }

    /// Keeps the whole call in place of what is left of it.
    fn too_many(&mut self) {
        let detail =
            format!("a call may hold {MOST_EVENTS} events and {} MiB of what they were made from", MOST_RAW >> 20);
        let account = Some(self.mapping.account.as_str());
        self.events.push(Event::unsupported(account, self.whole, None, "too_many_events", Some(detail)));
        self.room = 0;
    }

    fn is_full(&self) -> bool {
        self.room == 0
    }

    fn batch(self) -> Batch {
        if self.events.is_empty() {
            return Batch::skipped("no_event");
        }
        Batch { events: self.events, skipped: Vec::new() }
    }
}
