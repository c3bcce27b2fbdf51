//! Files that lie at the channel: how their bytes are had, by what their events say of them.
//!
//! The connector says what to ask the channel and where the bytes are ([`crate::Connector::download`]); the gateway owns
//! HTTP, time, sizes and tokens, and looks at every address before it is connected to.

use std::{fmt, time::Duration};

use kenh_proto::v1::{Media, SendReason};
use serde_json::Value;

use crate::{
    Secret, address,
    outbound::{Failure, Outcome, Retry, TOKEN},
};

/// A file that somebody asks for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// What its event says of it; of a sticker its address and id.
    pub media: &'a Media,
    /// It is a sticker, whose id need not be one of a file.
    pub sticker: bool,
    /// The channel's id of the account the event belongs to.
    pub account: &'a str,
    /// The channel's id of the conversation.
    pub conversation: Option<&'a str>,
    /// The channel's id of the message.
    pub message: Option<&'a str>,
    /// The account's token, where there is one: only to prove its possession. Where it goes into a call, [`TOKEN`] stands.
    pub token: Option<&'a Secret>,
}

/// What to do next for a file.
#[derive(Debug)]
pub enum Download {
    /// Ask this, and say again with the answer.
    Ask(Source),
    /// The bytes are here.
    Get(Source),
    /// They cannot be had.
    Not(Unobtainable),
}

/// Where something is fetched from, with GET, or asked with POST.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// The address.
    pub url: String,
    /// The server of the channel that the configuration names, as the beginning of an address; none where anybody may fetch.
    /// The headers go to that server alone, and [`TOKEN`] in it stands for the token, where `url` begins with it.
    pub home: Option<String>,
    /// Headers with [`TOKEN`] for the token.
    pub headers: Vec<(&'static str, String)>,
    /// What to ask with POST, as JSON.
    pub body: Option<Value>,
}

/// Why bytes cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unobtainable {
    /// The event says nothing they could be had by.
    NoWay,
    /// The channel gives them to an account only whose token is configured, or does not take the token.
    Credentials,
    /// The channel does not have them (any more).
    Gone,
    /// The channel does not give files of that size.
    TooLarge,
    /// Not now.
    Later(Option<Duration>),
}

impl Source {
    /// What anybody may fetch.
    pub fn public(url: impl Into<String>) -> Self {
        Self { url: url.into(), home: None, headers: Vec::new(), body: None }
    }

    /// What lies at a server of the channel, below an address of the configuration.
    pub fn at(home: impl Into<String>, path: &str) -> Self {
        let home = home.into();
        Self { url: format!("{home}{path}"), home: Some(home), headers: Vec::new(), body: None }
    }

    /// An address the channel gave. The token goes along if it is one of this server.
    pub fn given(url: impl Into<String>, home: impl Into<String>) -> Self {
        Self { url: url.into(), home: Some(home.into()), headers: Vec::new(), body: None }
    }

    /// An address the channel gave, at one of the hosts of [`address::hosts`], to which the headers go along; `None` for any other.
    pub fn among(url: &str, hosts: &[String]) -> Option<Self> {
        let host = address::host(url).filter(|host| hosts.iter().any(|trusted| address::is_of(host, trusted)))?;
        let end = url.find("://")?.checked_add(3 + host.len())?;
        Some(Self::given(url, url.get(..end)?))
    }

    /// With the token as `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self) -> Self {
        self.header("Authorization", format!("Bearer {TOKEN}"))
    }

    /// With a header; [`TOKEN`] in it stands for the token.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Asked with POST.
    #[must_use]
    pub fn post(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl Download {
    /// By its address alone.
    pub fn by_address(media: &Media) -> Self {
        media.url.as_ref().map_or(Self::Not(Unobtainable::NoWay), |url| Self::Get(Source::public(url)))
    }

    /// Of an account without a token: what has an id alone cannot be had.
    pub fn without_account(media: &Media) -> Self {
        match (&media.url, &media.provider_ref) {
            (None, Some(_)) => Self::Not(Unobtainable::Credentials),
            _ => Self::by_address(media),
        }
    }
}

/// How a question ended that was not answered as hoped.
impl From<Outcome> for Download {
    fn from(outcome: Outcome) -> Self {
        let Outcome::Failed(Failure { reason, retry, .. }) = outcome else {
            return Self::Not(Unobtainable::Later(None));
        };
        let pause = if let Retry::After(pause) = retry { Some(pause) } else { None };
        Self::Not(if matches!(reason, SendReason::AuthBroken | SendReason::NotPermitted) {
            Unobtainable::Credentials
        } else if matches!(reason, SendReason::Throttled | SendReason::ChannelUnavailable) {
            Unobtainable::Later(pause)
        } else if reason == SendReason::ContentTooLarge {
            Unobtainable::TooLarge
        } else {
            Unobtainable::Gone
        })
    }
}

// By hand, these two: addresses may hold what gives access.
impl fmt::Debug for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted").field("kind", &self.media.kind()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("home", &self.home).finish_non_exhaustive()
    }
}
