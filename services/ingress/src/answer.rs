//! What each outcome answers. A 200 means that a durable log holds every event; nothing else gives one.

use axum::response::{IntoResponse, Response};
use connector_sdk::{Ack, Handshake, Rejected};
use http::{HeaderValue, StatusCode, header};
use kenh_intake::{Away, Outcome};
use kenh_proto::v1::ExchangeOutcome;

use crate::body::Unread;

/// What became of a call.
#[derive(Debug)]
pub(crate) enum Call {
    /// A delivery went through the pipeline.
    Delivery(Outcome, Ack),
    /// A set-up request was answered by the connector.
    Handshake(Handshake),
    /// No attached process answered a set-up request.
    ConnectorAway(Away),
    /// There is no such endpoint.
    UnknownEndpoint,
    /// Neither GET nor POST.
    WrongMethod,
    /// The body was not read whole.
    Unread(Unread),
    /// Too many calls are being worked on.
    Overloaded,
}

/// Seconds after which a channel may come back.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

impl Call {
    /// The outcome as a metric label.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Delivery(outcome, _) => outcome.label(),
            Self::Handshake(_) => "handshake",
            Self::ConnectorAway(_) => "connector_away",
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::WrongMethod => "wrong_method",
            Self::Unread(Unread::TooLarge) => "too_large",
            Self::Unread(Unread::TooSlow | Unread::Broken) => "broken",
            Self::Overloaded => "overloaded",
        }
    }
}

impl Call {
    /// The outcome as the channel log has it, why, and how many events were stored.
    pub(crate) fn exchanged(&self) -> (ExchangeOutcome, Option<&'static str>, u32) {
        let without = |outcome| (outcome, None, 0);
        match self {
            Self::Delivery(Outcome::Stored { events }, _) => {
                (ExchangeOutcome::Stored, None, u32::try_from(*events).unwrap_or(u32::MAX))
            }
            Self::Delivery(Outcome::Duplicate, _) => without(ExchangeOutcome::Duplicate),
            Self::Delivery(Outcome::Skipped, _) => without(ExchangeOutcome::Skipped),
            Self::Delivery(Outcome::Malformed, _) => (ExchangeOutcome::Malformed, None, 1),
            Self::Delivery(Outcome::Rejected(rejected), _) => (ExchangeOutcome::Rejected, Some(rejected.reason()), 0),
            Self::Delivery(Outcome::NotStored(error), _) => (ExchangeOutcome::NotStored, Some(error.reason()), 0),
            Self::Delivery(Outcome::Pending, _) => without(ExchangeOutcome::Pending),
            Self::Delivery(Outcome::ConnectorAway(away), _) | Self::ConnectorAway(away) => {
                (ExchangeOutcome::NotStored, Some(away.reason()), 0)
            }
            Self::Handshake(Handshake::Answer(_) | Handshake::Json(_)) => without(ExchangeOutcome::Handshake),
            Self::Handshake(Handshake::Refused) => (ExchangeOutcome::Rejected, Some("handshake_refused"), 0),
            Self::Handshake(Handshake::Incomplete(_)) => (ExchangeOutcome::Rejected, Some("handshake_incomplete"), 0),
            Self::Handshake(Handshake::Unknown) | Self::WrongMethod => without(ExchangeOutcome::WrongMethod),
            Self::Unread(Unread::TooLarge) => without(ExchangeOutcome::TooLarge),
            Self::Unread(Unread::TooSlow) => (ExchangeOutcome::Broken, Some("too_slow"), 0),
            Self::Unread(Unread::Broken) => without(ExchangeOutcome::Broken),
            Self::Overloaded => without(ExchangeOutcome::Overloaded),
            Self::UnknownEndpoint => without(ExchangeOutcome::Unspecified),
        }
    }
}

impl IntoResponse for Call {
    fn into_response(self) -> Response {
        match self {
            Self::Delivery(
                Outcome::Stored { .. } | Outcome::Duplicate | Outcome::Skipped | Outcome::Malformed,
                ack,
            ) => acknowledge(ack),
            // A genuine call must not be lost for an issuer that is away; what is asked for again is proven then.
            Self::Delivery(Outcome::Rejected(Rejected::KeysUnavailable), _) => {
                later("the issuer's keys are not known now\n")
            }
            Self::Delivery(Outcome::Rejected(_), _) => {
                (StatusCode::UNAUTHORIZED, "not signed as configured\n").into_response()
            }
            Self::Delivery(Outcome::NotStored(_), _) => later("the events cannot be stored now\n"),
            Self::Delivery(Outcome::Pending, _) => later("the same events are being stored for another call\n"),
            Self::Delivery(Outcome::ConnectorAway(_), _) | Self::ConnectorAway(_) => {
                later("nothing reads this channel's calls now\n")
            }
            Self::Overloaded => later("too many calls at once\n"),
            Self::Handshake(Handshake::Answer(text)) => text.into_response(),
            Self::Handshake(Handshake::Json(text)) => acknowledge(Ack::Json(text.into())),
            Self::Handshake(Handshake::Refused) => (StatusCode::FORBIDDEN, "wrong token\n").into_response(),
            Self::Handshake(Handshake::Incomplete(what)) => {
                (StatusCode::BAD_REQUEST, format!("{what}\n")).into_response()
            }
            Self::Handshake(Handshake::Unknown) => not_allowed("POST"),
            Self::WrongMethod => not_allowed("GET, POST"),
            Self::UnknownEndpoint => (StatusCode::NOT_FOUND, "no such endpoint\n").into_response(),
            Self::Unread(Unread::TooLarge) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n").into_response()
            }
            Self::Unread(Unread::TooSlow | Unread::Broken) => {
                (StatusCode::REQUEST_TIMEOUT, "the body did not arrive\n").into_response()
            }
        }
    }
}

fn acknowledge(ack: Ack) -> Response {
    match ack {
        Ack::Empty => StatusCode::OK.into_response(),
        Ack::NoContent => StatusCode::NO_CONTENT.into_response(),
        Ack::Text(text) => text.into_response(),
        Ack::Json(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
    }
}

fn later(text: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], text).into_response()
}

fn not_allowed(allowed: &'static str) -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)], "this method is not served here\n").into_response()
}
