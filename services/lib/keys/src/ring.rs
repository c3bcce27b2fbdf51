//! The keys that prove the calls of channels.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use connector_sdk::keys::{KeySet, KeySource, PublishedKeys};
use kenh_runtime::metrics;
use tokio_util::sync::CancellationToken;

use crate::{Ask, Asked, Asker, Fetcher, Rhythm, fetch::trustworthy};

/// Issuers replace keys seldom, and say so a day ahead.
const RHYTHM: Rhythm = Rhythm { every: Duration::from_secs(24 * 3600), at_most_every: Duration::from_secs(10) };
/// Longest wait of a call for an issuer's answer; channels give up after a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// An asker for each issuer that an endpoint names.
#[derive(Debug, Default)]
pub struct KeyRing(HashMap<KeySource, Arc<Asker>>);

impl KeyRing {
    /// Begins to fetch the keys that endpoints need, each issuer's once for all of them, and goes on until told to stop. They
    /// come with the channel they are for.
    pub fn start(
        needed: impl IntoIterator<Item = (&'static str, Arc<PublishedKeys>)>,
        stop: &CancellationToken,
    ) -> Result<Self, String> {
        Self::start_in(RHYTHM, needed, stop)
    }

    fn start_in(
        rhythm: Rhythm,
        needed: impl IntoIterator<Item = (&'static str, Arc<PublishedKeys>)>,
        stop: &CancellationToken,
    ) -> Result<Self, String> {
        let mut issuers: HashMap<KeySource, Issuer> = HashMap::new();
        for (channel, keys) in needed {
            if !issuers.contains_key(keys.source()) {
                let issuer = Issuer {
                    channel,
                    source: keys.source().clone(),
                    fetcher: Fetcher::new(Vec::new())?,
                    kept: Vec::new(),
                };
                issuers.insert(keys.source().clone(), issuer);
            }
            if let Some(issuer) = issuers.get_mut(keys.source()) {
                issuer.kept.push(keys);
            }
        }
        let start = |(source, issuer): (KeySource, Issuer)| {
            let url = source.url().to_owned();
            (source, Asker::start(issuer, url, rhythm, stop))
        };
        Ok(Self(issuers.into_iter().map(start).collect()))
    }

    /// Has the issuer of these keys asked anew, and waits for its answer; nobody looks after others.
    pub async fn renew(&self, keys: &PublishedKeys) -> Asked {
        match self.0.get(keys.source()) {
            Some(asker) => asker.ask_now(PATIENCE).await,
            None => Asked::Failed,
        }
    }
}

/// An issuer, and who wants its keys.
struct Issuer {
    channel: &'static str,
    source: KeySource,
    fetcher: Fetcher,
    kept: Vec<Arc<PublishedKeys>>,
}

impl Issuer {
    async fn fetch(&self) -> Result<KeySet, String> {
        const WRONG: &str = "expected an https:// address, or an http:// one of this machine";
        let url = trustworthy(self.source.url()).ok_or(WRONG)?;
        let keys = match &self.source {
            KeySource::Set(_) => url,
            KeySource::Metadata(_) => self.fetcher.keys_of(url, None).await?,
        };
        let json = self.fetcher.get(keys).await?;
        KeySet::parse(&json).ok_or_else(|| "the key set holds no public key for signatures".into())
    }
}

impl Ask for Issuer {
    async fn ask(&self) -> Result<(), String> {
        let answer = self.fetch().await;
        let outcome = if answer.is_ok() { "answered" } else { "failed" };
        metrics::KEY_FETCHES.add(1, [("channel", self.channel), ("outcome", outcome)]);
        let set = Arc::new(answer?);
        for keys in &self.kept {
            keys.replace(set.clone());
        }
        Ok(())
    }
}
