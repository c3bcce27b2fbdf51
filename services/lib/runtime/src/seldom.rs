//! Saying a thing again and again, but not each time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Lets a line through at most once in a while, and counts those it holds back.
///
/// ```
/// use kenh_runtime::seldom::Seldom;
/// static SAID: Seldom = Seldom::every(std::time::Duration::from_secs(10));
/// if let Some(unsaid) = SAID.say() {
///     tracing::warn!(unsaid, "it does not work");
/// }
/// ```
#[derive(Debug)]
pub struct Seldom {
    every: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    said: Option<Instant>,
    unsaid: u64,
}

impl Seldom {
    /// Once in that time.
    pub const fn every(every: Duration) -> Self {
        Self { every, state: Mutex::new(State { said: None, unsaid: 0 }) }
    }

    /// How often it was held back since it was said last, when it is to be said now.
    pub fn say(&self) -> Option<u64> {
        self.say_at(Instant::now())
    }

    fn say_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.said.is_some_and(|said| now.duration_since(said) < self.every) {
            state.unsaid += 1;
            return None;
        }
        state.said = Some(now);
        Some(std::mem::take(&mut state.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_back_is_counted_and_said_with_the_next() {
        let (seldom, start) = (Seldom::every(Duration::from_secs(10)), Instant::now());
        let after = |seconds| seldom.say_at(start + Duration::from_secs(seconds));
        assert_eq!([0, 1, 9, 10, 11, 30].map(after), [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
