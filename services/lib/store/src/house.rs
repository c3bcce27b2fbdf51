//! Keeping the store within its bounds.

use std::{sync::Arc, time::Duration};

use connector_sdk::Section;
use kenh_runtime::metrics;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::{Store, StoreError};

/// How often it is looked after.
const EVERY: Duration = Duration::from_secs(60);
/// Calls of one kind in one go; each removes a bounded number.
const AT_ONCE: usize = 200;

/// How long things are remembered.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Published events, so that their redeliveries are known; `None`: for ever what there is of them.
    pub claims: Option<Duration>,
    /// Parked events.
    pub parked: Duration,
    /// Most parked events, of all subscriptions together; the oldest go.
    pub parked_events: u64,
}

impl Retention {
    /// Reads `parked`.
    pub fn read(section: &mut Section<'_>, claims: Option<Duration>) -> Self {
        Self {
            claims,
            parked: section.duration("max_age", Duration::from_secs(30 * 86_400)),
            parked_events: section.number("max_events", 1..=100_000_000, 100_000),
        }
    }
}

/// Looks after the store until told to stop. Any number of processes may do so at once.
pub async fn keep(store: Arc<dyn Store>, retention: Retention, stop: CancellationToken) {
    loop {
        match tidy(&*store, retention).await {
            Ok(0) => {}
            Ok(expired) => info!(expired, "parked events were dropped: they were too old or too many"),
            Err(error) => debug!(%error, "the state store is tidied up later"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// How many parked events were dropped.
async fn tidy(store: &dyn Store, retention: Retention) -> Result<u64, StoreError> {
    if let Some(window) = retention.claims {
        for _ in 0..AT_ONCE {
            if store.forget(window).await? == 0 {
                break;
            }
        }
    }
    let mut expired = 0;
    for _ in 0..AT_ONCE {
        match store.expire_parked(retention.parked, retention.parked_events).await? {
            0 => break,
            some => expired += some,
        }
    }
    let counts = store.count_parked().await?;
    let total = |of_gateway: bool| counts.iter().filter(|(of, _)| of.is_none() == of_gateway).map(|(_, n)| *n).sum();
    for (by, of_gateway) in [("gateway", true), ("subscription", false)] {
        let total: u64 = total(of_gateway);
        metrics::PARKED_HELD.set(f64::from(u32::try_from(total).unwrap_or(u32::MAX)), [("by", by)]);
    }
    Ok(expired)
}
