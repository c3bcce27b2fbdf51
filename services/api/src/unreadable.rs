//! Parks what the gateway could prove and not read: `unsupported` events, each for an operator.

use async_trait::async_trait;
use kenh_proto::{
    kind_slug, server as v1,
    v1::{Envelope, envelope::Payload},
};
use kenh_runtime::metrics;
use kenh_store::Parked;
use prost::Message as _;
use tracing::warn;
use uuid::Uuid;

use crate::{named::Named, own::Work};

/// Reasons of events that were read and left untyped on purpose: there is nothing to mend.
const UNDERSTOOD: &[&str] = &["not_typed", "no_content", "no_user_edit", "unsupported_by_channel"];

/// Parks.
pub(crate) struct Unreadable(pub(crate) Named);

#[async_trait]
impl Work for Unreadable {
    const NAME: &'static str = "_unreadable";
    const KINDS: &'static [v1::EventKind] = &[v1::EventKind::Unsupported];
    const FROM_OLDEST: bool = true;
    const AT_ONCE: u32 = 100;

    async fn take(&self, batch: v1::Batch) -> Result<(), String> {
        let items: Vec<_> = batch.deliveries.into_iter().filter_map(item).collect();
        if let Err(error) = self.0.store.park(&items).await {
            warn!(%error, "unreadable deliveries cannot be parked, trying again");
            return Err(error.to_string());
        }
        metrics::PARKED.add(u64::try_from(items.len()).unwrap_or_default(), [("by", "gateway")]);
        Ok(())
    }
}

fn item(delivery: v1::Delivery) -> Option<Parked> {
    let envelope = Envelope::decode(delivery.envelope.clone()).ok()?;
    let event = Uuid::try_parse(&envelope.id).ok()?;
    let kind = kind_slug(envelope.kind()).into();
    let Some(Payload::Unsupported(unsupported)) = envelope.payload else { return None };
    if UNDERSTOOD.contains(&unsupported.reason.as_str()) {
        return None;
    }
    Some(Parked {
        id: event,
        subscription: None,
        partition: envelope.partition,
        offset: 0,
        event,
        channel: envelope.channel,
        kind,
        reason: unsupported
            .detail
            .map_or(unsupported.reason.clone(), |detail| format!("{}: {detail}", unsupported.reason)),
        attempts: 0,
        parked_at: 0,
        redrive: false,
        envelope: delivery.envelope,
    })
}
