//! What a gateway costs that does nothing yet.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use kenh_tests::{PATIENCE, gateway::Setup};

use crate::{
    Plan,
    load::{self, Address, Call, Connection},
    process,
    report::{Row, Target::AtMost, median},
};

const STARTS: usize = 5;

/// Measures it.
pub(crate) async fn rows(plan: &Plan, folder: &Path) -> Vec<Row> {
    let gateway = Setup::embedded(&folder.join("idle")).start().await;
    tokio::time::sleep(plan.warm_up()).await;
    let idle = process::rss(gateway.pid());
    drop(gateway);
    let calls = load::calls(1);
    let mut starts = Vec::new();
    for number in 0..STARTS {
        for call in &calls {
            starts.push(first_webhook(&folder.join(format!("start-{number}")), call).await);
        }
    }
    vec![
        Row::new("Memory of an idle gateway, embedded log", idle, "MB").with(AtMost(40.0)),
        Row::new("From the start of the process to the first webhook stored", median(starts), "ms").with(AtMost(300.0)),
    ]
}

/// Milliseconds from the start of a gateway to its first 200, in a folder that is empty.
async fn first_webhook(folder: &Path, call: &Call) -> f64 {
    let begun = Instant::now();
    let gateway = Setup::embedded(folder).spawn();
    let address = Address::messenger(gateway.web);
    while !accepts(&address, call).await {
        assert!(begun.elapsed() < PATIENCE, "the gateway starts in time");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    begun.elapsed().as_secs_f64() * 1000.0
}

async fn accepts(address: &Address, call: &Call) -> bool {
    match Connection::open(address).await {
        Some(mut connection) => connection.post(call).await,
        None => false,
    }
}
