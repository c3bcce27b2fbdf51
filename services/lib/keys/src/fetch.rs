//! Asking an issuer, within bounds of time and size.

use std::time::Duration;

use reqwest::{Certificate, Client, Url, redirect::Policy};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST: usize = 1 << 20;

/// Fetches what issuers publish.
#[derive(Debug, Clone)]
pub struct Fetcher(Client);

impl Fetcher {
    /// One that also trusts these authorities, beside those the system trusts; what is wrong when there can be none.
    pub fn new(authorities: Vec<Certificate>) -> Result<Self, String> {
        let client = Client::builder().timeout(TIMEOUT).connect_timeout(TIMEOUT).redirect(Policy::none());
        let client = if authorities.is_empty() { client } else { client.tls_certs_merge(authorities) };
        client.build().map(Self).map_err(|error| error.to_string())
    }

    /// The address of the keys that a metadata document names (OpenID Connect Discovery 1.0, section 3). The document has to
    /// be `issuer`'s own, where that is given.
    pub async fn keys_of(&self, metadata: Url, issuer: Option<&str>) -> Result<Url, String> {
        let document: Value =
            serde_json::from_slice(&self.get(metadata).await?).map_err(|_| "the discovery document is no JSON")?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if issuer.is_some() && text("issuer") != issuer {
            return Err("the discovery document is of another issuer".into());
        }
        let found = text("jwks_uri").and_then(trustworthy);
        found.ok_or_else(|| "the discovery document names no https:// address of keys".into())
    }

    /// What is at an address; a reason for people when it cannot be had.
    pub async fn get(&self, url: Url) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| error.without_url().to_string();
        let mut response = self.0.get(url).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(format!("the issuer answered {}", response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(format!("the issuer's answer is larger than {LARGEST} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// An address whose answers come from whom it names: over TLS, or from this machine.
pub fn trustworthy(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let here = match url.host_str()? {
        "localhost" => true,
        host => host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
    };
    (url.scheme() == "https" || (url.scheme() == "http" && here)).then_some(url)
}
