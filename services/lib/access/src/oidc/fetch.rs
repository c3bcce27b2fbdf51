//! Asking the issuer, within bounds of time and size.

use std::{fs, time::Duration};

use reqwest::{Certificate, Client, Url, redirect::Policy};
use serde_json::Value;

use super::{Config, config::trustworthy, keyset::KeySet};
use crate::StartError;

const TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST: usize = 1 << 20;

/// Where keys come from.
#[derive(Debug)]
pub(super) struct Source {
    client: Client,
    issuer: String,
    jwks_url: Option<Url>,
}

impl Source {
    pub(super) fn new(config: &Config) -> Result<Self, StartError> {
        let mut client = Client::builder().timeout(TIMEOUT).connect_timeout(TIMEOUT).redirect(Policy::none());
        if let Some(path) = &config.ca {
            let fault = |reason: String| StartError::IssuerCa { path: path.clone(), reason };
            let pem = fs::read(path).map_err(|reason| fault(reason.to_string()))?;
            let authorities = Certificate::from_pem_bundle(&pem).map_err(|reason| fault(reason.to_string()))?;
            if authorities.is_empty() {
                return Err(fault("holds no certificate in PEM".into()));
            }
            client = client.tls_certs_merge(authorities);
        }
        let client = client.build().map_err(|reason| StartError::Client(reason.to_string()))?;
        Ok(Self { client, issuer: config.issuer.clone(), jwks_url: config.jwks_url.clone() })
    }

    /// The keys there are now; a reason for people when they cannot be had.
    pub(super) async fn keys(&self) -> Result<KeySet, String> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discover().await?,
        };
        let json = self.get(url).await?;
        KeySet::parse(&json).ok_or_else(|| "the key set holds no public key for signatures".into())
    }

    /// OpenID Connect Discovery 1.0, section 4: the address is the issuer's with a path behind it, and the answer has
    /// to name the issuer itself.
    async fn discover(&self) -> Result<Url, String> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|error| error.to_string())?;
        let document: Value =
            serde_json::from_slice(&self.get(url).await?).map_err(|_| "the discovery document is no JSON")?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if text("issuer") != Some(&self.issuer) {
            return Err("the discovery document is of another issuer".into());
        }
        let found = text("jwks_uri").and_then(trustworthy);
        found.ok_or_else(|| "the discovery document names no https:// address of keys".into())
    }

    async fn get(&self, url: Url) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| error.without_url().to_string();
        let mut response = self.client.get(url).send().await.map_err(failed)?;
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
