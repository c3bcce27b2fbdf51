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
    /// What is sent and whom to.
    pub sending: Sending,
    /// What was exchanged with channels.
    pub exchanges: Exchanged,
}

/// How much of the channel log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchanged {
    /// For how long.
    pub age: Duration,
    /// Entries of one account at most, the newest.
    pub most: u64,
}

/// How long outbound messages and conversations are remembered.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    /// Outbound messages, from their end on.
    pub outbound: Duration,
    /// Conversations, from their last event on.
    pub conversations: Duration,
}

const DAY: Duration = Duration::from_secs(86_400);
/// Idempotency keys stand for their messages for so long.
const KEYS_LAST: Duration = Duration::from_secs(7 * 86_400);

impl Retention {
    /// Reads `parked`.
    pub fn read(section: &mut Section<'_>, claims: Option<Duration>, sending: Sending, exchanges: Exchanged) -> Self {
        Self {
            claims,
            parked: section.duration("max_age", DAY * 30),
            parked_events: section.number("max_events", 1..=100_000_000, 100_000),
            sending,
            exchanges,
        }
    }
}

impl Sending {
    /// Reads `store.retention`, given `store`.
    pub fn read(store: &mut Section<'_>) -> Self {
        store.section("retention", |retention| {
            let outbound = retention.duration("outbound", DAY * 30);
            if outbound < KEYS_LAST {
                retention.fault("outbound", "expected 7d or more: idempotency keys go with their messages");
            }
            let conversations = retention.duration("conversations", DAY * 90);
            if conversations < DAY {
                retention.fault("conversations", "expected 1d or more: what is forgotten cannot be answered by its id");
            }
            Self { outbound, conversations }
        })
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
    for _ in 0..AT_ONCE {
        if store.expire_outbound(retention.sending.outbound).await? == 0 {
            break;
        }
    }
    for _ in 0..AT_ONCE {
        if store.forget_conversations(retention.sending.conversations).await? == 0 {
            break;
        }
    }
    for _ in 0..AT_ONCE {
        if store.expire_exchanges(retention.exchanges.age, retention.exchanges.most).await? == 0 {
            break;
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

#[cfg(test)]
mod tests {
    use connector_sdk::settings::{Faults, parse};

    use super::*;

    fn read(yaml: &str) -> (Sending, Vec<String>) {
        let mut faults = Faults::default();
        let node = parse(yaml, &mut faults);
        let mut section = Section::new(&node, "store", &mut faults);
        let sending = Sending::read(&mut section);
        section.finish();
        (sending, faults.sorted().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn messages_outlast_their_keys() {
        let (sending, faults) = read("");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((sending.outbound, sending.conversations), (DAY * 30, DAY * 90));
        let (sending, faults) = read("retention: { outbound: 7d, conversations: 1d }");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((sending.outbound, sending.conversations), (DAY * 7, DAY));
        let (_, faults) = read("retention: { outbound: 6d, conversations: 1h, parked: 1d }");
        let all = faults.join("\n");
        for key in ["outbound: expected 7d", "conversations: expected 1d", "parked: unknown"] {
            assert!(all.contains(&format!("store.retention.{key}")), "{key} in {all}");
        }
    }
}
