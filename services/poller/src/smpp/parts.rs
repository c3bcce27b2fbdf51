//! What is delivered, and the parts of messages that are kept until the others come.
//!
//! A PDU is answered when its event is stored, or when it is kept as a part. An event's id comes from what it holds and from when
//! its first part came, which the store knows: whoever tells it again tells the same event.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use connector_sdk::{ARRIVAL_HEADER, Delivery, smsc::Smsc};
use http::{HeaderMap, HeaderValue};
use kenh_intake::{Endpoint, Intake};
use kenh_runtime::{metrics, seldom::Seldom};
use kenh_smpp::{status, unnumbered};
use kenh_store::{Added, Assembly, NewPart, Store};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

static FULL: Seldom = Seldom::every(Duration::from_secs(60));
static INCOMPLETE: Seldom = Seldom::every(Duration::from_secs(60));

/// Messages of one endpoint that may wait for parts.
const MOST_WAITING: u64 = 10_000;
/// Whoever completed a message and did not tell it in this time is gone.
const SETTLE: Duration = Duration::from_secs(30);
/// How often is looked after what is missing, at most.
const LOOK: Duration = Duration::from_secs(5);
/// Messages of one name that stand before a part: the one there was, and the one that came in between.
const TRIES: usize = 3;

pub(super) struct Parts<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) smsc: &'a Smsc,
    pub(super) store: &'a dyn Store,
    pub(super) intake: &'a Intake,
}

impl Parts<'_> {
    fn source(&self) -> String {
        format!("{}/{}", self.endpoint.channel, self.endpoint.name)
    }

    /// Takes a PDU. What to answer.
    pub(super) async fn take(&self, pdu: &Bytes) -> u32 {
        // Sent again it has another number.
        let body = unnumbered(pdu);
        let Some(part) = self.endpoint.connector.part(&body) else {
            return if self.store_event(&body, None).await { status::OK } else { status::TEMPORARY };
        };
        let new =
            NewPart { source: self.source(), message: part.message, number: part.number, total: part.total, body };
        for _ in 0..TRIES {
            let told = match self.store.add_part(&new, MOST_WAITING).await {
                Ok(Added::Waiting | Added::Told) => return status::OK,
                Ok(Added::Complete(assembly)) => {
                    return if self.tell(&assembly).await { status::OK } else { status::TEMPORARY };
                }
                Ok(Added::Another(assembly)) => self.tell(&assembly).await,
                Ok(Added::Full) => {
                    if let Some(unsaid) = FULL.say() {
                        let (channel, endpoint) = (self.endpoint.channel, self.endpoint.name.as_str());
                        warn!(channel, endpoint, unsaid, "too many messages wait for parts: the next ones are put off");
                    }
                    return status::QUEUE_FULL;
                }
                Err(error) => {
                    debug!(%error, "a part cannot be kept, the message centre is told to send it again");
                    return status::TEMPORARY;
                }
            };
            if !told {
                break;
            }
        }
        status::TEMPORARY
    }

    /// Looks after what is missing, until told to stop.
    pub(super) async fn look_after(&self, stop: &CancellationToken) {
        let every = LOOK.min(self.smsc.assembly_timeout / 2);
        let source = self.source();
        while !stop.is_cancelled() {
            // Away it is asked again, as often as there are parts in it.
            for assembly in self.store.overdue(&source, self.smsc.assembly_timeout, SETTLE).await.unwrap_or_default() {
                if stop.is_cancelled() || !self.tell(&assembly).await {
                    break;
                }
            }
            let (one, joined) = (self.smsc.repeat_window, self.smsc.repeat_window.max(self.smsc.assembly_timeout));
            if let Err(error) = self.store.forget_told(&source, one, joined).await {
                debug!(%error, "messages that were told are forgotten later");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(every) => {}
            }
        }
    }

    /// Tells what there is of a message. Whether it is stored.
    async fn tell(&self, assembly: &Assembly) -> bool {
        let mut body = BytesMut::new();
        for (_, part) in &assembly.parts {
            body.extend_from_slice(part);
        }
        if !self.store_event(&body, Some(assembly.began_at)).await {
            return false;
        }
        if !assembly.is_complete() {
            metrics::INCOMPLETE.add(1, [("channel", self.endpoint.channel)]);
            if let Some(unsaid) = INCOMPLETE.say() {
                let (channel, endpoint, total) = (self.endpoint.channel, &self.endpoint.name, assembly.total);
                let parts = assembly.parts.len();
                warn!(channel, endpoint, parts, total, unsaid, "parts of a message did not come, the others are told");
            }
        }
        let told = self.store.assembly_told(&self.source(), &assembly.message, assembly.began_at).await;
        if let Err(error) = told {
            // Told again it is the same event.
            debug!(%error, "that a message was told is written down later");
        }
        true
    }

    async fn store_event(&self, body: &[u8], began_at: Option<i64>) -> bool {
        let arrival = began_at.and_then(|micros| u64::try_from(micros / 1_000_000).ok());
        let headers: HeaderMap = arrival
            .map(|seconds| (http::HeaderName::from_static(ARRIVAL_HEADER), HeaderValue::from(seconds)))
            .into_iter()
            .collect();
        let delivered = self.intake.accept_fetched(self.endpoint, Delivery { headers: &headers, body }).await;
        let labels = [("channel", self.endpoint.channel), ("outcome", delivered.outcome.label())];
        metrics::DELIVERIES.add(1, labels);
        delivered.outcome.is_taken()
    }
}
