//! Asking an issuer now and then, and when somebody needs to know at once.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// First and longest wait before the issuer is asked again after it did not answer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How an issuer is asked.
pub trait Ask: Send + Sync + 'static {
    /// Asks once, within a bounded time, and keeps what it answers; a reason for people when it does not.
    fn ask(&self) -> impl Future<Output = Result<(), String>> + Send;
}

/// How often.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// When nobody needs to know.
    pub every: Duration,
    /// However many need to know.
    pub at_most_every: Duration,
}

/// What became of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It answered since the question was put.
    Answered,
    /// It was asked too short a time ago, and had answered then.
    JustNow,
    /// It did not answer, or not in time.
    Failed,
}

/// Asks an issuer again and again.
#[derive(Debug)]
pub struct Asker {
    asked: Notify,
    state: watch::Sender<State>,
    rhythm: Rhythm,
}

/// How it stands with asking.
#[derive(Debug, Clone, Copy)]
struct State {
    /// It is being asked now.
    now: bool,
    /// How often that came to an end, when last, and whether it answered.
    ended: u64,
    last: Option<Instant>,
    answered: bool,
}

impl Asker {
    /// Asks now, then as the rhythm has it, until told to stop. `issuer` is who it is, for the log.
    pub fn start(ask: impl Ask, issuer: String, rhythm: Rhythm, stop: &CancellationToken) -> Arc<Self> {
        let state = State { now: true, ended: 0, last: None, answered: false };
        let asker = Arc::new(Self { asked: Notify::new(), state: watch::channel(state).0, rhythm });
        let (asking, stop) = (asker.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = asking.run(&ask, &issuer) => {}
            }
        });
        asker
    }

    /// Waits for an answer that comes from now on, as long as `patience`. However many wait, one question is put, and at
    /// most so often.
    pub async fn ask_now(&self, patience: Duration) -> Asked {
        let mut state = self.state.subscribe();
        let before = *state.borrow_and_update();
        if !before.now {
            if before.last.is_some_and(|last| last.elapsed() < self.rhythm.at_most_every) {
                return if before.answered { Asked::JustNow } else { Asked::Failed };
            }
            self.asked.notify_one();
        }
        drop(tokio::time::timeout(patience, state.wait_for(|state| state.ended > before.ended)).await);
        let after = *state.borrow();
        if after.answered && after.ended > before.ended { Asked::Answered } else { Asked::Failed }
    }

    async fn run(&self, ask: &impl Ask, issuer: &str) {
        let mut pause = FIRST_PAUSE;
        loop {
            self.state.send_modify(|state| state.now = true);
            let outcome = ask.ask().await;
            let (answered, was_answered) = (outcome.is_ok(), self.state.borrow().answered);
            match outcome {
                Ok(()) if !was_answered => info!(issuer, "the keys of the issuer are known"),
                Err(reason) if was_answered || pause == FIRST_PAUSE => {
                    warn!(issuer, reason, "the issuer does not give its keys; those that are known stay in use");
                }
                Ok(()) | Err(_) => {}
            }
            self.state.send_modify(|state| {
                *state = State { now: false, ended: state.ended + 1, last: Some(Instant::now()), answered };
            });
            let wait = if answered { self.rhythm.every } else { pause };
            pause = if answered { FIRST_PAUSE } else { (2 * pause).min(LONGEST_PAUSE) };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.asked.notified() => {}
            }
        }
    }
}
