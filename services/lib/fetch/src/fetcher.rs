//! Calls, each hop of them.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderValue, header};
use reqwest::{Client, Response, Url, redirect};

use crate::{
    Bounds, FetchError, Fetched, Lookup, Rules, SystemLookup,
    places::Places,
    resolver::{Guard, NotAdmitted},
};

/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// The HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for files cannot be made: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// Fetches files.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// Connects where the rules admit it.
    guarded: Client,
    /// Connects to servers the operator configured, wherever they are.
    home: Client,
    rules: Arc<Rules>,
    places: Arc<Places>,
}

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The address.
    pub url: &'a str,
    /// The server credentials are for.
    pub home: Option<Home<'a>>,
    /// Bytes at most.
    pub most: u64,
    /// JSON to ask with, by POST. Such a call is led on to nowhere.
    pub json: Option<&'a [u8]>,
}

/// A server the operator configured: calls to it, and to no other, carry credentials; its address may be any.
#[derive(Clone, Copy)]
pub struct Home<'a> {
    /// An address at it. Scheme, host and port count.
    pub url: &'a str,
    /// What goes along.
    pub headers: &'a HeaderMap,
}

// By hand: the headers hold a token.
impl std::fmt::Debug for Home<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// With names resolved as the system does it.
    pub fn new(rules: Rules, bounds: Bounds) -> Result<Self, ClientError> {
        let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
        Self::with_lookup(rules, bounds, &lookup)
    }

    /// With another way to resolve names.
    pub fn with_lookup(rules: Rules, bounds: Bounds, lookup: &Arc<dyn Lookup>) -> Result<Self, ClientError> {
        let rules = Arc::new(rules);
        let client = |rules| {
            // A proxy would resolve names by itself.
            Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .dns_resolver(Arc::new(Guard { lookup: lookup.clone(), rules }))
                .connect_timeout(bounds.connect)
                .read_timeout(bounds.idle)
                .timeout(bounds.whole)
                .pool_max_idle_per_host(2)
                .user_agent(concat!("kenh/", env!("CARGO_PKG_VERSION")))
                .build()
        };
        let places = Arc::new(Places::new(bounds.at_once, bounds.per_host));
        Ok(Self { guarded: client(Some(rules.clone()))?, home: client(None)?, rules, places })
    }

    /// Begins to fetch: the answer that is none of a redirect, with any status.
    pub async fn open(&self, target: &Target<'_>) -> Result<Fetched, FetchError> {
        let home = target.home.and_then(|home| Some((Url::parse(home.url).ok()?.origin(), home.headers)));
        let mut url = Url::parse(target.url).map_err(|_| FetchError::Address)?;
        for _ in 0..=REDIRECTS {
            let headers = home.as_ref().filter(|(origin, _)| *origin == url.origin()).map(|(_, headers)| *headers);
            if headers.is_none() && !self.may_fetch(&url) {
                return Err(FetchError::Address);
            }
            let place = self.places.take(url.host_str().unwrap_or_default()).await?;
            // What is packed may be larger than it looks.
            let client = if headers.is_some() { &self.home } else { &self.guarded };
            let call = match target.json {
                Some(json) => client
                    .post(url.clone())
                    .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
                    .body(json.to_owned()),
                None => client.get(url.clone()),
            };
            let mut call = call.header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            if let Some(headers) = headers {
                call = call.headers(headers.clone());
            }
            let response = call.send().await.map_err(|found| error(&found))?;
            if let Some(next) = led_on(&response)? {
                if target.json.is_some() {
                    break;
                }
                url = next;
                continue;
            }
            if response.content_length().is_some_and(|length| length > target.most) {
                return Err(FetchError::TooLarge);
            }
            return Ok(Fetched { response, left: target.most, trusted: headers.is_some(), _place: place });
        }
        Err(FetchError::Redirects)
    }

    /// Names are looked at when they are resolved; an address that needs no resolving is looked at here, as the client will
    /// understand it: `https://2130706433/` is `127.0.0.1`.
    fn may_fetch(&self, url: &Url) -> bool {
        let scheme = url.scheme() == "https" || self.rules.plain_http && url.scheme() == "http";
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let nameless = url.username().is_empty() && url.password().is_none();
        scheme && nameless && !host.is_empty() && host.parse::<IpAddr>().map_or(true, |host| self.rules.admits(host))
    }
}

/// Where an answer leads on to; nowhere, where it is the last one.
pub(crate) fn led_on(response: &Response) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    let next = to.and_then(|to| response.url().join(to).ok()).ok_or(FetchError::Redirects)?;
    if response.url().scheme() == "https" && next.scheme() != "https" {
        return Err(FetchError::Address);
    }
    Ok(Some(next))
}

/// What went wrong with a call.
pub(crate) fn error(found: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(found);
    while let Some(error) = cause {
        if error.is::<NotAdmitted>() {
            return FetchError::Address;
        }
        cause = error.source();
    }
    if found.is_timeout() {
        FetchError::Timeout
    } else if found.is_connect() {
        FetchError::Unreachable
    } else if found.is_builder() {
        FetchError::Address
    } else {
        FetchError::Broken
    }
}
