//! Names from a body that may be repeated in an event's type: those that look like names, never anything else.

use std::collections::BTreeMap;

use connector_sdk::json::Raw;

const LONGEST_NAME: usize = 64;
const MOST_NAMES: usize = 4;

/// The text, when it looks like a name of the channel.
pub(crate) fn name(text: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (!text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(plain)).then_some(text)
}

/// Several names as one type, as far as they are names: `feed.comment.block`.
pub(crate) fn path(names: &[Option<&str>]) -> Option<String> {
    let names: Vec<_> = names.iter().filter_map(|text| text.and_then(name)).collect();
    (!names.is_empty()).then(|| names.join("."))
}

/// The names of an object's members other than the ones every item has.
pub(crate) fn members(raw: &[u8], common: &[&str]) -> Option<String> {
    let members: BTreeMap<String, Raw> = serde_json::from_slice(raw).ok()?;
    let names = members.keys().map(String::as_str).filter(|member| !common.contains(member));
    let names: Vec<_> = names.filter_map(name).take(MOST_NAMES).collect();
    (!names.is_empty()).then(|| names.join(","))
}
