//! Subscriptions of the gateway's own: consumers like any other, within the process, so that no event is missed and one
//! replica after the other can do the work.

use std::time::Duration;

use async_trait::async_trait;
use kenh_proto::server::{self as v1, subscribe_response::Response};
use kenh_store::CreateError;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use crate::named::{self, Named, Outgoing, Signal, Spec};

const PAUSE: Duration = Duration::from_secs(1);

/// What is done with events.
#[async_trait]
pub(crate) trait Work: Send + Sync {
    /// Its subscription. Nobody else can have one of that name: it begins with no letter or digit.
    const NAME: &'static str;
    /// Kinds of events it reads.
    const KINDS: &'static [v1::EventKind];
    /// Where it begins the first time: with the oldest event, or with the next one.
    const FROM_OLDEST: bool;
    /// Events in hand at a time.
    const AT_ONCE: u32;

    /// Does it. Events that are not done are given again.
    async fn take(&self, batch: v1::Batch) -> Result<(), String>;
}

/// Works for as long as the process runs.
pub(crate) async fn work<W: Work>(named: Named, work: W, stop: CancellationToken) {
    // One a process: all of them are consumers of the one subscription.
    let consumer = Uuid::new_v4().to_string();
    while !stop.is_cancelled() {
        if let Err(reason) = read(&named, &work, &consumer, &stop).await {
            debug!(subscription = W::NAME, reason, "a subscription of the gateway's own rests for a moment");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn read<W: Work>(named: &Named, work: &W, consumer: &str, stop: &CancellationToken) -> Result<(), String> {
    create::<W>(named).await?;
    let (outbox, mut responses) = mpsc::channel::<Outgoing>(2);
    let (left, lefts) = watch::channel(0);
    let (signals, signalled) = mpsc::channel(4);
    let open = v1::Open {
        subscription: W::NAME.into(),
        consumer_id: consumer.into(),
        ack_mode: v1::AckMode::Individual.into(),
        max_outstanding_messages: W::AT_ONCE,
        ..Default::default()
    };
    let stream = named.open_own(&open, outbox, lefts).await.map_err(|status| status.message().to_owned())?;
    tokio::spawn(stream.run(signalled, stop.clone()));
    while let Some((number, response)) = responses.recv().await {
        named::departed(&left, number);
        let response = response.map_err(|status| status.message().to_owned())?.response;
        match response {
            Some(Response::Batch(batch)) => {
                let cursors = batch.deliveries.iter().map(|delivery| delivery.cursor.clone()).collect();
                let signal = match work.take(batch).await {
                    Ok(()) => Signal::Ack(v1::Ack { cursors }),
                    Err(reason) => {
                        debug!(subscription = W::NAME, reason, "events are taken up again");
                        Signal::Nack(v1::Nack { cursors, ..Default::default() })
                    }
                };
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

async fn create<W: Work>(named: &Named) -> Result<(), String> {
    let spec = Spec::own(W::NAME, W::KINDS).map_err(|status| status.message().to_owned())?;
    if named.store.get(W::NAME).await.map_err(|error| error.to_string())?.is_some() {
        return Ok(());
    }
    let start = if W::FROM_OLDEST {
        crate::request::oldest(&*named.log).await.map_err(|status| status.message().to_owned())?.0
    } else {
        named.hub.heads().await.map_err(|error| error.to_string())?
    };
    match named.store.create(W::NAME, spec.encode(), &start, u64::MAX).await {
        Ok(_) | Err(CreateError::Exists(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
