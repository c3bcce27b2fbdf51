//! How far a folder has been read.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How far back a folder is looked through that was built anew, behind the last time it was looked into: its messages have
/// other numbers, and are known again by their content. Less than the gateway remembers events for by default.
const LOOK_BACK: Duration = Duration::from_secs(2 * 86_400);

/// What is kept of a folder. A message's number (UID) means something together with the folder's UIDVALIDITY only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The folder's UIDVALIDITY.
    pub(super) validity: u32,
    /// The last message's number; 0 before the first.
    pub(super) uid: u32,
    /// When the folder was looked into last, in seconds since 1970.
    pub(super) looked_at: i64,
}

/// What is to be read of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Messages above this number.
    Above(u32),
    /// All that the mailbox got since this time, in seconds since 1970.
    Since(i64),
}

impl Place {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn kept(self) -> Bytes {
        serde_json::to_vec(&self).unwrap_or_default().into()
    }

    /// What to read of a folder that has this UIDVALIDITY now.
    pub(super) fn wanted(self, validity: u32) -> Wanted {
        // Some servers say 0, which says nothing: then numbers mean nothing from one connection to the next.
        if validity == self.validity && validity != 0 {
            return Wanted::Above(self.uid);
        }
        Wanted::Since(self.looked_at.saturating_sub_unsigned(LOOK_BACK.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_mean_something_with_their_validity_only() {
        let place = Place { validity: 7, uid: 40, looked_at: 1_000_000 };
        assert_eq!(Place::read(&place.kept()), Some(place));
        assert_eq!(place.wanted(7), Wanted::Above(40));
        assert_eq!(place.wanted(8), Wanted::Since(1_000_000 - 172_800));
        assert_eq!(Place { validity: 0, ..place }.wanted(0), Wanted::Since(1_000_000 - 172_800));
        assert_eq!(Place::read(b"{}"), None);
    }
}
