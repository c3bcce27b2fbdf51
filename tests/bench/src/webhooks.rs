//! A signed webhook, confirmed by RabbitMQ and answered: the gateway against a bare service that does as little.

use std::{path::Path, sync::Arc};

use kenh_tests::{
    gateway::{Gateway, Setup},
    rabbitmq::Node,
};

use crate::{
    Plan, bare,
    load::{self, Address, Answers, Call},
    process,
    report::{
        Row,
        Target::{AtLeast, AtMost},
        median,
    },
};

/// What one service did in one round.
struct Round {
    answers: Answers,
    /// Microseconds of processor time a call.
    cpu: f64,
    /// Microseconds of the broker's.
    broker: f64,
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

    async fn measure(&mut self, plan: &Plan, calls: &Arc<[Call]>, broker: u32) {
        load::run(&self.address, calls, plan.warm_up()).await;
        let (cpu, work) = (process::cpu(self.pid), process::cpu(broker));
        let answers = load::run(&self.address, calls, plan.time()).await;
        let cpu = (process::cpu(self.pid) - cpu) / answers.count();
        let broker = (process::cpu(broker) - work) / answers.count();
        self.rounds.push(Round { answers, cpu, broker, rss: process::rss(self.pid) });
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
    let calls = load::calls(if plan.quick { 1 << 12 } else { 1 << 17 });
    let node = Node::start().await;
    let bare = bare::Process::start(&node.url()).await;
    let setup = |name| Setup::rabbitmq(&folder.join(name), &node.url(), name).with(load::SAME_CALLS_AGAIN);
    let intake = setup("intake").roles("ingress").start().await;
    let whole = setup("whole").start().await;
    let mut gateway = Subject::gateway(&intake);
    let mut both = Subject::gateway(&whole);
    let mut other = Subject::new(Address::new(bare.port, "/"), bare.pid());
    for _ in 0..plan.rounds() {
        gateway.measure(plan, &calls, node.pid()).await;
        other.measure(plan, &calls, node.pid()).await;
        both.measure(plan, &calls, node.pid()).await;
    }
    let mut spooled = 0.0;
    for gateway in [&intake, &whole] {
        spooled += gateway.metric("kenh_spool_events_total", "").await;
    }
    let rate = |round: &Round| round.answers.rate();
    let (cpu, rss) = (|round: &Round| round.cpu, |round: &Round| round.rss);
    let broker = |round: &Round| round.broker;
    let (p50, p99) = (|round: &Round| round.answers.percentile(50), |round: &Round| round.answers.percentile(99));
    vec![
        Row::new("Webhook to confirmed to 200: rate, against the bare service", gateway.ratio(&other, rate), "x")
            .with(AtLeast(0.7)),
        Row::new("CPU a call, against the bare service", gateway.ratio(&other, cpu), "x").with(AtMost(1.6)),
        Row::new("Events that went into the spool, not to the broker", spooled, "").with(AtMost(0.0)),
        Row::new("kenh: rate", gateway.median(rate), "/s"),
        Row::new("kenh: CPU a call", gateway.median(cpu), "µs"),
        Row::new("kenh: CPU of the broker a call", gateway.median(broker), "µs"),
        Row::new("kenh: answered within, half of the calls", gateway.median(p50), "ms"),
        Row::new("kenh: answered within, 99 of 100", gateway.median(p99), "ms"),
        Row::new("kenh: memory under load", gateway.median(rss), "MB"),
        Row::new("bare: rate", other.median(rate), "/s"),
        Row::new("bare: CPU a call", other.median(cpu), "µs"),
        Row::new("bare: CPU of the broker a call", other.median(broker), "µs"),
        Row::new("bare: answered within, half of the calls", other.median(p50), "ms"),
        Row::new("bare: answered within, 99 of 100", other.median(p99), "ms"),
        Row::new("bare: memory under load", other.median(rss), "MB"),
        Row::new(
            "kenh with the api beside it, which reads all back: rate, against bare",
            both.ratio(&other, rate),
            "x",
        ),
        Row::new("kenh with the api beside it: CPU a call, against bare", both.ratio(&other, cpu), "x"),
        Row::new("kenh with the api beside it: memory under load", both.median(rss), "MB"),
    ]
}
