//! Having a process read a call.

use std::collections::{HashMap, hash_map::Entry};

use async_trait::async_trait;
use connector_sdk::{Ack, Batch, Event, RawRequest, Rejected, Skipped, digest_key, process::ByProcess};
use kenh_intake::{Away, Endpoint, Processes, Read};
use kenh_proto::v1::{
    ConnectorEvent, DeliveredEvents, DeliveryHeader, DeliveryRefusal, ReadDelivery, attach_response::Response,
    delivered_events, delivery_answer,
};
use kenh_runtime::metrics;
use prost::Message as _;

use crate::{
    Switchboard,
    answer::Answer,
    check::{Checked, checked},
    switchboard::{Kind, count},
};

/// Events of one call.
const MOST_EVENTS: usize = 1000;
/// Bytes of what a channel is answered.
const LONGEST_ACK: usize = 16 << 10;
const LONGEST_DETAIL: usize = 256;

#[async_trait]
impl Processes for Switchboard {
    async fn read(
        &self,
        endpoint: &Endpoint,
        by: &ByProcess,
        request: RawRequest<'_>,
        prove: bool,
    ) -> Result<Read, Away> {
        let question = |id| Response::Delivery(question(endpoint, by, &request, (id, prove)));
        let asked = self.ask((endpoint.channel, Kind::Deliveries), by.deadline, true, question).await;
        let read = asked.and_then(|answer| match answer {
            Answer::Delivery(Some(answer)) => understood(endpoint, by, request.body, answer),
            Answer::Delivery(None) | Answer::Send(_) => Err(Away::Invalid),
        });
        count(endpoint.channel, Kind::Deliveries, read.as_ref().map(|_| ()).map_err(|away| *away));
        read
    }
}

fn question(endpoint: &Endpoint, by: &ByProcess, request: &RawRequest<'_>, (id, prove): (u64, bool)) -> ReadDelivery {
    let withheld = |name: &str| by.withheld.iter().any(|withheld| withheld.eq_ignore_ascii_case(name));
    let headers = request.headers.iter().filter(|(name, _)| prove || !withheld(name.as_str()));
    ReadDelivery {
        id,
        endpoint: endpoint.name.clone(),
        method: request.method.as_str().into(),
        query: request.query.into(),
        headers: headers
            .map(|(name, value)| DeliveryHeader { name: name.as_str().into(), value: value.as_bytes().to_vec() })
            .collect(),
        body: request.body.to_vec(),
        prove,
        deadline: by.deadline.try_into().ok(),
    }
}

fn understood(endpoint: &Endpoint, by: &ByProcess, body: &[u8], answer: delivery_answer::Answer) -> Result<Read, Away> {
    Ok(match answer {
        delivery_answer::Answer::Refused(refused) => Read::Refused(rejected(refused.reason())),
        delivery_answer::Answer::Unreadable(unreadable) => {
            Read::Unreadable(unreadable.detail.chars().take(LONGEST_DETAIL).collect())
        }
        delivery_answer::Answer::Events(DeliveredEvents { events, ack }) => {
            let ack = ack_of(ack)?;
            if events.len() > MOST_EVENTS {
                let detail = format!("{} events of one call, of which there may be {MOST_EVENTS}", events.len());
                return Ok(Read::Unreadable(detail));
            }
            Read::Events(batch(endpoint.channel, by, body, events), ack)
        }
    })
}

fn rejected(reason: DeliveryRefusal) -> Rejected {
    match reason {
        DeliveryRefusal::Unspecified | DeliveryRefusal::SignatureMismatch => Rejected::SignatureMismatch,
        DeliveryRefusal::SignatureMissing => Rejected::SignatureMissing,
        DeliveryRefusal::TokenMismatch => Rejected::TokenMismatch,
        DeliveryRefusal::Stale => Rejected::Stale,
        DeliveryRefusal::WrongApplication => Rejected::WrongApplication,
    }
}

fn ack_of(ack: Option<delivered_events::Ack>) -> Result<Ack, Away> {
    let bounded = |text: String| if text.len() > LONGEST_ACK { Err(Away::Invalid) } else { Ok(text.into()) };
    Ok(match ack {
        None => Ack::Empty,
        Some(delivered_events::Ack::Text(text)) => Ack::Text(bounded(text)?),
        Some(delivered_events::Ack::Json(json)) => Ack::Json(bounded(json)?),
    })
}

/// The events of a call, each sound and with an identity of its own.
fn batch(channel: &'static str, by: &ByProcess, body: &[u8], given: Vec<ConnectorEvent>) -> Batch {
    if given.is_empty() {
        return Batch { events: Vec::new(), skipped: vec![Skipped { reason: "no_event" }] };
    }
    let mut events: Vec<Event> = Vec::with_capacity(given.len());
    let mut known: HashMap<(Option<String>, String), String> = HashMap::new();
    for given in given {
        let Checked { mut event, fault } = checked(given, Some(body), by.account.as_deref());
        if fault.is_some() {
            metrics::CONNECTOR_MISSHAPEN.add(1, [("channel", channel)]);
        }
        // Of two events of one identity the second would be taken for a redelivery of the first.
        let digest = digest_key(&event.envelope.encode_to_vec());
        let account = event.envelope.account.as_ref().and_then(|account| account.external_id.clone());
        match known.entry((account, event.envelope.dedupe_key.clone())) {
            Entry::Occupied(same) if *same.get() == digest => continue,
            Entry::Occupied(_) => {
                event.envelope.dedupe_key = digest;
                event = event.degraded(Some("repeated_key"));
            }
            Entry::Vacant(new) => {
                new.insert(digest);
            }
        }
        events.push(event);
    }
    Batch { events, skipped: Vec::new() }
}
