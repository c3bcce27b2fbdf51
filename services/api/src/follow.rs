//! Gives the log to whoever learns from it how conversations may be answered and how far messages have come.

use std::time::Duration;

use async_trait::async_trait;
use kenh_outbound::Follower;
use kenh_proto::{server as v1, v1::Envelope};
use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::own::Work;

/// Follows.
pub(crate) struct Follow(pub(crate) Follower);

#[async_trait]
impl Work for Follow {
    const NAME: &'static str = "_outbound";
    const KINDS: &'static [v1::EventKind] = &[
        v1::EventKind::Message,
        v1::EventKind::Action,
        v1::EventKind::Comment,
        v1::EventKind::Receipt,
        v1::EventKind::SubscriptionChange,
        v1::EventKind::ControlEvent,
        v1::EventKind::CallEvent,
    ];
    // A conversation may be answered that was begun before the gateway could send.
    const FROM_OLDEST: bool = true;
    const AT_ONCE: u32 = 1000;

    async fn take(&self, batch: v1::Batch) -> Result<(), String> {
        // One event of a conversation is in hand at a time, so the order of a batch is every conversation's.
        let events = batch.deliveries.into_iter().filter_map(|delivery| Envelope::decode(delivery.envelope).ok());
        self.0.take(&events.collect::<Vec<_>>()).await.map_err(|error| error.to_string())
    }
}

/// Tells again and again what somebody died before telling.
pub(crate) async fn sweep(follower: Follower, stop: CancellationToken) {
    const EVERY: Duration = Duration::from_secs(15);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if let Err(error) = follower.sweep().await {
            debug!(%error, "receipts are told later");
        }
    }
}
