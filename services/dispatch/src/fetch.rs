//! Files that are to be sent, from addresses their senders give.

use connector_sdk::outbound::Answer;
use kenh_fetch::{Bounds, FetchError, Rules, Target};

use crate::{ClientError, Config, http::CONNECT};

/// Fetches files.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
    fetcher: kenh_fetch::Fetcher,
    most: u64,
}

impl Fetcher {
    pub(crate) fn new(config: &Config) -> Result<Self, ClientError> {
        let rules = if config.fetch_private { Rules::everything() } else { Rules::default() };
        let bounds = Bounds {
            connect: CONNECT.min(config.timeout),
            idle: config.timeout,
            whole: config.timeout,
            at_once: config.concurrency,
            per_host: config.concurrency,
        };
        Ok(Self { fetcher: kenh_fetch::Fetcher::new(rules, bounds)?, most: config.fetch_bytes })
    }

    /// Fetches a file of at most so many bytes.
    pub(crate) async fn fetch(&self, url: &str, most: u64) -> Answer {
        let most = if most == 0 { self.most } else { most.min(self.most) };
        let fetched = match self.fetcher.open(&Target { url, home: None, most, json: None }).await {
            Ok(fetched) => fetched,
            Err(error) => return refused(error),
        };
        let (status, mime) = (fetched.status(), fetched.mime());
        if !(200..300).contains(&status) {
            return Answer::NotFetched { retryable: status >= 500 || status == 429 };
        }
        match fetched.all().await {
            Ok(bytes) => Answer::Fetched { mime, bytes },
            Err(error) => refused(error),
        }
    }
}

fn refused(error: FetchError) -> Answer {
    let retryable = match error {
        FetchError::Timeout | FetchError::Broken => true,
        FetchError::Address | FetchError::TooLarge | FetchError::Redirects | FetchError::Unreachable => false,
    };
    Answer::NotFetched { retryable }
}
