//! Errors as callers read them. Codes and advice are the catalogue's: see `kenh_reason`.

use std::time::Duration;

use kenh_log::ReadError;
use kenh_proto::v1::ErrorReason;
pub(crate) use kenh_reason::invalid;
use kenh_reason::{Reason, Refusal};
use kenh_runtime::seldom::Seldom;
use tonic::Status;

/// Every call fails while one of them is away.
static STORE_AWAY: Seldom = Seldom::every(Duration::from_secs(10));
static LOG_AWAY: Seldom = Seldom::every(Duration::from_secs(10));

/// A call that cannot be carried out.
pub(crate) fn refused(reason: impl Into<Reason>, message: impl Into<String>) -> Status {
    Refusal::new(reason, message).status()
}

/// The cursor points before the oldest event held.
pub(crate) fn expired(oldest_cursor: &str) -> Status {
    let message = format!("the cursor is older than the log reaches; the oldest one held is {oldest_cursor}");
    Refusal::new(ErrorReason::CursorExpired, message).with("oldest_cursor", oldest_cursor).status()
}

/// The cursor points behind the newest event.
pub(crate) fn ahead() -> Status {
    let message = "the cursor lies behind the end of the log: the log was made anew, begin at EARLIEST or LATEST";
    refused(ErrorReason::CursorAhead, message)
}

pub(crate) fn too_many_streams(most: usize) -> Status {
    let message = format!("{most} event streams are open, which is the most this server serves; try again later");
    let refusal = Refusal::new(ErrorReason::TooManyStreams, message).with("max_streams", most.to_string());
    refusal.retry_in(Duration::from_secs(5)).status()
}

pub(crate) fn no_subscription(name: &str) -> Status {
    let message = format!("there is no subscription {name:?}; create it with SubscriptionService.CreateSubscription");
    Refusal::new(ErrorReason::SubscriptionNotFound, message).with("subscription", name).status()
}

pub(crate) fn subscription_exists(name: &str) -> Status {
    let message = format!("there is another subscription {name:?}; its settings cannot be changed");
    Refusal::new(ErrorReason::SubscriptionExists, message).with("subscription", name).status()
}

pub(crate) fn too_many_subscriptions(most: u64) -> Status {
    let message = format!("there are {most} subscriptions, which is the most this server keeps; delete some");
    Refusal::new(ErrorReason::TooManySubscriptions, message).with("max_subscriptions", most.to_string()).status()
}

pub(crate) fn broken_subscription(name: &str) -> Status {
    let message = format!("what is kept of subscription {name:?} cannot be read by this version; seek or recreate it");
    refused(ErrorReason::SubscriptionUnreadable, message)
}

/// Another stream took a consumer's place.
pub(crate) fn fenced() -> Status {
    let message =
        "another stream of this consumer has taken over, or its lease ran out; each consumer needs its own id";
    refused(ErrorReason::ConsumerFenced, message)
}

/// The consumer's lease could not be renewed.
pub(crate) fn lapsed() -> Status {
    soon(ErrorReason::LeaseLapsed, "the state store could not be reached for too long; open the stream again")
}

/// The consumer does not read.
pub(crate) fn stalled() -> Status {
    let message = "nothing was read from this stream for the whole ack deadline; its partitions go to other consumers";
    refused(ErrorReason::ConsumerStalled, message)
}

/// The state store cannot be used.
pub(crate) fn store(error: &kenh_store::StoreError) -> Status {
    if let Some(unsaid) = STORE_AWAY.say() {
        tracing::warn!(%error, unsaid, "a call needs the state store");
    }
    soon(ErrorReason::StoreUnavailable, "the state store cannot be used now; try again")
}

pub(crate) fn not_found(id: &str) -> Status {
    refused(ErrorReason::EventNotFound, format!("the log holds no event {id} (any more)"))
}

pub(crate) fn not_parked(id: &str) -> Status {
    refused(ErrorReason::ParkedEventNotFound, format!("there is no parked event {id}"))
}

pub(crate) fn raw_not_kept() -> Status {
    let message = "only the digest of this event's bytes is kept; set `raw: inline` for its endpoint to keep the bytes";
    refused(ErrorReason::RawNotKept, message)
}

/// A log that cannot be read, for calls without a position that could have expired.
pub(crate) fn unreadable(error: &ReadError) -> Status {
    if let Some(unsaid) = LOG_AWAY.say() {
        tracing::warn!(%error, unsaid, "the log cannot be read");
    }
    soon(ErrorReason::LogUnavailable, "the log cannot be read now; try again")
}

fn soon(reason: ErrorReason, message: &str) -> Status {
    Refusal::new(reason, message).retry_in(Duration::from_secs(1)).status()
}
