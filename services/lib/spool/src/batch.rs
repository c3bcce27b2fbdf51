//! How much is published at once when a spool is drained.

/// Entries of a batch at most.
const MOST: usize = 256;

/// The size of the next batch. Halved whenever one is not confirmed: what is too much for a slow broker would be published
/// again and again otherwise, and what an absent one gets is a probe.
#[derive(Debug)]
pub(crate) struct Batch {
    entries: usize,
    confirmed: bool,
}

impl Default for Batch {
    fn default() -> Self {
        Self { entries: 1, confirmed: false }
    }
}

impl Batch {
    /// Bytes of a batch at most, but for its first entry. Every partition may have one in memory.
    pub(crate) const BYTES: u64 = 256 << 10;

    /// Entries of the next batch at most.
    pub(crate) const fn entries(&self) -> usize {
        self.entries
    }

    /// Whether the last one was confirmed.
    pub(crate) const fn confirmed(&self) -> bool {
        self.confirmed
    }

    /// One goes out. It is taken for lost until it is confirmed: the caller may stop waiting. Its size.
    pub(crate) fn begin(&mut self) -> usize {
        let tried = self.entries;
        (self.entries, self.confirmed) = ((tried / 2).max(1), false);
        tried
    }

    /// One of that size was confirmed.
    pub(crate) fn confirm(&mut self, tried: usize) {
        (self.entries, self.confirmed) = ((tried * 2).min(MOST), true);
    }
}
