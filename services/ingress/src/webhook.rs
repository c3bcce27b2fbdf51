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
use kenh_intake::{Endpoint, Endpoints, Intake};
use kenh_runtime::{clock, metrics};
use tokio::sync::Semaphore;

use crate::{Config, answer::Call, body};

#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) config: Config,
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) intake: Intake,
    pub(crate) in_flight: Arc<Semaphore>,
    /// In units of [`UNIT`].
    pub(crate) in_flight_bytes: Arc<Semaphore>,
}

/// Bytes that one permit stands for.
pub(crate) const UNIT: usize = 1024;

/// Metric label of calls to addresses that do not exist: what a stranger writes is no label.
const NO_CHANNEL: &str = "none";

pub(crate) async fn call(
    State(service): State<Service>,
    Path((channel, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    respond(&service, &channel, &name, request).await
}

/// The same with a secret token in the address, which goes where connectors look for it. A call that brings the header
/// too has two tokens, and with two none is right.
pub(crate) async fn call_with_token(
    State(service): State<Service>,
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
    let call = match endpoint {
        Some(endpoint) => service.answer(&endpoint, request).await,
        None => Call::UnknownEndpoint,
    };
    metrics::DELIVERIES.add(1, [("channel", label), ("outcome", call.label())]);
    call.into_response()
}

impl Service {
    async fn answer(&self, endpoint: &Endpoint, request: Request) -> Call {
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
                self.delivery(endpoint, call(query.as_bytes())).await
            }
            Method::GET => Call::Handshake(endpoint.connector.handshake(call(&[]))),
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
                self.delivery(endpoint, call(&body)).await
            }
            _ => Call::WrongMethod,
        }
    }

    async fn delivery(&self, endpoint: &Endpoint, call: RawRequest<'_>) -> Call {
        let begun = Instant::now();
        let outcome = self.intake.accept(endpoint, call).await;
        metrics::DELIVERY_SECONDS.observe(begun.elapsed(), [("channel", endpoint.channel)]);
        // Of what is not taken, nothing is read.
        let ack = if outcome.is_taken() { endpoint.connector.ack(call.delivery()) } else { Ack::Empty };
        Call::Delivery(outcome, ack)
    }
}
