//! A webhook call as bytes that can be changed, kept in a file and read by people:
//!
//! ```text
//! messenger?hub.mode=subscribe
//! x-forwarded-for: 192.0.2.1
//!
//! {"object":"page"}
//! ```

use std::time::{Duration, SystemTime};

use connector_catalog::CONNECTORS;
use connector_sdk::{Delivery, RawRequest, Registration};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// One call. What is no header is left out of it, as a server would.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) registration: &'static Registration,
    pub(crate) query: &'a str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Call<'a> {
    /// Reads it; `None` when it names no channel.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (line, mut rest) = cut(bytes);
        let line = std::str::from_utf8(line).ok()?;
        let (channel, query) = line.split_once('?').unwrap_or((line, ""));
        let registration = CONNECTORS.iter().find(|registration| registration.channel == channel)?;
        let mut headers = HeaderMap::new();
        loop {
            let (line, behind) = cut(rest);
            rest = behind;
            if line.is_empty() {
                return Some(Self { registration, query, headers, body: rest });
            }
            if let Some((name, value)) = header(line) {
                headers.append(name, value);
            }
        }
    }

    /// Writes one.
    pub(crate) fn written(channel: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut call = format!("{channel}?{query}\n");
        for (name, value) in headers {
            call.extend([name, ": ", value, "\n"]);
        }
        [call.as_bytes(), b"\n", body].concat()
    }

    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery { headers: &self.headers, body: self.body }
    }
}

/// A request with these parts, at the time the fuzzed gateway lives in.
pub(crate) fn request<'a>(query: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> RawRequest<'a> {
    RawRequest { method: &Method::POST, query, headers, body, received_at: now() }
}

/// Always the same.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn cut(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(end);
    (line, rest.get(1..).unwrap_or_default())
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let value = value.get(1..)?.trim_ascii();
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
}
