//! Filters that are not written in the language itself.

mod texts;
mod values;

use jaq_core::{
    Cv, Error, Exn, Native, ValX, ValXs,
    box_iter::box_once,
    native::{Fun, run, v},
};
use jaq_json::Val;

use super::{
    meter::{Meter, Metered},
    patterns, time,
};
use crate::json;

/// What a filter costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It goes through what it reads, and makes one value.
    Value,
    /// It gives many.
    Stream,
}

/// Takes a step.
pub(super) const STEP: &str = "kenh_step";
/// Takes as many as the value is large.
pub(super) const WEIGH: &str = "kenh_weigh";
/// Weighs an index, and refuses an array.
pub(super) const KEY: &str = "kenh_key";
/// `*`.
pub(super) const MULTIPLIED: &str = "kenh_multiplied";
/// `/`.
pub(super) const DIVIDED: &str = "kenh_divided";

/// Those of jaq's that are taken, by name and number of arguments.
const OF_JAQ: &[(&str, usize, Kind)] = &[
    ("error_empty", 0, Kind::Stream),
    ("range", 3, Kind::Stream),
    ("first", 1, Kind::Stream),
    ("last", 1, Kind::Stream),
    ("limit", 2, Kind::Stream),
    ("skip", 2, Kind::Stream),
    ("keys_unsorted", 0, Kind::Value),
    ("key_values", 0, Kind::Value),
    ("floor", 0, Kind::Value),
    ("round", 0, Kind::Value),
    ("ceil", 0, Kind::Value),
    ("utf8bytelength", 0, Kind::Value),
    ("explode", 0, Kind::Value),
    ("implode", 0, Kind::Value),
    ("ascii_downcase", 0, Kind::Value),
    ("ascii_upcase", 0, Kind::Value),
    ("reverse", 0, Kind::Value),
    ("sort", 0, Kind::Value),
    ("sort_by", 1, Kind::Value),
    ("group_by", 1, Kind::Value),
    ("min_by_or_empty", 1, Kind::Value),
    ("max_by_or_empty", 1, Kind::Value),
    ("startswith", 1, Kind::Value),
    ("endswith", 1, Kind::Value),
    ("ltrimstr", 1, Kind::Value),
    ("rtrimstr", 1, Kind::Value),
    ("trim", 0, Kind::Value),
    ("ltrim", 0, Kind::Value),
    ("rtrim", 0, Kind::Value),
    ("tojson", 0, Kind::Value),
    ("length", 0, Kind::Value),
];

type Own = (&'static str, usize, Kind, for<'a> fn(&Given<'a>) -> ValX<'a, Val>);

/// Our own.
const OWN: &[Own] = &[
    (KEY, 0, Kind::Value, values::key),
    (MULTIPLIED, 2, Kind::Value, values::multiplied),
    (DIVIDED, 2, Kind::Value, values::divided),
    ("type", 0, Kind::Value, |given| Ok(text(values::kind_of(&given.input)))),
    ("has", 1, Kind::Value, values::has),
    ("contains", 1, Kind::Value, |given| Ok(values::contains(given.meter, &given.input, &given.argument(0))?.into())),
    ("getpath", 1, Kind::Value, values::getpath),
    ("add", 0, Kind::Value, values::add),
    ("flatten", 0, Kind::Value, values::flatten),
    ("join", 1, Kind::Value, texts::join),
    ("encode_base64", 0, Kind::Value, texts::encode_base64),
    ("decode_base64", 0, Kind::Value, texts::decode_base64),
    ("encode_uri", 0, Kind::Value, texts::encode_uri),
    ("decode_uri", 0, Kind::Value, texts::decode_uri),
    ("escape_html", 0, Kind::Value, texts::escape_html),
    ("fromjson", 0, Kind::Value, |given| Ok(json::read(words(&given.input)?).map_err(said)?)),
    ("regex_matches", 2, Kind::Value, patterns::matches),
    ("regex_split", 2, Kind::Value, patterns::split),
    ("fromdateiso8601", 0, Kind::Value, |given| {
        Ok(time::from_iso(words(&given.input)?).ok_or_else(|| said("no time"))?)
    }),
    ("todateiso8601", 0, Kind::Value, |given| Ok(time::to_iso(&given.input).ok_or_else(|| said("no time"))?)),
    ("strptime", 1, Kind::Value, |given| {
        let time = time::parse(words(&given.input)?, words(&given.argument(0))?);
        Ok(time.ok_or_else(|| said("no time of this form"))?)
    }),
    ("mktime", 0, Kind::Value, |given| Ok(time::make(&given.input).ok_or_else(|| said("no broken down time"))?)),
];

/// What a filter of ours gets.
pub(super) struct Given<'a> {
    pub(super) meter: &'a Meter,
    pub(super) input: Val,
    arguments: Vec<Val>,
}

impl Given<'_> {
    /// One of its arguments, from 0.
    pub(super) fn argument(&self, index: usize) -> Val {
        self.arguments.get(index).cloned().unwrap_or_default()
    }
}

/// All of them, by name and number of arguments.
pub(super) fn names() -> impl Iterator<Item = (&'static str, usize)> {
    let of_jaq = OF_JAQ.iter().map(|(name, arity, _)| (*name, *arity));
    of_jaq.chain(OWN.iter().map(|(name, arity, ..)| (*name, *arity)))
}

/// What one costs; `None` for what is none of them.
pub(super) fn kind(name: &str, arity: usize) -> Option<Kind> {
    let of_jaq = OF_JAQ.iter().map(|(name, arity, kind)| (*name, *arity, *kind));
    let mut all = of_jaq.chain(OWN.iter().map(|(name, arity, kind, _)| (*name, *arity, *kind)));
    all.find(|(known, takes, _)| *known == name && *takes == arity).map(|(.., kind)| kind)
}

/// Whether programs may not call it: it stands for an operator, or other filters are made of it.
pub(super) fn is_internal(name: &str) -> bool {
    name.starts_with("kenh_")
        || name.starts_with("regex_")
        || matches!(name, "error_empty" | "key_values" | "min_by_or_empty" | "max_by_or_empty")
        || matches!(name, "encode_uri" | "decode_uri" | "encode_base64" | "decode_base64" | "escape_html")
}

/// All of them, as the compiler wants them.
pub(super) fn all() -> Vec<Fun<Metered>> {
    let is_taken =
        |(name, binds, _): &Fun<Metered>| OF_JAQ.iter().any(|(taken, arity, _)| taken == name && *arity == binds.len());
    let of_jaq = jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs()).filter(is_taken);
    let mut all: Vec<Fun<Metered>> = of_jaq.collect();
    all.push((STEP, v(0), stepping()));
    all.push((WEIGH, v(0), weighing()));
    all.extend(own());
    all
}

/// Takes a step and passes on what it gets, as a place too.
fn stepping() -> Native<Metered> {
    Native::<Metered>::new(|cv| box_once(cv.0.data().meter.take(1).map(|()| cv.1)))
        .with_paths(|cv| box_once(cv.0.data().meter.take(1).map(|()| cv.1)))
        .with_update(|cv, update| match cv.0.data().meter.take(1) {
            Ok(()) => update(cv.1),
            Err(halt) => box_once(Err(halt)),
        })
}

/// Weighs what it gets and passes it on, as a place too.
fn weighing() -> Native<Metered> {
    Native::<Metered>::new(|cv| box_once(weighed(&cv).map(|()| cv.1)))
        .with_paths(|cv| box_once(cv.0.data().meter.weigh(&cv.1.0).map(|()| cv.1)))
        .with_update(|cv, update| match weighed(&cv) {
            Ok(()) => update(cv.1),
            Err(halt) => box_once(Err(halt)),
        })
}

fn weighed<'a>(cv: &Cv<'a, Metered>) -> Result<(), Exn<'a, Val>> {
    cv.0.data().meter.weigh(&cv.1)
}

/// Takes the arguments off, and calls what the table has at this place.
fn at<const INDEX: usize>(mut cv: Cv<'_, Metered>) -> ValXs<'_, Val> {
    let Some((_, arity, _, filter)) = OWN.get(INDEX) else { return Box::new(std::iter::empty()) };
    let mut arguments: Vec<Val> = (0..*arity).map(|_| cv.0.pop_var()).collect();
    arguments.reverse();
    let meter = cv.0.data().meter;
    box_once(filter(&Given { meter, input: cv.1, arguments }))
}

/// Lists the functions at all places of the table.
macro_rules! places {
    ($($index:literal)*) => { [$(at::<$index> as for<'a> fn(Cv<'a, Metered>) -> ValXs<'a, Val>),*] };
}

fn own() -> impl Iterator<Item = Fun<Metered>> {
    let places = places![0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21];
    const { assert!(OWN.len() == 22, "a place for each") };
    OWN.iter().zip(places).map(|((name, arity, ..), filter)| run::<Metered>((*name, v(*arity), filter)))
}

/// An error in words of ours.
pub(super) fn said(message: &str) -> Error<Val> {
    Error::new(text(message))
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Val {
    Val::from(text.into())
}

/// The text of a value that has to be one.
pub(super) fn words(value: &Val) -> Result<&str, Error<Val>> {
    let bytes = match value {
        Val::TStr(bytes) | Val::BStr(bytes) => bytes,
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::Arr(_) | Val::Obj(_) => return Err(said("not a text")),
    };
    std::str::from_utf8(bytes).map_err(|_| said("not a text"))
}
