//! The issuer's keys, kept. Those that are known serve while the issuer is away.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jsonwebtoken::Algorithm;
use kenh_runtime::metrics;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Unproven,
    fetch::Source,
    keyset::{IssuerKey, KeySet},
};

/// Longest wait of a call for the issuer's answer.
const PATIENCE: Duration = Duration::from_secs(6);
/// First and longest wait before the issuer is asked again after it did not answer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The keys.
#[derive(Debug)]
pub(super) struct Keys {
    known: ArcSwapOption<KeySet>,
    asked: Notify,
    asking: watch::Sender<Asking>,
    at_most_every: Duration,
}

/// How it stands with asking the issuer.
#[derive(Debug, Clone, Copy)]
struct Asking {
    /// It is being asked now.
    now: bool,
    /// How often that came to an end, when last, and whether it answered.
    ended: u64,
    last: Option<Instant>,
    answered: bool,
}

impl Keys {
    /// Asks for them now, then every `every`, and when a token names one that is not known.
    pub(super) fn start(
        source: Source,
        every: Duration,
        at_most_every: Duration,
        stop: &CancellationToken,
    ) -> Arc<Self> {
        let asking = Asking { now: true, ended: 0, last: None, answered: false };
        let (known, asked, asking) = (ArcSwapOption::empty(), Notify::new(), watch::channel(asking).0);
        let keys = Arc::new(Self { known, asked, asking, at_most_every });
        let (kept, stop) = (keys.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = kept.keep(&source, every) => {}
            }
        });
        keys
    }

    /// The key a token names.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<IssuerKey>, Unproven> {
        if let Some(key) = self.known(id, algorithm) {
            return Ok(key);
        }
        // It may be new. The issuer is asked at most so often, whatever tokens name.
        let mut asking = self.asking.subscribe();
        let before = *asking.borrow_and_update();
        if !before.now {
            if before.last.is_some_and(|last| last.elapsed() < self.at_most_every) {
                return Err(Unproven::KeysUnknown);
            }
            self.asked.notify_one();
        }
        drop(tokio::time::timeout(PATIENCE, asking.wait_for(|asking| asking.ended > before.ended)).await);
        let answered = asking.borrow().answered && asking.borrow().ended > before.ended;
        self.known(id, algorithm).ok_or(if answered { Unproven::Wrong } else { Unproven::KeysUnknown })
    }

    fn known(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<IssuerKey>> {
        self.known.load().as_ref()?.find(id, algorithm)
    }

    async fn keep(&self, source: &Source, every: Duration) {
        let mut pause = FIRST_PAUSE;
        loop {
            self.asking.send_modify(|asking| asking.now = true);
            let answer = source.keys().await;
            let (answered, was_answered) = (answer.is_ok(), self.asking.borrow().answered);
            let outcome = if answered { "answered" } else { "failed" };
            metrics::OIDC_FETCHES.add(1, [("outcome", outcome)]);
            match answer {
                Ok(keys) => {
                    self.known.store(Some(keys.into()));
                    if !was_answered {
                        info!("the keys of the token issuer are known");
                    }
                }
                Err(reason) if was_answered || pause == FIRST_PAUSE => {
                    warn!(reason, "the token issuer does not give its keys; those that are known stay in use");
                }
                Err(_) => {}
            }
            self.asking.send_modify(|asking| {
                *asking = Asking { now: false, ended: asking.ended + 1, last: Some(Instant::now()), answered };
            });
            let wait = if answered { every } else { pause };
            pause = if answered { FIRST_PAUSE } else { (2 * pause).min(LONGEST_PAUSE) };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.asked.notified() => {}
            }
        }
    }
}
