//! Writing down how sending goes, for all processes.

use std::{sync::Arc, time::Duration};

use kenh_store::Store;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::accounts::{Accounts, Unwritten};

/// How often times are written; changes of state are at once.
const EVERY: Duration = Duration::from_secs(10);
/// The store was away.
const AGAIN: Duration = Duration::from_secs(1);

/// Writes it down until told to stop, and what is left then.
pub(crate) async fn write(accounts: Accounts, store: Arc<dyn Store>, stop: CancellationToken) {
    let (mut changes, mut pause) = (accounts.changes(), EVERY);
    let mut times = tokio::time::Instant::now() + EVERY;
    while !stop.is_cancelled() {
        let urgent = tokio::select! {
            () = stop.cancelled() => Unwritten::Times,
            _ = changes.changed() => Unwritten::State,
            () = tokio::time::sleep_until(times) => Unwritten::Times,
            () = tokio::time::sleep(pause), if pause < EVERY => Unwritten::State,
        };
        if urgent == Unwritten::Times {
            times = tokio::time::Instant::now() + EVERY;
        }
        pause = EVERY;
        for (key, fare) in accounts.take_unwritten(urgent) {
            let (channel, endpoint, account) = &key;
            if let Err(error) = store.put_sending(channel, &format!("{endpoint}/{account}"), &fare).await {
                debug!(%error, "how an account fares is written down later");
                accounts.not_written(&key);
                pause = AGAIN;
            }
        }
    }
}
