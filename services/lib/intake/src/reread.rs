//! Reading a delivery again that could not be read when it came.

use connector_sdk::{Delivery, Proof, RawRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kenh_log::AppendError;
use kenh_proto::v1::{Envelope, Raw, SignatureQuality, envelope::Payload};
use kenh_runtime::clock;

use crate::{
    Away, Endpoint, Intake, Read, Stamp, normalize,
    pipeline::{NotStored, stamped},
};

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It holds events now; so many are stored.
    Stored(usize),
    /// It still cannot be read.
    StillUnreadable,
    /// Its events could not be stored.
    NotStored(AppendError),
    /// Another call is storing the same events.
    Pending,
    /// Only an attached process could read it, and none did.
    ConnectorAway(Away),
}

impl Intake {
    /// Normalizes what an `unsupported` envelope holds with the connector as it is now. Events of a kind that is
    /// known now are stored, as they would have been; nothing is stored while any of it still cannot be read.
    pub async fn reread(&self, endpoint: &Endpoint, envelope: &Envelope) -> Reading {
        let Some(raw) = &envelope.raw else { return Reading::StillUnreadable };
        let item = raw.bytes.clone().unwrap_or_default();
        let headers = kept_headers(raw);
        let body = endpoint.connector.whole(&item, envelope);
        let stamp = Stamp {
            endpoint,
            partitions: self.partitions(),
            received_at: clock::now(),
            proof: proof(envelope),
            traceparent: None,
        };
        let delivery = Delivery { headers: &headers, body: &body };
        let read = match endpoint.connector.by_process() {
            None => normalize(&stamp, delivery),
            Some(by) => {
                let (method, received_at) = (&Method::POST, stamp.received_at);
                let request = RawRequest { method, query: "", headers: &headers, body: &body, received_at };
                // It was proven when it came.
                match self.ask(endpoint, by, request, false).await {
                    Ok(Read::Events(batch, _)) => stamped(&stamp, batch, false, delivery),
                    Ok(Read::Refused(_) | Read::Unreadable(_)) => return Reading::StillUnreadable,
                    Err(away) => return Reading::ConnectorAway(away),
                }
            }
        };
        let unreadable = |envelope: &Envelope| matches!(envelope.payload, Some(Payload::Unsupported(_)));
        if read.envelopes.is_empty() || read.envelopes.iter().any(unreadable) {
            return Reading::StillUnreadable;
        }
        match self.store(endpoint.channel, &read.envelopes).await {
            Ok(_) => Reading::Stored(read.envelopes.len()),
            Err(NotStored::Failed(error)) => Reading::NotStored(error),
            Err(NotStored::Pending) => Reading::Pending,
        }
    }
}

/// The bytes of a file that came within an event's delivery, which is kept with the event; see
/// [`enclosed`](connector_sdk::Connector::enclosed).
pub fn enclosed(endpoint: &Endpoint, envelope: &Envelope, provider_ref: &str) -> Option<Vec<u8>> {
    let raw = envelope.raw.as_ref()?;
    let (headers, item) = (kept_headers(raw), raw.bytes.clone()?);
    let body = endpoint.connector.whole(&item, envelope);
    endpoint.connector.enclosed(Delivery { headers: &headers, body: &body }, provider_ref)
}

fn kept_headers(raw: &Raw) -> HeaderMap {
    let kept = raw.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    headers(kept.chain(raw.content_type.as_deref().map(|value| ("content-type", value))))
}

fn headers<'a>(kept: impl Iterator<Item = (&'a str, &'a str)>) -> HeaderMap {
    let parse =
        |(name, value): (&str, &str)| Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?));
    kept.filter_map(parse).collect()
}

/// How it was proven when it came: nothing is proven again.
fn proof(envelope: &Envelope) -> Option<Proof> {
    match envelope.quality.as_ref()?.signature() {
        SignatureQuality::Verified => Some(Proof::Signature),
        SignatureQuality::Token => Some(Proof::Token),
        SignatureQuality::Fetched => Some(Proof::Fetched),
        SignatureQuality::Process => Some(Proof::Process),
        SignatureQuality::Received => Some(Proof::Received),
        SignatureQuality::Unsigned | SignatureQuality::Unspecified => None,
    }
}
