//! Identities of events that have no single id of their own.

use connector_sdk::digest_key;
use prost_types::Timestamp;

/// Hexadecimal digits of a fingerprint: 64 bits, which only have to tell a few events of one moment apart.
const DIGITS: usize = 16;

/// A short digest, for a part of a key that may be long or may hold somebody's words.
pub fn fingerprint(bytes: &[u8]) -> String {
    digest_key(bytes).chars().skip("sha256:".len()).take(DIGITS).collect()
}

/// The kind and the parts, one behind the other. The kind comes first, so that kinds cannot take each other's keys.
pub fn key(kind: &str, parts: &[&str]) -> String {
    let mut key = String::with_capacity(kind.len() + parts.iter().map(|part| part.len() + 1).sum::<usize>());
    key.push_str(kind);
    for part in parts {
        key.push(':');
        key.push_str(part);
    }
    key
}

/// A moment as part of a key. Without one, what was sent stands in for it: a redelivery repeats that too.
pub fn moment(at: Option<Timestamp>, raw: &[u8]) -> String {
    match at {
        Some(at) => (at.seconds * 1000 + i64::from(at.nanos / 1_000_000)).to_string(),
        None => fingerprint(raw),
    }
}
