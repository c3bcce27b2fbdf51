//! An answer, read piece by piece.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};

use crate::{FetchError, fetcher::error, places::Place};

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Fetched {
    pub(crate) response: reqwest::Response,
    /// Bytes that may still come.
    pub(crate) left: u64,
    /// Credentials went with the call that was answered.
    pub(crate) trusted: bool,
    pub(crate) _place: Place,
}

impl Fetched {
    /// HTTP status; none that redirects.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Whether the server that answered is the one credentials went to.
    pub fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// What the server says it is, in lower case and without parameters: to be told, never to be built on.
    pub fn mime(&self) -> Option<String> {
        let mime = self.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
        let plain = mime.split(';').next().unwrap_or(mime).trim().to_ascii_lowercase();
        (!plain.is_empty() && plain.len() <= 128).then_some(plain)
    }

    /// `Retry-After` in seconds, up to a day; a date is rare and is taken as none.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: f64 = self.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        (0.0..=86_400.0).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
    }

    fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next bytes; nothing at the end. More than were asked for at most is an error, whatever length was stated.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        let Some(chunk) = self.response.chunk().await.map_err(|found| body_error(&found))? else { return Ok(None) };
        let size = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(size).ok_or(FetchError::TooLarge)?;
        Ok(Some(chunk))
    }

    /// All of it, in memory.
    pub async fn all(mut self) -> Result<Bytes, FetchError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn body_error(found: &reqwest::Error) -> FetchError {
    match error(found) {
        FetchError::Timeout => FetchError::Timeout,
        FetchError::Address
        | FetchError::TooLarge
        | FetchError::Redirects
        | FetchError::Unreachable
        | FetchError::Broken => FetchError::Broken,
    }
}
