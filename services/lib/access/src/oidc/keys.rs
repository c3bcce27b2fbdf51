//! The issuer's keys, kept. Those that are known serve while the issuer is away.

use std::{fs, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jsonwebtoken::Algorithm;
use kenh_keys::{Ask, Asked, Asker, Fetcher, Rhythm};
use kenh_runtime::metrics;
use reqwest::{Certificate, Url};
use tokio_util::sync::CancellationToken;

use super::{
    Config, Unproven,
    keyset::{IssuerKey, KeySet},
};
use crate::StartError;

/// Longest wait of a call for the issuer's answer.
const PATIENCE: Duration = Duration::from_secs(6);

/// The keys.
#[derive(Debug)]
pub(super) struct Keys {
    known: Arc<ArcSwapOption<KeySet>>,
    asker: Arc<Asker>,
}

impl Keys {
    /// Asks for them now, then again and again, and when a token names one that is not known.
    pub(super) fn start(config: &Config, stop: &CancellationToken) -> Result<Self, StartError> {
        let known = Arc::new(ArcSwapOption::empty());
        let rhythm = Rhythm { every: config.refresh_every, at_most_every: config.refresh_at_most_every };
        let issuer = config.issuer.clone();
        let source = Source {
            fetcher: Fetcher::new(authorities(config)?).map_err(StartError::Client)?,
            issuer: issuer.clone(),
            jwks_url: config.jwks_url.clone(),
            known: known.clone(),
        };
        Ok(Self { known, asker: Asker::start(source, issuer, rhythm, stop) })
    }

    /// The key a token names.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<IssuerKey>, Unproven> {
        if let Some(key) = self.known(id, algorithm) {
            return Ok(key);
        }
        // It may be new. The issuer is asked at most so often, whatever tokens name.
        let unproven = match self.asker.ask_now(PATIENCE).await {
            Asked::Answered => Unproven::Wrong,
            Asked::JustNow | Asked::Failed => Unproven::KeysUnknown,
        };
        self.known(id, algorithm).ok_or(unproven)
    }

    fn known(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<IssuerKey>> {
        self.known.load().as_ref()?.find(id, algorithm)
    }
}

fn authorities(config: &Config) -> Result<Vec<Certificate>, StartError> {
    let Some(path) = &config.ca else { return Ok(Vec::new()) };
    let fault = |reason: String| StartError::IssuerCa { path: path.clone(), reason };
    let pem = fs::read(path).map_err(|reason| fault(reason.to_string()))?;
    let authorities = Certificate::from_pem_bundle(&pem).map_err(|reason| fault(reason.to_string()))?;
    if authorities.is_empty() {
        return Err(fault("holds no certificate in PEM".into()));
    }
    Ok(authorities)
}

/// Where keys come from and go.
struct Source {
    fetcher: Fetcher,
    issuer: String,
    jwks_url: Option<Url>,
    known: Arc<ArcSwapOption<KeySet>>,
}

impl Source {
    /// OpenID Connect Discovery 1.0, section 4: the issuer's address with a path behind it names where they are.
    async fn discovered(&self) -> Result<Url, String> {
        let metadata = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata = Url::parse(&metadata).map_err(|error| error.to_string())?;
        self.fetcher.keys_of(metadata, Some(&self.issuer)).await
    }

    async fn fetch(&self) -> Result<KeySet, String> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discovered().await?,
        };
        let json = self.fetcher.get(url).await?;
        KeySet::parse(&json).ok_or_else(|| "the key set holds no public key for signatures".into())
    }
}

impl Ask for Source {
    async fn ask(&self) -> Result<(), String> {
        let answer = self.fetch().await;
        let outcome = if answer.is_ok() { "answered" } else { "failed" };
        metrics::OIDC_FETCHES.add(1, [("outcome", outcome)]);
        self.known.store(Some(answer?.into()));
        Ok(())
    }
}
