//! Files of events: had when somebody asks for one, kept by their digest, read from there again.
//!
//! A file lies in its event's own bytes, at a public address, or at the channel, which gives it to the account alone. It is had
//! once at a time for each process, whoever asks how often, and then stored: in a local directory, or in a bucket that all
//! processes share. What the store may hold is bounded; the oldest go first. See the crate's `README.md`.

mod blobs;
mod config;
mod flight;
mod gather;
mod incoming;
mod part;
mod problem;
mod stored;
mod sweep;
#[cfg(test)]
mod tests;
mod tokens;

use std::{sync::Arc, time::Instant};

use kenh_channel_log::ChannelLog;
use kenh_intake::Endpoints;
use kenh_proto::v1::Envelope;
use kenh_runtime::metrics;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use blobs::Blobs;
pub use blobs::OpenError;
pub use config::{Config, Place, S3};
use flight::Flights;
use gather::Gatherer;
use part::Part;
pub use problem::Problem;
pub use stored::{Chunks, Damaged};
pub use tokens::Tokens;

/// Why files cannot be served at all.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Client(#[from] kenh_fetch::ClientError),
}

/// A file, ready to be read.
#[derive(Debug)]
pub struct File {
    /// MIME type, as the event or the server says.
    pub mime: Option<String>,
    /// Name, as the event says.
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Vec<u8>,
    /// The bytes.
    pub chunks: Chunks,
}

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) event: Uuid,
    pub(crate) part: u32,
}

/// Serves files of events.
#[derive(Debug, Clone)]
pub struct Media {
    blobs: Arc<Blobs>,
    gatherer: Arc<Gatherer>,
    flights: Arc<Flights>,
}

impl Media {
    /// Opens the store and looks after it until told to stop. Calls to channels are written down in their log.
    pub fn start(
        config: &Config,
        endpoints: Arc<Endpoints>,
        tokens: Arc<dyn Tokens>,
        log: ChannelLog,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let blobs = Arc::new(Blobs::open(config)?);
        let gatherer = Arc::new(Gatherer::new(config, blobs.clone(), endpoints, tokens, log)?);
        tokio::spawn(sweep::keep(blobs.clone(), stop.clone()));
        Ok(Self { blobs, gatherer, flights: Arc::default() })
    }

    /// The file at a place of an event's parts, from the store if it is there.
    pub async fn open(&self, event: &Arc<Envelope>, place: u32) -> Result<File, Problem> {
        let channel = slug_of(&self.gatherer.endpoints, event);
        let opened = self.opened(event, place, channel).await;
        let outcome = match &opened {
            Ok((_, outcome)) => outcome,
            Err(problem) => problem.word(),
        };
        metrics::MEDIA.add(1, [("channel", channel), ("outcome", outcome)]);
        opened.map(|(file, _)| file)
    }

    async fn opened(
        &self,
        event: &Arc<Envelope>,
        place: u32,
        channel: &'static str,
    ) -> Result<(File, &'static str), Problem> {
        let part = Part::find(event, place).ok_or(Problem::NotFound)?;
        let id = Uuid::try_parse(&event.id).map_err(|_| Problem::NotFound)?;
        let key = Key { event: id, part: place };
        if let Some(record) = self.blobs.record(&key).await?
            && let Some(chunks) = self.blobs.read(&record).await?
        {
            return Ok((part.file(record, chunks), "stored"));
        }
        let outcome = if part.is_enclosed() { "enclosed" } else { "fetched" };
        let (gatherer, event, wanted) = (self.gatherer.clone(), event.clone(), part.clone());
        let record = self
            .flights
            .join(key, async move {
                let began = Instant::now();
                let record = gatherer.gather(&key, &event, &wanted).await?;
                metrics::MEDIA_FETCH_SECONDS.observe(began.elapsed(), [("channel", channel)]);
                Ok(record)
            })
            .await?;
        // It may have been removed in between, where the store is far too small.
        let chunks = self.blobs.read(&record).await?.ok_or(Problem::Store)?;
        Ok((part.file(record, chunks), outcome))
    }
}

/// The slug of an event's channel, from the list of those that are configured.
fn slug_of(endpoints: &Endpoints, event: &Envelope) -> &'static str {
    let channel = endpoints.iter().map(|endpoint| endpoint.channel).find(|channel| **channel == event.channel);
    channel.unwrap_or("unknown")
}
