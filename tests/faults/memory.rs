//! An outage under much load costs disk and no memory.

use std::time::{Duration, Instant};

use kenh_tests::{gateway::Setup, rabbitmq::Node};

use crate::{audit::Repeats, ledger::Load, run::Run};

/// Two thousand events a second, in deliveries of twenty.
const MUCH: Load = Load { writers: 20, conversations: 20, pause: Duration::from_millis(200), padding: 200 };
/// Less, where other tests run beside it.
const LESS: Load = Load { pause: Duration::from_millis(800), ..MUCH };
const OUTAGE: Duration = Duration::from_secs(20);
const SOAK_OUTAGE: Duration = Duration::from_secs(300);
/// In MiB.
const MOST_MEMORY: u64 = 200;
const LEAST_RATE: usize = 1_900;

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_under_much_load_costs_little_memory() {
    let (outage, load) = if kenh_tests::soak().is_some() { (SOAK_OUTAGE, MUCH) } else { (OUTAGE, LESS) };
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::start().await);
    let setup = Setup::rabbitmq(folder.path(), &node.url(), "memory").with("  spool:\n    max_bytes: 4GiB\n");
    let gateway = setup.start().await;
    let mut run = Run::begin("outage", &gateway, load).await;
    assert!(run.again());
    node.kill().await;
    let (before, begun) = (run.ledger.accepted(), Instant::now());
    tokio::time::sleep(outage).await;
    let rate = (run.ledger.accepted() - before) / usize::try_from(begun.elapsed().as_secs()).unwrap();
    let at_its_end = gateway.memory()[0] >> 20;
    node.restart().await;
    run.hush().await;
    // Looked at once all of it has gone through.
    run.drained(&gateway).await;
    let most = gateway.memory()[1] >> 20;
    let outcome = run.end(&gateway, Repeats::SameId).await;
    println!("soak: outage, {rate} events a second: {at_its_end} MiB at its end, {most} MiB at most");
    assert!(most < MOST_MEMORY, "{most} MiB at most, {at_its_end} MiB at the end of the outage");
    assert!(kenh_tests::soak().is_none() || rate >= LEAST_RATE, "only {rate} events a second came");
    assert_eq!((outcome.refused, outcome.unanswered), (0, 0), "every event was taken");
}
