//! Names from a body that may be repeated in an event's type: those that look like names, never anything else.

use std::collections::BTreeMap;

use connector_sdk::json::{Raw, name};

const MOST_NAMES: usize = 4;

/// Several names as one type, as far as they are names: `feed.comment.block`.
pub fn path(names: &[Option<&str>]) -> Option<String> {
    let names: Vec<_> = names.iter().filter_map(|text| text.and_then(name)).collect();
    (!names.is_empty()).then(|| names.join("."))
}

/// The names of an object's members other than the ones every item has.
pub fn members(raw: &[u8], common: &[&str]) -> Option<String> {
    let members: BTreeMap<String, Raw> = serde_json::from_slice(raw).ok()?;
    let names = members.keys().map(String::as_str).filter(|member| !common.contains(member));
    let names: Vec<_> = names.filter_map(name).take(MOST_NAMES).collect();
    (!names.is_empty()).then(|| names.join(","))
}
