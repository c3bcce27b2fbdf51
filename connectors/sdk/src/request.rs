//! A webhook call as it came in.

use std::time::SystemTime;

use http::{HeaderMap, Method};

/// The header that holds the secret token of a call: the ingress writes the last part of
/// `/v1/webhooks/<channel>/<endpoint>/<token>` there. A call that brings the header itself proves as much.
pub const TOKEN_HEADER: &str = "x-kenh-token";

/// The header in which the ingress writes when a call came in, in whole seconds since 1970; what the call itself brings
/// there is dropped. For channels that give an event neither id nor time.
pub const ARRIVAL_HEADER: &str = "x-kenh-received-at";

/// One call to a webhook address, before anything about it is believed.
#[derive(Clone, Copy)]
pub struct RawRequest<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The query string as sent, without the question mark; empty when there is none.
    pub query: &'a str,
    /// The headers; names compare without regard to case.
    pub headers: &'a HeaderMap,
    /// The body's bytes, exactly as received.
    pub body: &'a [u8],
    /// When the gateway took it.
    pub received_at: SystemTime,
}

// By hand: a body and a query hold a customer's words and tokens.
impl std::fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", self.method)
            .field("size", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl<'a> RawRequest<'a> {
    /// The value of a header, when it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        single_header(self.headers, name)
    }

    /// The decoded value of a query parameter; the first, when there are several.
    pub fn query_value(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// What a connector normalizes.
    pub fn delivery(&self) -> Delivery<'a> {
        Delivery { headers: self.headers, body: self.body }
    }
}

/// The part of a call that events are made from.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The headers. No signature covers them: they may refine an event, never decide whom it concerns.
    pub headers: &'a HeaderMap,
    /// The body's bytes.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("size", &self.body.len()).finish_non_exhaustive()
    }
}

impl<'a> Delivery<'a> {
    /// The value of a header, when it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        single_header(self.headers, name)
    }
}

fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    // Two values for one header: which of them another party looked at cannot be known.
    values.next().is_none().then_some(value)
}
