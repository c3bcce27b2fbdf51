//! A signed webhook, confirmed by RabbitMQ and answered: the gateway against a bare service that does as little.

use std::path::Path;

use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq::Node,
};

use crate::{
    Plan, bare,
    load::{self, Address, Answers, Supply},
    process,
    report::{
        Row,
        Target::{AtLeast, AtMost},
        median,
    },
};

/// Calls made beforehand for a second of load, some 700 bytes each. A measurement in which they run out is shorter.
const MOST_A_SECOND: f64 = 40_000.0;

/// What one service did in one round.
struct Round {
    answers: Answers,
    /// Microseconds of processor time a call.
    cpu: f64,
    /// Microseconds of the broker's.
    broker: f64,
    /// Microseconds of the load generator's, which is this process.
    load: f64,
    /// Megabytes held at the end.
    rss: f64,
}

/// One service, measured again and again.
struct Subject {
    address: Address,
    pid: u32,
    rounds: Vec<Round>,
}

impl Subject {
    fn new(address: Address, pid: u32) -> Self {
        Self { address, pid, rounds: Vec::new() }
    }

    fn gateway(gateway: &Gateway) -> Self {
        Self::new(Address::messenger(gateway.web), gateway.pid())
    }

    async fn measure(&mut self, plan: &Plan, broker: u32) {
        // Made anew each time and all beforehand: what this costs is in no figure.
        let seconds = (plan.warm_up() + plan.time()).as_secs_f64();
        let calls = Supply::new((seconds * MOST_A_SECOND) as usize);
        load::run(&self.address, &calls, plan.warm_up()).await;
        let processes = [self.pid, broker, std::process::id()];
        let before = processes.map(process::cpu);
        let answers = load::run(&self.address, &calls, plan.time()).await;
        let mut used = processes.map(process::cpu);
        for (used, before) in used.iter_mut().zip(before) {
            *used = (*used - before) / answers.count();
        }
        let [cpu, broker, load] = used;
        self.rounds.push(Round { answers, cpu, broker, load, rss: process::rss(self.pid) });
    }

    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure))
    }

    /// The median over rounds of a figure divided by the other's in the same round.
    fn ratio(&self, other: &Self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().zip(&other.rounds).map(|(ours, theirs)| figure(ours) / figure(theirs)))
    }
}

/// Measures it.
pub(crate) async fn rows(plan: &Plan, folder: &Path) -> Vec<Row> {
    let node = Node::start().await;
    let bare = bare::Process::start(&node.url(), &["--queue", "bare"]).await;
    let promising = bare::Process::start(&node.url(), &["--queue", "promised", "--promised"]).await;
    let setup = |name| Setup::rabbitmq(&folder.join(name), &node.url(), name);
    let bundled = |name| setup(name).bundled().with(load::WITHOUT_DEDUPE);
    let intake = setup("intake").with(load::WITHOUT_DEDUPE).roles("ingress").start().await;
    let together = bundled("together").roles("ingress").start().await;
    let reading = bundled("reading").start().await;
    let once = setup("once").roles("ingress").start().await;
    let whole = setup("whole").with(load::WITHOUT_DEDUPE).start().await;
    let [mut gateway, mut deduping, mut both] = [&intake, &once, &whole].map(Subject::gateway);
    let [mut bundling, mut unbundling] = [&together, &reading].map(Subject::gateway);
    let mut other = Subject::new(Address::new(bare.port, "/"), bare.pid());
    let mut ceiling = Subject::new(Address::new(promising.port, "/"), promising.pid());
    for _ in 0..plan.rounds() {
        let gateways = [&mut gateway, &mut deduping, &mut both, &mut unbundling];
        for subject in gateways.into_iter().chain([&mut bundling, &mut other, &mut ceiling]) {
            subject.measure(plan, node.pid()).await;
        }
    }
    let mut spooled = 0.0;
    for gateway in [&intake, &together, &reading, &once, &whole] {
        spooled += gateway.metric("kenh_spool_events_total", "").await;
    }
    let known = once.metric("kenh_events_total", "duplicate").await;
    assert!(known == 0.0, "every call is another one, and {known} were taken for redeliveries");
    let rate = |round: &Round| round.answers.rate();
    let (cpu, rss) = (|round: &Round| round.cpu, |round: &Round| round.rss);
    let (broker, load) = (|round: &Round| round.broker, |round: &Round| round.load);
    let unshared = |round: &Round| 1.0 / (round.cpu + round.broker + round.load);
    let (p50, p99) = (|round: &Round| round.answers.percentile(50), |round: &Round| round.answers.percentile(99));
    vec![
        Row::new(
            "Webhook to confirmed to 200, in bundles: rate, against the bare service",
            bundling.ratio(&other, rate),
            "x",
        )
        .with(AtLeast(0.7)),
        Row::new("CPU a call, in bundles, against the bare service", bundling.ratio(&other, cpu), "x")
            .with(AtMost(1.6)),
        Row::new("kenh in bundles: rate", bundling.median(rate), "/s"),
        Row::new("kenh in bundles: CPU a call", bundling.median(cpu), "µs"),
        Row::new("kenh in bundles: CPU of the broker a call", bundling.median(broker), "µs"),
        Row::new("kenh in bundles: answered within, half of the calls", bundling.median(p50), "ms"),
        Row::new("kenh in bundles: answered within, 99 of 100", bundling.median(p99), "ms"),
        Row::new("kenh in bundles: memory under load", bundling.median(rss), "MB"),
        Row::new("kenh in bundles, with the api beside it: rate, against bare", unbundling.ratio(&other, rate), "x"),
        Row::new(
            "kenh in bundles, with the api beside it: CPU a call, against bare",
            unbundling.ratio(&other, cpu),
            "x",
        ),
        Row::new("kenh in bundles, with the api beside it: memory under load", unbundling.median(rss), "MB"),
        Row::new("Webhook to confirmed to 200: rate, against the bare service", gateway.ratio(&other, rate), "x")
            .with(AtLeast(0.7)),
        Row::new("CPU a call, against the bare service", gateway.ratio(&other, cpu), "x").with(AtMost(1.6)),
        Row::new(
            "The rate that the CPU of all three processes a call allows, against bare",
            gateway.ratio(&other, unshared),
            "x",
        ),
        Row::new("Events that went into the spool, not to the broker", spooled, "").with(AtMost(0.0)),
        Row::new("kenh: rate", gateway.median(rate), "/s"),
        Row::new("kenh: CPU a call", gateway.median(cpu), "µs"),
        Row::new("kenh: CPU of the broker a call", gateway.median(broker), "µs"),
        Row::new("kenh: CPU of the load generator a call", gateway.median(load), "µs"),
        Row::new("kenh: answered within, half of the calls", gateway.median(p50), "ms"),
        Row::new("kenh: answered within, 99 of 100", gateway.median(p99), "ms"),
        Row::new("kenh: memory under load", gateway.median(rss), "MB"),
        Row::new("bare: rate", other.median(rate), "/s"),
        Row::new("bare: CPU a call", other.median(cpu), "µs"),
        Row::new("bare: CPU of the broker a call", other.median(broker), "µs"),
        Row::new("bare: CPU of the load generator a call", other.median(load), "µs"),
        Row::new("bare: answered within, half of the calls", other.median(p50), "ms"),
        Row::new("bare: answered within, 99 of 100", other.median(p99), "ms"),
        Row::new("bare: memory under load", other.median(rss), "MB"),
        Row::new(
            "bare, published as AMQP consumers are promised: rate, against bare",
            ceiling.ratio(&other, rate),
            "x",
        ),
        Row::new("bare, published as promised: CPU a call, against bare", ceiling.ratio(&other, cpu), "x"),
        Row::new(
            "bare, published as promised: CPU of the broker a call, against bare",
            ceiling.ratio(&other, broker),
            "x",
        ),
        Row::new("kenh: rate, against bare published as promised", gateway.ratio(&ceiling, rate), "x"),
        Row::new("kenh: CPU a call, against bare published as promised", gateway.ratio(&ceiling, cpu), "x"),
        Row::new("kenh with dedupe, as it is by default: rate, against bare", deduping.ratio(&other, rate), "x"),
        Row::new("kenh with dedupe: CPU a call, against bare", deduping.ratio(&other, cpu), "x"),
        Row::new("kenh with dedupe: CPU a call", deduping.median(cpu), "µs"),
        Row::new("kenh with dedupe: CPU of the broker a call", deduping.median(broker), "µs"),
        Row::new("kenh with dedupe: answered within, half of the calls", deduping.median(p50), "ms"),
        Row::new(
            "kenh with the api beside it, which reads all back: rate, against bare",
            both.ratio(&other, rate),
            "x",
        ),
        Row::new("kenh with the api beside it: CPU a call, against bare", both.ratio(&other, cpu), "x"),
        Row::new("kenh with the api beside it: memory under load", both.median(rss), "MB"),
    ]
}
