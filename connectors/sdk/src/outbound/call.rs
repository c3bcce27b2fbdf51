//! Calls as connectors describe them.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;

/// Stands for the account's token in an address, a header or a form value of a [`Call`].
pub const TOKEN: &str = "{token}";

/// Stands for [`super::Sending::reply_token`] in an address, where whoever holds it may act: an address is written down.
pub const REPLY_TOKEN: &str = "{reply_token}";

/// The value of an `Authorization` header by name and password (RFC 7617); [`TOKEN`] stands for the token in either.
pub fn basic(name: &str, password: &str) -> String {
    format!("{BASIC}{name}:{password}}}")
}

const BASIC: &str = "Basic {base64:";

/// A header's value with the token in it.
pub fn with_token(value: &str, token: &str) -> String {
    let filled = |text: &str| text.replace(TOKEN, token);
    match value.strip_prefix(BASIC).and_then(|pair| pair.strip_suffix('}')) {
        Some(pair) => format!("Basic {}", STANDARD.encode(filled(pair))),
        None => filled(value),
    }
}

/// An HTTP call for the dispatcher to make.
#[derive(Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The whole address. [`TOKEN`] stands where the token belongs.
    pub url: String,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Body,
    /// What it does at the channel.
    pub effect: Effect,
}

/// What is sent with a call.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// Names and values, form-urlencoded.
    Form(Vec<(&'static str, String)>),
    /// One of [`Body::Json`], [`Body::Form`] and [`Body::Multipart`] that also holds what people wrote: [`TOKEN`] stands for the
    /// token in these members of the form or of the object alone, and elsewhere for nothing.
    TokenIn(&'static [&'static str], Box<Body>),
    /// Names and values with a file, as multipart/form-data.
    Multipart {
        /// The other fields, before the file.
        fields: Vec<(&'static str, String)>,
        /// Name of the file's field.
        name: &'static str,
        /// The file.
        file: File,
    },
}

/// A file in a form.
#[derive(Clone)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its MIME type.
    pub mime: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// HTTP methods channels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

/// What a call does at the channel, which decides what a missing answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing anybody sees: a lookup, an upload. It may be made again.
    Repeatable,
    /// Somebody sees it. Without an answer nobody knows whether they did.
    Visible,
    /// Somebody sees it, and the channel knows a repeat by a key it carries: it may be made again.
    Keyed,
}

/// What came of a [`crate::outbound::Step`].
#[derive(Clone)]
pub enum Answer {
    /// The channel answered.
    Reply(Reply),
    /// The file that was fetched.
    Fetched {
        /// Its MIME type, as the server said.
        mime: Option<String>,
        /// Its bytes.
        bytes: Bytes,
    },
    /// The file could not be had: too large, not found, an address that is not public.
    NotFetched {
        /// It may work later.
        retryable: bool,
    },
    /// The call never reached the channel.
    NotSent,
    /// The call reached the channel, or may have, and no answer came.
    NoReply,
}

/// An answer of the channel.
#[derive(Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, or the channel's own word for it in a header.
    pub retry_after: Option<Duration>,
    /// The body, bounded.
    pub body: Bytes,
}

impl Method {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl Reply {
    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Call {
    /// A POST of JSON that somebody sees.
    pub fn post(url: impl Into<String>, body: Value) -> Self {
        let (url, body) = (url.into(), Body::Json(body));
        Self { method: Method::Post, url, headers: Vec::new(), body, effect: Effect::Visible }
    }

    /// As it is made: with the single-use token in its address.
    #[must_use]
    pub fn with_reply_token(mut self, token: Option<&str>) -> Self {
        if let Some(token) = token {
            self.url = self.url.replace(REPLY_TOKEN, token);
        }
        self
    }

    /// Where it goes, as may be written down: of a query the names alone, and `…` for a token in the path.
    pub fn address(&self) -> String {
        let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let path = path.replace(TOKEN, "…").replace(REPLY_TOKEN, "…");
        let names: Vec<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
        if query.is_empty() { path } else { format!("{path}?{}", names.join("&")) }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With another effect.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }
}

// By hand, all of these: calls and answers hold what people wrote.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("effect", &self.effect).finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "Body::None",
            Self::Json(_) => "Body::Json",
            Self::Form(_) => "Body::Form",
            Self::Multipart { .. } => "Body::Multipart",
            Self::TokenIn(..) => "Body::TokenIn",
        })
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => reply.fmt(f),
            Self::Fetched { bytes, .. } => write!(f, "Fetched({} bytes)", bytes.len()),
            Self::NotFetched { retryable } => write!(f, "NotFetched(retryable: {retryable})"),
            Self::NotSent => f.write_str("NotSent"),
            Self::NoReply => f.write_str("NoReply"),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_down_without_what_it_proves() {
        let address = |url: &str| Call::post(url, Value::Null).address();
        assert_eq!(address("https://api.example/v1/me"), "https://api.example/v1/me");
        assert_eq!(address("https://api.example/bot{token}/send"), "https://api.example/bot…/send");
        let answer = Call::post("https://api.example/hooks/1/{reply_token}", Value::Null);
        assert_eq!(answer.address(), "https://api.example/hooks/1/…");
        assert_eq!(answer.with_reply_token(Some("aW50")).url, "https://api.example/hooks/1/aW50");
        assert_eq!(
            address("https://api.example/send?access_token={token}&proof=4af6&flag"),
            "https://api.example/send?access_token&proof&flag"
        );
    }

    #[test]
    fn a_name_and_a_password_are_coded_with_the_token_in_them() {
        assert_eq!(with_token(&basic("user", TOKEN), "secret"), "Basic dXNlcjpzZWNyZXQ=");
        assert_eq!(with_token(&basic(TOKEN, "x"), "secret"), "Basic c2VjcmV0Ong=");
        assert_eq!(with_token("App {token}", "secret"), "App secret");
        assert_eq!(with_token("Basic abc", "secret"), "Basic abc");
    }
}
