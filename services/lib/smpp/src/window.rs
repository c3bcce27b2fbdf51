//! How many requests may be without an answer at once: fewer when the message centre says that it is too fast, and none for a
//! while; one more with each that it takes.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// The first pause; each one right behind another is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Window {
    most: u32,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    limit: u32,
    in_flight: u32,
    pause: Duration,
    paused_until: Instant,
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Window);

impl Window {
    pub(crate) fn new(most: u32) -> Self {
        let most = most.max(1);
        let state = State { limit: most, in_flight: 0, pause: FIRST_PAUSE, paused_until: Instant::now() };
        Self { most, state: Mutex::new(state), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Place<'_> {
        loop {
            let changed = self.changed.notified();
            let until = {
                let mut state = self.state();
                if state.paused_until > Instant::now() {
                    Some(state.paused_until)
                } else if state.in_flight < state.limit {
                    state.in_flight += 1;
                    return Place(self);
                } else {
                    None
                }
            };
            match until {
                Some(until) => sleep_until(until).await,
                None => changed.await,
            }
        }
    }

    /// How long nothing is sent from now on; the first pause where only places are missing.
    pub(crate) fn rest(&self) -> Duration {
        let rest = self.state().paused_until.saturating_duration_since(Instant::now());
        if rest.is_zero() { FIRST_PAUSE } else { rest }
    }

    /// The message centre is not as fast. How long to wait.
    pub(crate) fn throttled(&self) -> Duration {
        let mut state = self.state();
        let now = Instant::now();
        // What was under way together is told off together.
        if state.paused_until <= now {
            state.limit = (state.limit / 2).max(1);
            state.paused_until = now + state.pause;
            state.pause = (state.pause * 2).min(LONGEST_PAUSE);
        }
        state.paused_until.saturating_duration_since(now)
    }

    /// The message centre took one.
    pub(crate) fn taken(&self) {
        let mut state = self.state();
        state.limit = state.limit.saturating_add(1).min(self.most);
        if state.paused_until <= Instant::now() {
            state.pause = FIRST_PAUSE;
        }
        drop(state);
        self.changed.notify_one();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        drop(state);
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(10);

    #[tokio::test(start_paused = true)]
    async fn no_more_are_under_way_than_may_be() {
        let window = Window::new(2);
        let (first, _second) = (window.enter().await, window.enter().await);
        assert!(timeout(MOMENT, window.enter()).await.is_err());
        drop(first);
        assert!(timeout(MOMENT, window.enter()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn told_off_it_is_slower_and_comes_back() {
        let window = Window::new(4);
        assert_eq!(window.throttled(), FIRST_PAUSE);
        assert_eq!(window.throttled(), FIRST_PAUSE, "told off once");
        let begun = Instant::now();
        let places = (window.enter().await, window.enter().await);
        assert!(begun.elapsed() >= FIRST_PAUSE, "after the pause");
        assert!(timeout(MOMENT, window.enter()).await.is_err(), "half as many");
        assert_eq!(window.throttled(), FIRST_PAUSE * 2, "right behind another");
        drop(places);
        let place = window.enter().await;
        assert!(timeout(MOMENT, window.enter()).await.is_err(), "one at a time");
        window.taken();
        assert!(timeout(MOMENT, window.enter()).await.is_ok(), "one more with each that is taken");
        assert_eq!(window.throttled(), FIRST_PAUSE, "it went well in between");
        drop(place);
    }
}
