//! Bytes that the windows of all streams of the process may hold.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What any stream may hold, whatever the others do.
const ALWAYS: usize = 64 << 10;

/// The bound and what is used of it.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    most: usize,
}

impl Budget {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), most })
    }

    /// The part of one stream.
    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { budget: self.clone(), mine: 0 }
    }
}

/// One stream's part; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    mine: usize,
}

impl Share {
    /// The stream holds so much now.
    pub(crate) fn hold(&mut self, bytes: usize) {
        let used = &self.budget.used;
        if bytes > self.mine {
            used.fetch_add(bytes - self.mine, Ordering::Relaxed);
        } else {
            used.fetch_sub(self.mine - bytes, Ordering::Relaxed);
        }
        self.mine = bytes;
    }

    /// Whether it may hold more.
    pub(crate) fn has_room(&self) -> bool {
        self.mine < ALWAYS || self.budget.used.load(Ordering::Relaxed) < self.budget.most
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.hold(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_share_the_bound_and_each_always_has_a_little() {
        let budget = Budget::new(1 << 20);
        let (mut first, mut second) = (budget.share(), budget.share());
        first.hold(1 << 20);
        second.hold(ALWAYS);
        assert!(!first.has_room() && !second.has_room());
        second.hold(ALWAYS - 1);
        assert!(second.has_room());
        drop(first);
        second.hold(ALWAYS);
        assert!(second.has_room());
    }
}
