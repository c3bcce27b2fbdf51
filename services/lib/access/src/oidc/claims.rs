//! What a proven token says of its bearer.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::Config;
use crate::{Grant, Rights};

/// Longest name of a bearer.
const LONGEST_NAME: usize = 128;
/// Rights or roles of one token that are looked at.
const MOST_WORDS: usize = 200;

/// Who bears a token, and what it lets him do.
pub(super) struct Bearer {
    pub(super) name: String,
    pub(super) rights: Rights,
    pub(super) until: SystemTime,
}

/// `None` when the token names nobody. One that grants nothing is good all the same; its bearer may do nothing.
pub(super) fn bearer(claims: &Map<String, Value>, config: &Config) -> Option<Bearer> {
    let name = find(claims, &config.name_claim).and_then(Value::as_str)?;
    let is_plain = !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
    let words = find(claims, &config.rights_claim).map(words).unwrap_or_default();
    let rights = if config.roles.is_empty() { grants(&words) } else { roles(&words, config) };
    let expiry = claims.get("exp").and_then(Value::as_f64).and_then(|exp| Duration::try_from_secs_f64(exp).ok())?;
    let until = SystemTime::UNIX_EPOCH.checked_add(expiry)?.checked_add(config.clock_skew)?;
    is_plain.then(|| Bearer { name: name.to_owned(), rights, until })
}

/// A claim by its path: `realm_access.roles`. A name that itself holds dots, as those that are addresses do, comes
/// first.
fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}

/// Words of a claim: a text with spaces between them (RFC 8693, section 4.2), or a list.
fn words(claim: &Value) -> Vec<&str> {
    match claim {
        Value::String(text) => text.split_ascii_whitespace().take(MOST_WORDS).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).take(MOST_WORDS).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Rights as the claim spells them out. Other words, such as `openid`, are for others.
fn grants(words: &[&str]) -> Rights {
    words.iter().filter_map(|word| word.parse::<Grant>().ok()).collect()
}

fn roles(words: &[&str], config: &Config) -> Rights {
    let held = config.roles.iter().filter(|(role, _)| words.contains(&role.as_str()));
    held.flat_map(|(_, rights)| rights.grants().iter().cloned()).collect()
}
