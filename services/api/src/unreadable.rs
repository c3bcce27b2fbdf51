//! Parks what the gateway could prove and not read.
//!
//! A consumer like any other, within the process: it reads a subscription of its own to `unsupported` events, so that
//! none is missed and one replica after the other does it, and parks each for an operator.

use std::time::Duration;

use kenh_proto::{
    kind_slug,
    server::{self as v1, subscribe_response::Response},
    v1::{Envelope, envelope::Payload},
};
use kenh_runtime::metrics;
use kenh_store::{CreateError, Parked};
use prost::Message as _;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

use crate::named::{self, Named, Outgoing, Signal, Spec};

/// Its subscription. Nobody else can have one of that name: it begins with no letter or digit.
const NAME: &str = "_unreadable";
/// Reasons of events that were read and left untyped on purpose: there is nothing to mend.
const UNDERSTOOD: &[&str] = &["not_typed", "no_content", "no_user_edit", "unsupported_by_channel"];
const PAUSE: Duration = Duration::from_secs(1);

/// Parks for as long as the process runs.
pub(crate) async fn park(named: Named, stop: CancellationToken) {
    // One a process: all of them are consumers of the one subscription.
    let consumer = Uuid::new_v4().to_string();
    while !stop.is_cancelled() {
        if let Err(reason) = read(&named, &consumer, &stop).await {
            debug!(reason, "unreadable deliveries are not parked for a moment");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn read(named: &Named, consumer: &str, stop: &CancellationToken) -> Result<(), String> {
    create(named).await?;
    let (outbox, mut responses) = mpsc::channel::<Outgoing>(2);
    let (left, lefts) = watch::channel(0);
    let (signals, signalled) = mpsc::channel(4);
    let open = v1::Open {
        subscription: NAME.into(),
        consumer_id: consumer.into(),
        ack_mode: v1::AckMode::Individual.into(),
        max_outstanding_messages: 100,
        ..Default::default()
    };
    let stream = named.open_own(&open, outbox, lefts).await.map_err(|status| status.message().to_owned())?;
    tokio::spawn(stream.run(signalled, stop.clone()));
    while let Some((number, response)) = responses.recv().await {
        named::departed(&left, number);
        let response = response.map_err(|status| status.message().to_owned())?.response;
        match response {
            Some(Response::Batch(batch)) => {
                let signal = keep(named, batch).await;
                if signals.send(signal).await.is_err() {
                    break;
                }
            }
            Some(Response::Drain(_)) => break,
            Some(Response::Opened(_) | Response::AckResult(_) | Response::Heartbeat(_)) | None => {}
        }
    }
    Ok(())
}

async fn create(named: &Named) -> Result<(), String> {
    let spec = Spec::own(NAME, v1::EventKind::Unsupported).map_err(|status| status.message().to_owned())?;
    if named.store.get(NAME).await.map_err(|error| error.to_string())?.is_some() {
        return Ok(());
    }
    let start = crate::request::oldest(&*named.log).await.map_err(|status| status.message().to_owned())?;
    match named.store.create(NAME, spec.encode(), &start.0, u64::MAX).await {
        Ok(_) | Err(CreateError::Exists(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Parks a batch. It is delivered again when the store does not take it.
async fn keep(named: &Named, batch: v1::Batch) -> Signal {
    let cursors = batch.deliveries.iter().map(|delivery| delivery.cursor.clone()).collect();
    let items: Vec<_> = batch.deliveries.into_iter().filter_map(item).collect();
    match named.store.park(&items).await {
        Ok(()) => {
            metrics::PARKED.add(u64::try_from(items.len()).unwrap_or_default(), [("by", "gateway")]);
            Signal::Ack(v1::Ack { cursors })
        }
        Err(error) => {
            warn!(%error, "unreadable deliveries cannot be parked, trying again");
            Signal::Nack(v1::Nack { cursors, ..Default::default() })
        }
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
