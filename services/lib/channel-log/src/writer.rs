//! Writing entries to the state store, behind whoever has the exchanges.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kenh_runtime::metrics;
use kenh_store::{NewExchange, Store};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use crate::{
    Config,
    buffer::{Buffer, MOST, Noted},
    entry::Entry,
};

/// How often what waits is written.
const EVERY: Duration = Duration::from_secs(1);
/// Entries of one call to the store: it holds up nobody for long.
const AT_ONCE: usize = 500;

/// Takes entries. Cheap to copy.
#[derive(Debug, Clone)]
pub struct ChannelLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    buffer: Mutex<Buffer>,
}

/// The task that writes; it ends when it is told to stop and what waits is written.
pub type Writing = JoinHandle<()>;

impl ChannelLog {
    /// Begins to write to a store, until told to stop.
    pub fn start(config: Config, store: Arc<dyn Store>, stop: CancellationToken) -> (Self, Writing) {
        let log = Self(Arc::new(Inner { config, buffer: Mutex::new(Buffer::new(config.per_second)) }));
        let writing = tokio::spawn(log.clone().write(store, stop));
        (log, writing)
    }

    /// Notes an exchange that has ended. Never waits.
    pub fn note(&self, entry: Entry) {
        if !self.0.config.takes(entry.direction(), entry.failed()) {
            return;
        }
        count(
            match self.buffer().note(entry, Instant::now()) {
                Noted::Alone => "alone",
                Noted::Together => "together",
                Noted::Dropped => "dropped",
            },
            1,
        );
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.0.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(self, store: Arc<dyn Store>, stop: CancellationToken) {
        let mut unwritten: Vec<(Instant, NewExchange)> = Vec::new();
        loop {
            let stopping = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(EVERY) => false,
            };
            // Their ids are made once: what was written without an answer is not there twice.
            let new = self.buffer().take();
            for entry in new {
                if unwritten.len() < MOST {
                    unwritten.push((entry.began, entry.kept(Uuid::now_v7())));
                } else {
                    count("lost", entry.count);
                }
            }
            while !unwritten.is_empty() {
                // How long ago that is now, however long the store was away.
                let page = unwritten.iter().take(AT_ONCE);
                let page: Vec<_> =
                    page.map(|(began, new)| NewExchange { ago: began.elapsed(), ..new.clone() }).collect();
                if let Err(error) = store.note_exchanges(&page).await {
                    debug!(%error, "the channel log is written later");
                    break;
                }
                unwritten.drain(..page.len());
            }
            if stopping {
                return;
            }
        }
    }
}

fn count(written: &'static str, exchanges: u32) {
    metrics::EXCHANGES.add(exchanges.into(), [("written", written)]);
}
