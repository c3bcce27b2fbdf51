//! Names from a configuration, kept for good.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Names a process keeps at most.
const MOST: usize = 4096;
/// Bytes of a name at most.
const LONGEST: usize = 64;

/// A name that a configuration chose, such as a header's, as the seam wants it: the same text gives the same one, so that
/// reading a configuration again keeps nothing more. `None` where it is longer than 64 bytes, or 4096 others are kept.
pub fn interned(name: &str) -> Option<&'static str> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if name.len() > LONGEST || names.len() >= MOST {
        return None;
    }
    let kept: &'static str = String::leak(name.to_owned());
    names.insert(kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_a_long_one_never() {
        let (one, again) = (interned("x-names-test").unwrap(), interned("x-names-test").unwrap());
        assert!(std::ptr::eq(one, again));
        assert_eq!(interned(&"x".repeat(65)), None);
    }
}
