//! Errors as callers read them: a code, a sentence, and an `ErrorInfo` with a stable reason.

use std::{collections::HashMap, time::Duration};

use kenh_log::ReadError;
use kenh_runtime::seldom::Seldom;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Domain of every `ErrorInfo`.
const DOMAIN: &str = "kenh";
/// Every call fails while one of them is away.
static STORE_AWAY: Seldom = Seldom::every(Duration::from_secs(10));
static LOG_AWAY: Seldom = Seldom::every(Duration::from_secs(10));

/// A call that cannot be carried out, with a reason of a closed list.
pub(crate) fn status(
    code: Code,
    reason: &str,
    message: impl Into<String>,
    metadata: HashMap<String, String>,
) -> Status {
    Status::with_error_details(code, message, ErrorDetails::with_error_info(reason, DOMAIN, metadata))
}

pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Status {
    let message = message.into();
    let mut details = ErrorDetails::with_bad_request_violation(field, message.clone());
    details.set_error_info("INVALID_FIELD", DOMAIN, HashMap::from([("field".to_owned(), field.to_owned())]));
    Status::with_error_details(Code::InvalidArgument, format!("{field}: {message}"), details)
}

/// The cursor points before the oldest event held.
pub(crate) fn expired(oldest_cursor: &str) -> Status {
    let metadata = HashMap::from([("oldest_cursor".to_owned(), oldest_cursor.to_owned())]);
    let message = format!("the cursor is older than the log reaches; the oldest one held is {oldest_cursor}");
    status(Code::OutOfRange, "CURSOR_EXPIRED", message, metadata)
}

/// The cursor points behind the newest event.
pub(crate) fn ahead() -> Status {
    let message = "the cursor lies behind the end of the log: the log was made anew, begin at EARLIEST or LATEST";
    status(Code::OutOfRange, "CURSOR_AHEAD", message, HashMap::new())
}

pub(crate) fn too_many_streams(most: usize) -> Status {
    let metadata = HashMap::from([("max_streams".to_owned(), most.to_string())]);
    let mut details = ErrorDetails::with_error_info("TOO_MANY_STREAMS", DOMAIN, metadata);
    details.set_retry_info(Some(Duration::from_secs(5)));
    let message = format!("{most} event streams are open, which is the most this server serves; try again later");
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

pub(crate) fn no_subscription(name: &str) -> Status {
    let metadata = HashMap::from([("subscription".to_owned(), name.to_owned())]);
    let message = format!("there is no subscription {name:?}; create it with SubscriptionService.CreateSubscription");
    status(Code::NotFound, "SUBSCRIPTION_NOT_FOUND", message, metadata)
}

pub(crate) fn subscription_exists(name: &str) -> Status {
    let metadata = HashMap::from([("subscription".to_owned(), name.to_owned())]);
    let message = format!("there is another subscription {name:?}; its settings cannot be changed");
    status(Code::AlreadyExists, "SUBSCRIPTION_EXISTS", message, metadata)
}

pub(crate) fn too_many_subscriptions(most: u64) -> Status {
    let metadata = HashMap::from([("max_subscriptions".to_owned(), most.to_string())]);
    let message = format!("there are {most} subscriptions, which is the most this server keeps; delete some");
    status(Code::ResourceExhausted, "TOO_MANY_SUBSCRIPTIONS", message, metadata)
}

pub(crate) fn broken_subscription(name: &str) -> Status {
    let message = format!("what is kept of subscription {name:?} cannot be read by this version; seek or recreate it");
    status(Code::Internal, "SUBSCRIPTION_UNREADABLE", message, HashMap::new())
}

/// Another stream took a consumer's place.
pub(crate) fn fenced() -> Status {
    let message =
        "another stream of this consumer has taken over, or its lease ran out; each consumer needs its own id";
    status(Code::Aborted, "CONSUMER_FENCED", message, HashMap::new())
}

/// The consumer's lease could not be renewed.
pub(crate) fn lapsed() -> Status {
    let mut details = ErrorDetails::with_error_info("LEASE_LAPSED", DOMAIN, HashMap::new());
    details.set_retry_info(Some(Duration::from_secs(1)));
    let message = "the state store could not be reached for too long; open the stream again";
    Status::with_error_details(Code::Unavailable, message, details)
}

/// The consumer does not read.
pub(crate) fn stalled() -> Status {
    let message = "nothing was read from this stream for the whole ack deadline; its partitions go to other consumers";
    status(Code::Aborted, "CONSUMER_STALLED", message, HashMap::new())
}

/// The state store cannot be used.
pub(crate) fn store(error: &kenh_store::StoreError) -> Status {
    let mut details = ErrorDetails::with_error_info("STORE_UNAVAILABLE", DOMAIN, HashMap::new());
    details.set_retry_info(Some(Duration::from_secs(1)));
    if let Some(unsaid) = STORE_AWAY.say() {
        tracing::warn!(%error, unsaid, "a call needs the state store");
    }
    Status::with_error_details(Code::Unavailable, "the state store cannot be used now; try again", details)
}

pub(crate) fn not_found(id: &str) -> Status {
    status(Code::NotFound, "EVENT_NOT_FOUND", format!("the log holds no event {id} (any more)"), HashMap::new())
}

pub(crate) fn not_parked(id: &str) -> Status {
    status(Code::NotFound, "PARKED_EVENT_NOT_FOUND", format!("there is no parked event {id}"), HashMap::new())
}

pub(crate) fn raw_not_kept() -> Status {
    let message = "only the digest of this event's bytes is kept; set `raw: inline` for its endpoint to keep the bytes";
    status(Code::FailedPrecondition, "RAW_NOT_KEPT", message, HashMap::new())
}

/// A log that cannot be read, for calls without a position that could have expired.
pub(crate) fn unreadable(error: &ReadError) -> Status {
    let mut details = ErrorDetails::with_error_info("LOG_UNAVAILABLE", DOMAIN, HashMap::new());
    details.set_retry_info(Some(Duration::from_secs(1)));
    if let Some(unsaid) = LOG_AWAY.say() {
        tracing::warn!(%error, unsaid, "the log cannot be read");
    }
    Status::with_error_details(Code::Unavailable, "the log cannot be read now; try again", details)
}
