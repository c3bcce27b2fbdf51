//! Having a file for the first time: out of the event, from its address, or from the channel.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use connector_sdk::{
    ExposeSecret as _, Secret,
    media::{Download, Source, Wanted},
    outbound::{Answer, Reply, TOKEN, with_token},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use kenh_channel_log::{ChannelLog, Entry};
use kenh_fetch::{Bounds, FetchError, Fetched, Fetcher, Home, Target};
use kenh_intake::{Endpoint, Endpoints};
use kenh_proto::v1::{Envelope, ExchangeKind, ExchangeOutcome};
use serde_json::Value;
use tokio::time::timeout;

use crate::{Config, Key, Problem, Tokens, blobs::Blobs, part::Part, stored::Record};

/// Questions before a file is had: more is a fault of the connector.
const MOST_QUESTIONS: usize = 4;
/// Answers of channels are small.
const LARGEST_REPLY: u64 = 1 << 20;
const CONNECT: Duration = Duration::from_secs(5);

/// Has files.
#[derive(Debug)]
pub(crate) struct Gatherer {
    pub(crate) endpoints: Arc<Endpoints>,
    blobs: Arc<Blobs>,
    fetcher: Fetcher,
    log: ChannelLog,
    tokens: Arc<dyn Tokens>,
    timeout: Duration,
}

/// A file of an account.
struct Asked<'a> {
    endpoint: &'a Endpoint,
    event: &'a Envelope,
    account: &'a str,
    token: Option<Secret>,
    part: &'a Part,
}

impl Gatherer {
    pub(crate) fn new(
        config: &Config,
        blobs: Arc<Blobs>,
        endpoints: Arc<Endpoints>,
        tokens: Arc<dyn Tokens>,
        log: ChannelLog,
    ) -> Result<Self, kenh_fetch::ClientError> {
        let bounds = Bounds {
            connect: CONNECT.min(config.timeout),
            idle: config.idle_timeout,
            whole: config.timeout,
            at_once: config.max_fetches,
            per_host: (config.max_fetches / 8).max(1),
        };
        let fetcher = Fetcher::new(config.rules.clone(), bounds)?;
        Ok(Self { endpoints, blobs, fetcher, log, tokens, timeout: config.timeout })
    }

    /// Has a file and stores it.
    pub(crate) async fn gather(&self, key: &Key, event: &Arc<Envelope>, part: &Part) -> Result<Record, Problem> {
        let account = event.account.clone().unwrap_or_default();
        // Of an endpoint that is not configured any more nothing is known of how to read or to ask.
        let endpoint = self.endpoints.find(&event.channel, &account.endpoint).ok_or(Problem::CredentialsMissing)?;
        let record = if part.is_enclosed() {
            self.enclosed(endpoint, event.clone(), part.clone()).await?
        } else {
            let account = account.external_id.unwrap_or_default();
            // Not every file wants the token: only one that does tells why there is none.
            let token = self.tokens.token(&endpoint, &account).await;
            let (token, trouble) = token.map_or_else(|why| (None, Some(why)), |token| (token, None));
            let asked = Asked { endpoint: &endpoint, event, account: &account, token, part };
            let fetched = timeout(self.timeout, self.fetch(&asked)).await.unwrap_or(Err(Problem::Timeout));
            fetched.map_err(|problem| match trouble {
                Some(why) if problem == Problem::CredentialsMissing => why.into(),
                Some(_) | None => problem,
            })?
        };
        self.blobs.remember(key, &record).await?;
        Ok(record)
    }

    /// Reading a mail takes a while.
    async fn enclosed(&self, endpoint: Arc<Endpoint>, event: Arc<Envelope>, part: Part) -> Result<Record, Problem> {
        if event.raw.as_ref().is_none_or(|raw| raw.bytes.is_none()) {
            return Err(Problem::NotKept);
        }
        let found = tokio::task::spawn_blocking(move || {
            kenh_intake::enclosed(&endpoint, &event, part.media.provider_ref.as_deref()?)
        });
        let bytes: Bytes = found.await.ok().flatten().ok_or(Problem::NotFound)?.into();
        let mut incoming = self.blobs.incoming();
        incoming.write(&bytes).await?;
        incoming.store(None).await
    }

    async fn fetch(&self, asked: &Asked<'_>) -> Result<Record, Problem> {
        let wanted = Wanted {
            media: &asked.part.media,
            sticker: asked.part.sticker,
            account: asked.account,
            conversation: asked.event.conversation.as_ref().map(|found| found.external_id.as_str()),
            message: asked.event.provider_message_id.as_deref(),
            token: asked.token.as_ref(),
        };
        let mut answers = Vec::new();
        while answers.len() <= MOST_QUESTIONS {
            match asked.endpoint.connector.download(&wanted, &answers) {
                Download::Ask(source) => answers.push(Answer::Reply(self.ask(asked, &source).await?)),
                Download::Get(source) => return self.get(asked, &source).await,
                Download::Not(why) => return Err(why.into()),
            }
        }
        tracing::error!(channel = asked.endpoint.channel, "a connector asks too many questions for one file");
        Err(Problem::Unreachable)
    }

    async fn ask(&self, asked: &Asked<'_>, source: &Source) -> Result<Reply, Problem> {
        let mut entry = asked.begin(source);
        let answered = async {
            let fetched = self.open(asked, source, LARGEST_REPLY).await?;
            let (status, retry_after) = (fetched.status(), fetched.retry_after());
            Ok(Reply { status, retry_after, body: fetched.all().await? })
        };
        let answered = answered.await;
        if let Ok(reply) = &answered {
            entry.status = reply.status;
            entry.response_bytes = u64::try_from(reply.body.len()).unwrap_or_default();
        }
        self.note(entry, answered.as_ref().map(|reply| (200..300).contains(&reply.status)).map_err(|error| *error));
        // Too large is the answer, not the file.
        let broken = |error| if error == FetchError::TooLarge { FetchError::Broken } else { error };
        answered.map_err(|error| Problem::fetching(broken(error), LARGEST_REPLY))
    }

    async fn get(&self, asked: &Asked<'_>, source: &Source) -> Result<Record, Problem> {
        let mut entry = asked.begin(source);
        let most = self.blobs.bounds.file;
        let mut fetched = match self.open(asked, source, most).await {
            Ok(fetched) => fetched,
            Err(error) => {
                self.note(entry, Err(error));
                return Err(Problem::fetching(error, most));
            }
        };
        (entry.status, entry.retry_after) = (fetched.status(), fetched.retry_after());
        if let Err(problem) = judged(&fetched, asked.part, source.home.is_some()) {
            self.note(entry, Ok(false));
            return Err(problem);
        }
        let mime = fetched.mime();
        let mut incoming = self.blobs.incoming();
        loop {
            match fetched.chunk().await {
                Ok(Some(bytes)) => {
                    entry.response_bytes += u64::try_from(bytes.len()).unwrap_or_default();
                    if let Err(problem) = incoming.write(&bytes).await {
                        incoming.drop_it().await;
                        return Err(problem);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    incoming.drop_it().await;
                    self.note(entry, Err(error));
                    return Err(Problem::fetching(error, most));
                }
            }
        }
        self.note(entry, Ok(true));
        incoming.store(mime).await
    }

    async fn open(&self, asked: &Asked<'_>, source: &Source, most: u64) -> Result<Fetched, FetchError> {
        let token = asked.token.as_ref().map_or("", |token| token.expose_secret());
        let (url, headers) = filled(source, token);
        let home = source.home.as_deref().map(|home| home.replace(TOKEN, "token"));
        let home = home.as_deref().map(|home| Home { url: home, headers: &headers });
        let json = source.body.as_ref().map(Value::to_string);
        let json = json.as_ref().map(String::as_bytes);
        self.fetcher.open(&Target { url: &url, home, most, json }).await
    }

    /// Writes an exchange into the channel log.
    fn note(&self, mut entry: Entry, answered: Result<bool, FetchError>) {
        entry.ended();
        entry.outcome = match answered {
            Ok(true) => ExchangeOutcome::Succeeded,
            Ok(false) | Err(FetchError::TooLarge | FetchError::Redirects) => ExchangeOutcome::Refused,
            Err(FetchError::Address | FetchError::Unreachable) => ExchangeOutcome::NotSent,
            Err(FetchError::Timeout | FetchError::Broken) => ExchangeOutcome::NoAnswer,
        };
        self.log.note(entry);
    }
}

impl Asked<'_> {
    /// Of an address anybody may have written only the host is written down, as of other files.
    fn begin(&self, source: &Source) -> Entry {
        let uri = source.url.parse::<http::Uri>().ok();
        let host = uri.and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.host()?)));
        let entry = Entry::begin(ExchangeKind::File, self.endpoint.channel, &self.endpoint.name);
        let method = if source.body.is_some() { "POST" } else { "GET" };
        Entry { account: Some(self.account.into()), method, url: host.unwrap_or_default(), ..entry }
    }
}

/// Address and headers with the token in them: in the address only where the configuration put it.
fn filled(source: &Source, token: &str) -> (String, HeaderMap) {
    let path = source.home.as_deref().and_then(|home| Some((home, source.url.strip_prefix(home)?)));
    let url = path.map_or_else(|| source.url.clone(), |(home, path)| format!("{}{path}", home.replace(TOKEN, token)));
    let header = |(name, value): &(&'static str, String)| {
        let mut value = HeaderValue::try_from(with_token(value, token)).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::try_from(*name).ok()?, value))
    };
    (url, source.headers.iter().filter_map(header).collect())
}

/// Whether an answer is the file.
fn judged(fetched: &Fetched, part: &Part, at_home: bool) -> Result<(), Problem> {
    let page = fetched.mime().as_deref() == Some("text/html") && !part.may_be_a_page();
    match fetched.status() {
        // 202: the channel is still preparing it.
        202 | 408 | 425 | 429 => Err(Problem::NotReady { pause: fetched.retry_after() }),
        // A page to log in with, or one that says that there is nothing, is what servers send in place of a file.
        200..=299 if page && at_home => Err(Problem::CredentialsMissing),
        200..=299 if page => Err(Problem::Gone),
        200..=299 => Ok(()),
        401 => Err(Problem::CredentialsMissing),
        403 if fetched.is_trusted() => Err(Problem::CredentialsMissing),
        // Addresses that are signed for a time are answered so once it is over.
        400 | 403 | 404 | 410 => Err(Problem::Gone),
        413 => Err(Problem::TooLarge { most: None }),
        _ => Err(Problem::Unreachable),
    }
}
