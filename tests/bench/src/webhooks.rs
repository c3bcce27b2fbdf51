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

    /// Rate and CPU against another's.
    fn against(&self, other: &Self, name: &str, of: &str) -> [Row; 2] {
        let row = |what, figure| Row::new(format!("{name}: {what}, against {of}"), figure, "x");
        [
            row("rate", self.ratio(other, |round| round.answers.rate())),
            row("CPU a call", self.ratio(other, |round| round.cpu)),
        ]
    }

    /// What it did by itself.
    fn figures(&self, name: &str) -> [Row; 7] {
        let row = |what, figure, unit| Row::new(format!("{name}: {what}"), figure, unit);
        [
            row("rate", self.median(|round| round.answers.rate()), "/s"),
            row("CPU a call", self.median(|round| round.cpu), "µs"),
            row("CPU of the broker a call", self.median(|round| round.broker), "µs"),
            row("CPU of the load generator a call", self.median(|round| round.load), "µs"),
            row("answered within, half of the calls", self.median(|round| round.answers.percentile(50)), "ms"),
            row("answered within, 99 of 100", self.median(|round| round.answers.percentile(99)), "ms"),
            row("memory under load", self.median(|round| round.rss), "MB"),
        ]
    }

    /// The median over rounds of a figure divided by the other's in the same round.
    fn ratio(&self, other: &Self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().zip(&other.rounds).map(|(ours, theirs)| figure(ours) / figure(theirs)))
    }
}

/// Everything that is measured, in turns.
struct Subjects {
    /// One that does as little as may be called the same work.
    bare: Subject,
    /// One that publishes as plain AMQP consumers are promised, and does nothing else more.
    promised: Subject,
    bundled: Subject,
    bundled_read: Subject,
    bundled_deduped: Subject,
    single: Subject,
    single_read: Subject,
    single_deduped: Subject,
    /// Events that were spooled.
    spooled: f64,
}

/// Measures it.
pub(crate) async fn rows(plan: &Plan, folder: &Path) -> Vec<Row> {
    let Subjects {
        bare,
        promised,
        bundled,
        bundled_read,
        bundled_deduped,
        single,
        single_read,
        single_deduped,
        spooled,
    } = measured(plan, folder).await;
    let unshared = |round: &Round| 1.0 / (round.cpu + round.broker + round.load);
    let targeted = |[rate, cpu]: [Row; 2]| [rate.with(AtLeast(0.7)), cpu.with(AtMost(1.6))];
    let allowed = |subject: &Subject, name| {
        let what = format!("{name}: the rate that the CPU of all three processes a call allows, against bare");
        Row::new(what, subject.ratio(&bare, unshared), "x")
    };
    let mut rows = Vec::new();
    rows.extend(targeted(bundled.against(&bare, "webhook to confirmed to 200, in bundles", "bare")));
    rows.push(allowed(&bundled, "in bundles"));
    rows.extend(bundled_read.against(&bare, "in bundles, with the api beside it", "bare"));
    rows.extend(bundled_deduped.against(&bare, "in bundles with dedupe", "bare"));
    rows.extend(targeted(single.against(&bare, "webhook to confirmed to 200, single messages", "bare")));
    rows.push(allowed(&single, "single messages"));
    rows.push(Row::new("events that went into the spool, not to the broker", spooled, "").with(AtMost(0.0)));
    rows.extend(single.against(&promised, "single messages", "bare published as promised"));
    rows.extend(single_read.against(&bare, "single messages, with the api beside it", "bare"));
    rows.extend(single_deduped.against(&bare, "single messages with dedupe, as by default", "bare"));
    rows.extend(promised.against(&bare, "bare published as promised", "bare"));
    let broker = promised.ratio(&bare, |round| round.broker);
    rows.push(Row::new("bare published as promised: CPU of the broker a call, against bare", broker, "x"));
    for (name, subject) in [
        ("bare", &bare),
        ("in bundles", &bundled),
        ("in bundles, with the api beside it", &bundled_read),
        ("in bundles with dedupe", &bundled_deduped),
        ("single messages", &single),
        ("single messages, with the api beside it", &single_read),
        ("single messages with dedupe", &single_deduped),
    ] {
        rows.extend(subject.figures(name));
    }
    rows
}

async fn measured(plan: &Plan, folder: &Path) -> Subjects {
    let node = Node::start().await;
    let bare = bare::Process::start(&node.url(), &["--queue", "bare"]).await;
    let promised = bare::Process::start(&node.url(), &["--queue", "promised", "--promised"]).await;
    let deduped = |name| Setup::rabbitmq(&folder.join(name), &node.url(), name);
    let setup = |name| deduped(name).with(load::WITHOUT_DEDUPE);
    let bundled = setup("bundled").bundled().roles("ingress").start().await;
    let bundled_read = setup("bundled-read").bundled().start().await;
    let bundled_deduped = deduped("bundled-deduped").bundled().roles("ingress").start().await;
    let single = setup("single").roles("ingress").start().await;
    let single_read = setup("single-read").start().await;
    let single_deduped = deduped("single-deduped").roles("ingress").start().await;
    let of_bare = |process: &bare::Process| Subject::new(Address::new(process.port, "/"), process.pid());
    let mut subjects = Subjects {
        bare: of_bare(&bare),
        promised: of_bare(&promised),
        bundled: Subject::gateway(&bundled),
        bundled_read: Subject::gateway(&bundled_read),
        bundled_deduped: Subject::gateway(&bundled_deduped),
        single: Subject::gateway(&single),
        single_read: Subject::gateway(&single_read),
        single_deduped: Subject::gateway(&single_deduped),
        spooled: 0.0,
    };
    for _ in 0..plan.rounds() {
        // Beside each other what is compared with a target.
        for subject in [
            &mut subjects.single_deduped,
            &mut subjects.bundled_deduped,
            &mut subjects.single_read,
            &mut subjects.bundled_read,
            &mut subjects.bundled,
            &mut subjects.bare,
            &mut subjects.single,
            &mut subjects.promised,
        ] {
            subject.measure(plan, node.pid()).await;
        }
    }
    for gateway in [&bundled, &bundled_read, &bundled_deduped, &single, &single_read, &single_deduped] {
        subjects.spooled += gateway.metric("kenh_spool_events_total", "").await;
    }
    for gateway in [&bundled_deduped, &single_deduped] {
        let known = gateway.metric("kenh_events_total", "duplicate").await;
        assert!(known == 0.0, "every call is another one, and {known} were taken for redeliveries");
    }
    subjects
}
