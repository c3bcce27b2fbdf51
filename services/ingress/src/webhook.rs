//! One call to a webhook address.

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse as _, Response},
};
use connector_sdk::{ARRIVAL_HEADER, Ack, RawRequest, TOKEN_HEADER};
use http::{HeaderValue, Method};
use kenh_channel_log::{ChannelLog, Entry};
use kenh_intake::{Delivered, Endpoint, Endpoints, Intake};
use kenh_proto::v1::ExchangeKind;
use kenh_runtime::{clock, metrics};
use tokio::sync::Semaphore;

use crate::{Config, answer::Call, body};

pub(crate) struct Service {
    pub(crate) config: Config,
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) intake: Intake,
    pub(crate) log: ChannelLog,
    pub(crate) in_flight: Semaphore,
    /// In units of [`UNIT`].
    pub(crate) in_flight_bytes: Semaphore,
}

/// Bytes that one permit stands for.
pub(crate) const UNIT: usize = 1024;

/// Metric label of calls to addresses that do not exist: what a stranger writes is no label.
const NO_CHANNEL: &str = "none";

pub(crate) async fn call(
    State(service): State<Arc<Service>>,
    Path((channel, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    respond(&service, &channel, &name, request).await
}

/// The same with a secret token in the address, which goes where connectors look for it. A call that brings the header
/// too has two tokens, and with two none is right.
pub(crate) async fn call_with_token(
    State(service): State<Arc<Service>>,
    Path((channel, name, token)): Path<(String, String, String)>,
    mut request: Request,
) -> Response {
    // What no header can hold is no token anybody has configured.
    let mut token = HeaderValue::try_from(token).unwrap_or(HeaderValue::from_static(""));
    token.set_sensitive(true);
    request.headers_mut().append(TOKEN_HEADER, token);
    respond(&service, &channel, &name, request).await
}

async fn respond(service: &Service, channel: &str, name: &str, request: Request) -> Response {
    let endpoint = service.endpoints.find(channel, name);
    let label = endpoint.as_ref().map_or(NO_CHANNEL, |endpoint| endpoint.channel);
    // Of addresses that do not exist nothing is written down: everybody can call those.
    let Some(endpoint) = endpoint else { return counted(Call::UnknownEndpoint, label) };
    let mut entry = Entry::begin(ExchangeKind::Webhook, endpoint.channel, &endpoint.name);
    entry.method = method(request.method());
    let call = service.answer(&endpoint, request, &mut entry).await;
    (entry.outcome, entry.detail, entry.events) = call.exchanged();
    let response = counted(call, label);
    entry.status = response.status().as_u16();
    entry.ended();
    service.log.note(entry);
    response
}

fn counted(call: Call, channel: &'static str) -> Response {
    metrics::DELIVERIES.add(1, [("channel", channel), ("outcome", call.label())]);
    call.into_response()
}

/// Anything can be sent as a method: one that is not HTTP's own is none of ours to repeat.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

impl Service {
    async fn answer(&self, endpoint: &Endpoint, request: Request, entry: &mut Entry) -> Call {
        let Ok(_slot) = self.in_flight.try_acquire() else { return Call::Overloaded };
        let _in_flight = metrics::DELIVERIES_IN_FLIGHT.hold();
        let (mut head, body) = request.into_parts();
        let received_at = clock::now();
        let seconds = received_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        head.headers.insert(ARRIVAL_HEADER, seconds.into());
        let query = head.uri.query().unwrap_or_default();
        let call = |body| RawRequest { method: &head.method, query, headers: &head.headers, body, received_at };
        match head.method {
            Method::GET if endpoint.connector.delivers_by_get() => {
                self.delivery(endpoint, call(query.as_bytes()), entry).await
            }
            Method::GET => match self.intake.handshake(endpoint, call(&[])).await {
                Ok(handshake) => Call::Handshake(handshake),
                Err(away) => Call::ConnectorAway(away),
            },
            Method::POST => {
                let expected = match body::expected(&head.headers, self.config.max_body) {
                    Ok(expected) => u32::try_from(expected / UNIT + 1).unwrap_or(u32::MAX),
                    Err(unread) => return Call::Unread(unread),
                };
                let Ok(_room) = self.in_flight_bytes.try_acquire_many(expected) else { return Call::Overloaded };
                let body = match body::read(body, self.config.max_body, self.config.body_timeout).await {
                    Ok(body) => body,
                    Err(unread) => return Call::Unread(unread),
                };
                self.delivery(endpoint, call(&body), entry).await
            }
            _ => Call::WrongMethod,
        }
    }

    async fn delivery(&self, endpoint: &Endpoint, call: RawRequest<'_>, entry: &mut Entry) -> Call {
        entry.request_bytes = u64::try_from(call.body.len()).unwrap_or(u64::MAX);
        let begun = Instant::now();
        // In a box, since the server moves the future of a call from hand to hand.
        let accepted = Box::pin(self.intake.accept(endpoint, call));
        let Delivered { outcome, account, trace_id, ack } = accepted.await;
        metrics::DELIVERY_SECONDS.observe(begun.elapsed(), [("channel", endpoint.channel)]);
        (entry.account, entry.trace_id) = (account, trace_id);
        // Of what is not taken, nothing is read.
        let ack = match ack {
            _ if !outcome.is_taken() => Ack::Empty,
            Some(ack) => ack,
            None => endpoint.connector.ack(call.delivery()),
        };
        Call::Delivery(outcome, ack)
    }
}
