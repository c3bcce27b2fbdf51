//! Files that are to be sent, from addresses their senders give. Whoever gives an address must not reach through us what
//! they cannot reach themselves.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use connector_sdk::outbound::Answer;
use http::{StatusCode, Uri, header};
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};

use crate::{ClientError, Config, http as calls};

/// Fetches files.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
    client: reqwest::Client,
    most: u64,
    private: bool,
}

impl Fetcher {
    pub(crate) fn new(config: &Config) -> Result<Self, ClientError> {
        let builder =
            calls::base(config).redirect(redirect::Policy::none()).dns_resolver(Arc::new(Guard(config.fetch_private)));
        Ok(Self { client: builder.build()?, most: config.fetch_bytes, private: config.fetch_private })
    }

    /// Fetches a file of at most so many bytes.
    pub(crate) async fn fetch(&self, url: &str, most: u64) -> Answer {
        const REDIRECTS: usize = 3;
        let most = if most == 0 { self.most } else { most.min(self.most) };
        let mut url = url.to_owned();
        for _ in 0..=REDIRECTS {
            if !self.may_fetch(&url) {
                return Answer::NotFetched { retryable: false };
            }
            let response = match self.client.get(&url).send().await {
                Ok(response) => response,
                Err(error) => return Answer::NotFetched { retryable: error.is_timeout() || !error.is_connect() },
            };
            let status = response.status();
            if status.is_redirection() {
                let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
                let Some(next) = to.and_then(|to| response.url().join(to).ok()) else {
                    return Answer::NotFetched { retryable: false };
                };
                url = next.into();
                continue;
            }
            return if status.is_success() { read(response, most).await } else { refused(status) };
        }
        Answer::NotFetched { retryable: false }
    }

    /// Names are looked at when they are resolved; an address that needs no resolving is looked at here.
    fn may_fetch(&self, url: &str) -> bool {
        let Ok(uri) = url.parse::<Uri>() else { return false };
        let scheme = uri.scheme_str() == Some("https") || self.private && uri.scheme_str() == Some("http");
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        scheme && !host.is_empty() && host.parse::<IpAddr>().map_or(true, |address| self.private || is_public(address))
    }
}

fn refused(status: StatusCode) -> Answer {
    Answer::NotFetched { retryable: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS }
}

async fn read(response: reqwest::Response, most: u64) -> Answer {
    if response.content_length().is_some_and(|length| length > most) {
        return Answer::NotFetched { retryable: false };
    }
    let mime = response.headers().get(header::CONTENT_TYPE).and_then(|mime| mime.to_str().ok());
    let mime = mime.map(|mime| mime.split(';').next().unwrap_or(mime).trim().to_ascii_lowercase());
    match calls::read(response, usize::try_from(most).unwrap_or(usize::MAX)).await {
        Some(bytes) => Answer::Fetched { mime, bytes },
        None => Answer::NotFetched { retryable: false },
    }
}

/// Resolves names to public addresses only, so that a name cannot point inside after it was looked at.
#[derive(Debug)]
struct Guard(bool);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|address| private || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether everybody can reach an address, so that reaching it through us gains nothing.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_broadcast()
                || address.is_documentation()
                || address.is_multicast()
                || first == 0
                || first >= 240
                || first == 100 && (64..128).contains(&second)
                || first == 192 && second == 0 && third == 0
                || first == 198 && (second == 18 || second == 19))
        }
        IpAddr::V6(address) => {
            address.to_ipv4_mapped().map_or_else(|| is_global(address), |mapped| is_public(mapped.into()))
        }
    }
}

/// Only global unicast; and of that neither documentation nor what holds an IPv4 address inside.
fn is_global(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 == 0x2000 && !(first == 0x2001 && (second < 0x200 || second == 0xdb8)) && first != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["8.8.8.8", "1.1.1.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }
}
