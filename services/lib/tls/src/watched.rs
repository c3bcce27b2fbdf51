//! What is made of files, and made anew when they change: a certificate is replaced without a restart. Connections that are open stay as
//! they are.

use std::{fmt::Display, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Files, and what is made of them.
pub trait Source: Send + Sync + 'static {
    /// What the files hold.
    type Contents: PartialEq + Send;
    /// What is made of it.
    type Made: Send + Sync + 'static;
    /// Why they cannot be used.
    type Error: Display + Send;

    /// Whose certificate it is, for the log.
    fn whose(&self) -> &'static str;
    /// Reads the files. May block.
    fn read(&self) -> Result<Self::Contents, Self::Error>;
    /// Makes something of them.
    fn make(&self, contents: &Self::Contents) -> Result<Self::Made, Self::Error>;
}

/// What is in use.
#[derive(Debug)]
pub struct Watched<T>(ArcSwap<T>);

impl<T: Send + Sync + 'static> Watched<T> {
    /// Reads the files, and looks after them, so often, until told to stop.
    pub fn start<S: Source<Made = T>>(
        source: S,
        every: Duration,
        stop: &CancellationToken,
    ) -> Result<Arc<Self>, S::Error> {
        let contents = source.read()?;
        let watched = Arc::new(Self(ArcSwap::from_pointee(source.make(&contents)?)));
        let (followed, stop) = (watched.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = followed.follow(Arc::new(source), contents, every) => {}
            }
        });
        Ok(watched)
    }

    /// What a new connection works with.
    pub fn current(&self) -> Arc<T> {
        self.0.load_full()
    }

    async fn follow<S: Source<Made = T>>(&self, source: Arc<S>, mut known: S::Contents, every: Duration) {
        let (whose, mut told) = (source.whose(), None);
        loop {
            tokio::time::sleep(every).await;
            let reader = source.clone();
            let read = tokio::task::spawn_blocking(move || reader.read()).await;
            let Ok(read) = read else { continue };
            let outcome = match read {
                Ok(contents) if contents == known => continue,
                Ok(contents) => source.make(&contents).map(|made| (contents, made)),
                Err(error) => Err(error),
            };
            match outcome {
                Ok((contents, made)) => {
                    self.0.store(made.into());
                    (known, told) = (contents, None);
                    info!("{whose} certificate was replaced");
                }
                // Half of it may be written: what was good stays in use until the whole is.
                Err(error) => {
                    let text = error.to_string();
                    if told.as_ref() != Some(&text) {
                        warn!(%error, "{whose} new certificate cannot be used, the one before stays in use");
                    }
                    told = Some(text);
                }
            }
        }
    }
}
