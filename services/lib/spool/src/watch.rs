//! What an operator sees of the spool: metrics, readiness, the alarm of its age.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use kenh_log::{AppendError, EventLog as _, embedded::EmbeddedLog};
use kenh_runtime::{clock, health::Latch, metrics, seldom::Seldom};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{Config, Lane, OWN};

const EVERY: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
/// A full spool is ready again when so many hundredths of it are used.
const READY_AGAIN: u64 = 90;

/// What of a partition is still in the spool.
#[derive(Debug)]
pub(crate) struct Held {
    /// Offset of the first entry that the broker has not confirmed.
    next: AtomicU64,
    /// When the oldest entry was received, in microseconds since 1970; 0 when there is none.
    oldest: AtomicI64,
}

impl Held {
    pub(crate) fn from(next: u64) -> Self {
        Self { next: AtomicU64::new(next), oldest: AtomicI64::new(0) }
    }

    pub(crate) fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    pub(crate) fn confirmed(&self, next: u64) {
        self.next.store(next, Ordering::Release);
    }

    pub(crate) fn is_oldest(&self, received_at: i64) {
        self.oldest.store(received_at, Ordering::Relaxed);
    }

    pub(crate) fn drained(&self) {
        self.oldest.store(0, Ordering::Relaxed);
    }
}

/// Says when the spool cannot take what it is given.
#[derive(Debug)]
pub(crate) struct Watch {
    latch: Latch,
    lost: Arc<AtomicBool>,
    /// Something was refused since the watcher looked last.
    refused: Arc<AtomicBool>,
    /// A disk that is nearly full takes small things and refuses large ones, by turns.
    said: Seldom,
}

impl Watch {
    pub(crate) fn start(
        config: Config,
        spool: EmbeddedLog,
        lanes: Arc<Vec<Lane>>,
        latch: Latch,
        stop: CancellationToken,
    ) -> Self {
        latch.release();
        let (lost, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (latched, lost_too, refused_too) = (latch.clone(), lost.clone(), refused.clone());
        let alarm = Alarm::new(config.max_age_alarm, config.now);
        let mut watcher = Watcher { config, spool, lanes, latch: latched, lost: lost_too, refused: refused_too, alarm };
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = watcher.run() => {}
            }
        });
        Self { latch, lost, refused, said: Seldom::every(MINUTE) }
    }

    /// Records were not taken.
    pub(crate) fn refused(&self, count: u64, error: &AppendError) {
        metrics::SPOOL_REFUSED.add(count, [("reason", error.reason())]);
        // Too many at once is over in a moment.
        if matches!(error, AppendError::Overloaded) {
            return;
        }
        self.refused.store(true, Ordering::Release);
        if !self.lost.swap(true, Ordering::AcqRel) {
            self.latch.arm(error.to_string());
            if let Some(unsaid) = self.said.say() {
                error!(reason = %error, unsaid, "the spool takes no more events, senders are told to try again");
            }
        }
    }
}

struct Watcher {
    config: Config,
    spool: EmbeddedLog,
    lanes: Arc<Vec<Lane>>,
    latch: Latch,
    lost: Arc<AtomicBool>,
    refused: Arc<AtomicBool>,
    alarm: Alarm,
}

impl Watcher {
    async fn run(&mut self) {
        loop {
            self.measure().await;
            // While it refuses, that a page can be written says nothing.
            let refusing = self.refused.swap(false, Ordering::AcqRel);
            if !refusing && self.lost.load(Ordering::Acquire) && self.can_be_written().await {
                self.lost.store(false, Ordering::Release);
                self.latch.release();
                info!("the spool takes events again");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn measure(&mut self) {
        let mut events = 0;
        for (partition, lane) in (0..).zip(self.lanes.iter()) {
            events += self.spool.head(partition).await.unwrap_or_default().saturating_sub(lane.held.next());
        }
        let oldest = self.lanes.iter().map(|lane| lane.held.oldest.load(Ordering::Relaxed)).filter(|at| *at > 0).min();
        metrics::SPOOL_HELD.set(as_f64(events), [("spool", OWN)]);
        metrics::SPOOL_BYTES.set(as_f64(self.spool.size()), [("spool", OWN)]);
        metrics::SPOOL_LIMIT_BYTES.set(as_f64(self.config.max_bytes), [("spool", OWN)]);
        metrics::SPOOL_OLDEST_AGE.set(self.alarm.age(oldest, events).as_secs_f64(), [("spool", OWN)]);
    }

    async fn can_be_written(&self) -> bool {
        let room = self.spool.size().saturating_mul(100) <= self.config.max_bytes.saturating_mul(READY_AGAIN);
        // Trims nothing and writes a page.
        room && self.spool.trim(0, 0).await.is_ok()
    }
}

/// Says when events wait for too long.
#[derive(Debug)]
pub(crate) struct Alarm {
    at: Duration,
    now: fn() -> SystemTime,
    said: bool,
}

impl Alarm {
    pub(crate) const fn new(at: Duration, now: fn() -> SystemTime) -> Self {
        Self { at, now, said: false }
    }

    /// The age of the oldest of so many events, received at that many microseconds since 1970; nothing without any.
    pub(crate) fn age(&mut self, oldest: Option<i64>, events: u64) -> Duration {
        let micros = oldest.map_or(0, |at| clock::micros((self.now)()).saturating_sub(at));
        let age = Duration::from_micros(u64::try_from(micros).unwrap_or_default());
        let too_old = age > self.at;
        if too_old && !self.said {
            error!(age_seconds = age.as_secs(), events, "events wait in the spool for too long");
        }
        self.said = too_old;
        age
    }
}

#[allow(clippy::cast_precision_loss, reason = "a gauge")]
pub(crate) fn as_f64(number: u64) -> f64 {
    number as f64
}
