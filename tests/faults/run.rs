//! The ledger through a fault: load, a subscriber, and the reckoning at the end.

use std::time::{Duration, Instant};

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{gateway::Gateway, stream::list, until};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    audit::{Audit, Repeats},
    ledger::{Ledger, Load},
    subscriber::Subscriber,
};

/// The channel with the least patience gives up after two seconds, and draining is to begin two seconds after the broker is
/// back. Both are printed. On a machine that is busy with other things everything takes longer, so only what is out of all
/// proportion fails.
const OUT_OF_PROPORTION: Duration = Duration::from_secs(15);
/// The whole log is listed up to so many events; the subscriber has checked them anyway.
const LISTED: usize = 400_000;
/// What was written may take so long to come out.
const SETTLES: Duration = Duration::from_secs(300);

/// Time for a fault to act; nothing is waited for.
pub(crate) async fn pause(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

/// People write, a subscriber reads.
#[derive(Debug)]
pub(crate) struct Run {
    name: &'static str,
    pub(crate) ledger: Ledger,
    pub(crate) subscriber: Subscriber,
    stop: CancellationToken,
    talking: JoinSet<()>,
    begun: Instant,
    faults: usize,
    longest: Duration,
    longest_drain: Duration,
}

/// What there is to say of one.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Streams that broke.
    pub(crate) broken: usize,
    /// Streams that were drained.
    pub(crate) drained: usize,
    pub(crate) refused: usize,
    pub(crate) unanswered: usize,
    /// Longest time to a 200.
    pub(crate) longest: Duration,
    /// Longest time from the end of a fault to the first event drained.
    pub(crate) longest_drain: Duration,
}

impl Outcome {
    /// Every event was taken, none was kept waiting, and what was spooled left.
    pub(crate) fn assert_unnoticed(&self) {
        assert_eq!((self.refused, self.unanswered), (0, 0), "every event was taken");
        assert!(self.longest < OUT_OF_PROPORTION, "an answer took {:?}", self.longest);
        assert!(
            self.longest_drain < OUT_OF_PROPORTION,
            "draining began {:?} after the broker's return",
            self.longest_drain
        );
    }
}

impl Run {
    /// Begins to write and to read, on a gateway that runs, and waits until events flow.
    pub(crate) async fn begin(name: &'static str, gateway: &Gateway, load: Load) -> Self {
        Self::begin_at(name, &[gateway.url("messenger", "main")], gateway.api_url(), load).await
    }

    /// The same, at addresses of their own.
    pub(crate) async fn begin_at(name: &'static str, urls: &[String], api: String, load: Load) -> Self {
        let (ledger, stop) = (Ledger::new(), CancellationToken::new());
        let subscriber = Subscriber::start(api);
        let talking = ledger.talk(urls, load, &stop);
        let (begun, faults) = (Instant::now(), 0);
        let (longest, longest_drain) = (Duration::ZERO, Duration::ZERO);
        let run = Self { name, ledger, subscriber, stop, talking, begun, faults, longest, longest_drain };
        run.flows(50).await;
        run
    }

    /// Waits until so many more events are answered with 200.
    pub(crate) async fn flows(&self, more: usize) {
        let wanted = self.ledger.accepted() + more;
        until("events flow", || async { self.ledger.accepted() >= wanted }).await;
    }

    /// Whether the fault is to come again: at least once, and for as long as `make soak` says.
    pub(crate) fn again(&mut self) -> bool {
        self.again_until(1)
    }

    /// The same, but so often at least.
    pub(crate) fn again_until(&mut self, least: usize) -> bool {
        let soaked = kenh_tests::soak().is_none_or(|soak| self.begun.elapsed() >= soak);
        let again = self.faults < least || !soaked;
        self.faults += usize::from(again);
        again
    }

    /// A fault of the broker or of the way to it, from its beginning to the end of the drain. The gateway takes every
    /// event meanwhile, and none waits for long.
    pub(crate) async fn fault(
        &mut self,
        gateway: &Gateway,
        seconds: f64,
        begin: impl AsyncFnOnce(),
        end: impl AsyncFnOnce(),
    ) {
        let spooled = gateway.metric("kenh_spool_events_total", "").await;
        self.ledger.latency();
        begin().await;
        pause(seconds).await;
        let (ready, report) = gateway.admin_page("readyz").await.expect("the admin port answers");
        assert_eq!(ready, 200, "the gateway goes on: {report}");
        self.longest = self.longest.max(self.ledger.latency().1);
        let felt = gateway.metric("kenh_spool_events_total", "").await - spooled;
        assert!(felt > 0.0, "the fault was felt");
        let before = gateway.metric("kenh_spool_drained_total", "").await;
        end().await;
        let ended = Instant::now();
        until("draining begins", || async { gateway.metric("kenh_spool_drained_total", "").await > before }).await;
        self.longest_drain = self.longest_drain.max(ended.elapsed());
        self.drained(gateway).await;
        self.flows(20).await;
    }

    /// Waits until nothing is in the spool.
    pub(crate) async fn drained(&self, gateway: &Gateway) {
        let drained = async {
            while gateway.metric("kenh_spool_held_events", "").await > 0.0 {
                pause(0.1).await;
            }
        };
        assert!(tokio::time::timeout(SETTLES, drained).await.is_ok(), "the spool is not drained in time");
    }

    /// Nobody writes any more.
    pub(crate) async fn hush(&mut self) {
        self.stop.cancel();
        std::mem::take(&mut self.talking).join_all().await;
    }

    /// Ends it: everything that was answered with 200 has come out, in order, with one id each, to the subscriber and in
    /// the log, and the subscriber got exactly what is in the log.
    pub(crate) async fn end(mut self, gateway: &Gateway, repeats: Repeats) -> Outcome {
        self.hush().await;
        self.drained(gateway).await;
        settles("the subscriber has what was accepted", || self.subscriber.seen().audit.missing(&self.ledger)).await;
        let listed = self.listed(gateway).await;
        if let Some(listed) = &listed {
            listed.assert_clean("the log", &self.ledger, repeats);
            let behind = || listed.events.checked_sub(self.subscriber.seen().audit.events + 1).into_iter().collect();
            settles("the subscriber has what is in the log", behind).await;
        }
        let seen = self.subscriber.seen();
        seen.audit.assert_clean("the subscriber", &self.ledger, repeats);
        if let Some(listed) = listed {
            assert_eq!(seen.audit.events, listed.events, "what a stream gave and what the log holds");
        }
        let outcome = Outcome {
            broken: seen.broken,
            drained: seen.drained,
            refused: self.ledger.refused(),
            unanswered: self.ledger.unanswered(),
            longest: self.longest.max(self.ledger.latency().1),
            longest_drain: self.longest_drain,
        };
        println!(
            "soak: {}: {} faults in {:.0} s; {} events answered with 200, {} in the log, {} of them twice, {} lost; {} calls refused, \
             {} unanswered; longest 200 {} ms, longest until draining began {} ms; {} streams broke, {} drained; {} MiB",
            self.name,
            self.faults,
            self.begun.elapsed().as_secs_f64(),
            self.ledger.accepted(),
            seen.audit.events,
            seen.audit.twice,
            seen.audit.lost(),
            outcome.refused,
            outcome.unanswered,
            outcome.longest.as_millis(),
            self.longest_drain.as_millis(),
            outcome.broken,
            outcome.drained,
            gateway.memory()[1] >> 20,
        );
        outcome
    }

    /// The whole log, read by listing it, where that is not too long.
    async fn listed(&self, gateway: &Gateway) -> Option<Audit> {
        if self.subscriber.seen().audit.events > LISTED {
            return None;
        }
        let mut audit = Audit::default();
        for delivery in list(gateway, ListEventsRequest { page_size: 1000, ..Default::default() }).await {
            audit.take(&delivery);
        }
        Some(audit)
    }
}

/// Waits until nothing is missing.
async fn settles<T: std::fmt::Debug>(what: &str, missing: impl Fn() -> Vec<T>) {
    let met = async {
        while !missing().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(SETTLES, met).await.is_ok(), "not in time: {what}: {:?}", missing());
}
