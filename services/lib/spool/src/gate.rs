//! Which way a partition's records go, and whose turn it is.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// A partition's switch between the broker and the spool.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    /// A turn was taken, a place given back, or the mode is another.
    changed: Notify,
    /// The partition is spooled. Apart, so that the drainer sleeps while appends come and go.
    spooled: Notify,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    /// Number of the next append.
    next: u64,
    /// Appends that wait for their turn.
    waiting: BTreeSet<u64>,
    /// Appends on their way to the broker, or from there to the spool.
    flying: BTreeSet<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// To the broker.
    Direct,
    /// Into the spool.
    Spooling,
    /// Nowhere: the drainer publishes the last of the spool, and nothing may overtake it.
    Closing,
}

/// Which way an append goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Direct,
    Spool,
}

impl State {
    fn nobody_is_before(&self, number: u64) -> bool {
        let before = |others: &BTreeSet<u64>| others.first().is_some_and(|first| *first < number);
        !before(&self.waiting) && !before(&self.flying)
    }

    fn turn(&mut self, number: u64) -> Option<Turn> {
        let turn = match self.mode {
            Mode::Direct if self.waiting.first() == Some(&number) => Turn::Direct,
            Mode::Spooling if self.nobody_is_before(number) => Turn::Spool,
            Mode::Direct | Mode::Spooling | Mode::Closing => return None,
        };
        self.waiting.remove(&number);
        self.flying.insert(number);
        Some(turn)
    }
}

impl Gate {
    /// A gate that leads into the spool when that holds something already.
    pub(crate) fn new(spooling: bool) -> Self {
        let mode = if spooling { Mode::Spooling } else { Mode::Direct };
        let state = State { mode, next: 0, waiting: BTreeSet::new(), flying: BTreeSet::new() };
        Self { state: Mutex::new(state), changed: Notify::new(), spooled: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something that holds at some state, looking again at each notice.
    async fn until<T>(&self, notice: &Notify, mut holds: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(notice.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            if let Some(found) = holds(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    /// A place in the order of appends.
    pub(crate) fn enter(&self) -> Ticket<'_> {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.insert(number);
        Ticket { gate: self, number }
    }

    /// Returns while the partition is spooled.
    pub(crate) async fn spooling(&self) {
        self.until(&self.spooled, |state| (state.mode != Mode::Direct).then_some(())).await;
    }

    /// Holds back every append of the partition, if none is on its way.
    pub(crate) fn close(&self) -> Option<Closed<'_>> {
        let mut state = self.lock();
        let free = state.mode == Mode::Spooling && state.flying.is_empty();
        free.then(|| {
            state.mode = Mode::Closing;
            Closed { gate: self, next: Mode::Spooling }
        })
    }
}

/// An append's place. Given back when it is dropped, which a caller that goes away does at any point.
#[derive(Debug)]
pub(crate) struct Ticket<'a> {
    gate: &'a Gate,
    number: u64,
}

impl Ticket<'_> {
    /// Waits for its turn.
    pub(crate) async fn turn(&self) -> Turn {
        let turn = self.gate.until(&self.gate.changed, |state| state.turn(self.number)).await;
        self.gate.changed.notify_waiters();
        turn
    }

    /// Waits for those that were before it.
    pub(crate) async fn first(&self) {
        self.gate.until(&self.gate.changed, |state| state.nobody_is_before(self.number).then_some(())).await;
    }

    /// The broker did not confirm: from now on the partition is spooled. Waits for those that were before it; whether
    /// it was the first to fail.
    pub(crate) async fn failed(&self) -> bool {
        let first = {
            let mut state = self.gate.lock();
            std::mem::replace(&mut state.mode, Mode::Spooling) == Mode::Direct
        };
        self.gate.changed.notify_waiters();
        self.gate.spooled.notify_waiters();
        self.first().await;
        first
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.waiting.remove(&self.number);
        state.flying.remove(&self.number);
        drop(state);
        self.gate.changed.notify_waiters();
    }
}

/// A gate held shut. Leads into the spool again when it is dropped, unless [`open`](Self::open) was called.
#[derive(Debug)]
pub(crate) struct Closed<'a> {
    gate: &'a Gate,
    next: Mode,
}

impl Closed<'_> {
    /// The spool is empty: appends go to the broker again.
    pub(crate) fn open(mut self) {
        self.next = Mode::Direct;
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.gate.lock().mode = self.next;
        self.gate.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn overlapping_appends_that_fail_are_spooled_in_the_order_in_which_they_began() {
        let gate = Gate::new(false);
        let (first, second) = (gate.enter(), gate.enter());
        assert_eq!(first.turn().now_or_never(), Some(Turn::Direct));
        assert_eq!(second.turn().now_or_never(), Some(Turn::Direct));
        // The second learns of it first.
        assert_eq!(second.failed().now_or_never(), None);
        let third = gate.enter();
        assert_eq!(third.turn().now_or_never(), None, "it is behind two that are on their way");
        assert_eq!(first.failed().now_or_never(), Some(false));
        drop(first);
        assert_eq!(second.failed().now_or_never(), Some(false));
        assert_eq!(third.turn().now_or_never(), None);
        drop(second);
        assert_eq!(third.turn().now_or_never(), Some(Turn::Spool));
    }

    #[test]
    fn nothing_passes_a_closed_gate_and_none_closes_before_those_on_their_way() {
        let gate = Gate::new(true);
        let first = gate.enter();
        assert_eq!(first.turn().now_or_never(), Some(Turn::Spool));
        assert!(gate.close().is_none(), "one is on its way");
        drop(first);
        let closed = gate.close().expect("none is");
        let second = gate.enter();
        assert_eq!(second.turn().now_or_never(), None);
        drop(closed);
        assert_eq!(second.turn().now_or_never(), Some(Turn::Spool), "not drained: the spool again");
        drop(second);
        gate.close().expect("none is").open();
        assert_eq!(gate.enter().turn().now_or_never(), Some(Turn::Direct));
    }

    #[test]
    fn a_caller_that_goes_away_holds_nobody_up() {
        let gate = Gate::new(true);
        let (first, second) = (gate.enter(), gate.enter());
        assert_eq!(second.turn().now_or_never(), None);
        drop(first);
        assert_eq!(second.turn().now_or_never(), Some(Turn::Spool));
    }
}
