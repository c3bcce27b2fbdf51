//! Reading a body that has a limit and a deadline. The bytes are never decoded: signatures cover them as sent.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_LENGTH};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// A body that was not read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than the limit.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The sender went away.
    Broken,
}

/// How many bytes a body may come to. One that declares more than the limit is refused before a byte of it is read.
pub(crate) fn expected(headers: &HeaderMap, limit: usize) -> Result<usize, Unread> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let expected = declared.map_or(Ok(limit), usize::try_from).map_err(|_| Unread::TooLarge)?;
    if expected > limit { Err(Unread::TooLarge) } else { Ok(expected) }
}

/// Reads a body.
pub(crate) async fn read(body: Body, limit: usize, patience: Duration) -> Result<Bytes, Unread> {
    match tokio::time::timeout(patience, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Ok(Err(_)) => Err(Unread::Broken),
        Err(_) => Err(Unread::TooSlow),
    }
}
