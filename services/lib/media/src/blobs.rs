//! Where files are: an object store, be it a directory or a bucket.
//!
//! `blobs/<2 digits>/<SHA-256>` are the bytes; `files/<2 digits>/<event id>-<part>` says which of them a file of an event is; `incoming/` is what
//! is being written and too large to be held in memory. An object appears whole or not at all.

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use connector_sdk::ExposeSecret as _;
use kenh_runtime::metrics;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem,
    path::Path, prefix::PrefixStore,
};
use tokio::sync::Mutex;
use tracing::warn;

use crate::{Chunks, Config, Key, Place, Problem, S3, incoming::Incoming, stored::Record};

/// A record is small; more is none of ours.
const LARGEST_RECORD: u64 = 4096;

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or read.
    #[error("media.directory {}: {reason}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The settings of the bucket do not fit together.
    #[error("media.s3: {0}")]
    Bucket(String),
}

/// Stored files.
#[derive(Debug)]
pub(crate) struct Blobs {
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// Where they are, when that is a directory.
    pub(crate) directory: Option<PathBuf>,
    pub(crate) bounds: Bounds,
    /// Bytes there are, as far as this process knows.
    pub(crate) used: AtomicU64,
    /// One looks through the store at a time.
    pub(crate) sweeping: Mutex<()>,
}

/// What the store may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) file: u64,
    pub(crate) total: u64,
    pub(crate) age: std::time::Duration,
}

impl Blobs {
    pub(crate) fn open(config: &Config) -> Result<Self, OpenError> {
        let bounds = Bounds { file: config.max_file_bytes, total: config.max_total_bytes, age: config.keep };
        Ok(match &config.place {
            Place::Directory(path) => {
                let failed = |reason| OpenError::Directory { path: path.clone(), reason };
                fs::create_dir_all(path).map_err(failed)?;
                let files = LocalFileSystem::new_with_prefix(path).map_err(|error| failed(io::Error::other(error)))?;
                Self::over(Arc::new(files.with_fsync(true).with_automatic_cleanup(true)), Some(path.clone()), bounds)
            }
            Place::S3(bucket) => {
                let objects = open_bucket(bucket).map_err(|error| OpenError::Bucket(error.to_string()))?;
                Self::over(Arc::new(PrefixStore::new(objects, bucket.prefix.as_str())), None, bounds)
            }
        })
    }

    pub(crate) fn over(objects: Arc<dyn ObjectStore>, directory: Option<PathBuf>, bounds: Bounds) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::MEDIA_STORE_LIMIT_BYTES.set(bounds.total as f64, []);
        Self { objects, directory, bounds, used: AtomicU64::new(0), sweeping: Mutex::default() }
    }

    /// What is known of a file, if it was stored.
    pub(crate) async fn record(&self, key: &Key) -> Result<Option<Record>, Problem> {
        let found = match self.objects.get(&record_path(key)).await {
            Ok(found) if found.meta.size <= LARGEST_RECORD => found.bytes().await,
            Ok(_) => return Ok(None),
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok().filter(Record::is_sound)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// Its bytes; nothing where they were removed since, or are not all there.
    pub(crate) async fn read(self: &Arc<Self>, record: &Record) -> Result<Option<Chunks>, Problem> {
        match self.objects.get(&blob_path(&record.sha256)).await {
            Ok(found) if found.meta.size == record.size => {
                Ok(Some(Chunks::new(self.clone(), record.clone(), found.into_stream())))
            }
            Ok(_) => {
                self.remove(record).await;
                Ok(None)
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// Begins to write a file.
    pub(crate) fn incoming(&self) -> Incoming<'_> {
        Incoming::new(self)
    }

    /// Says which of the stored bytes a file is.
    pub(crate) async fn remember(&self, key: &Key, record: &Record) -> Result<(), Problem> {
        let json: Bytes = serde_json::to_vec(record).unwrap_or_default().into();
        self.objects.put(&record_path(key), json.into()).await.map_err(|error| trouble(&error))?;
        Ok(())
    }

    /// Removes bytes; those of another file that is the same go with them, and are had anew.
    pub(crate) async fn remove(&self, record: &Record) {
        if let Err(error) = self.objects.delete(&blob_path(&record.sha256)).await {
            warn!(%error, "a damaged file cannot be removed from the media store");
        }
    }

    /// So many bytes were added.
    pub(crate) fn grew(&self, bytes: u64) {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        tell(before.saturating_add(bytes));
    }
}

/// So many bytes there are.
pub(crate) fn tell(used: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::MEDIA_STORE_BYTES.set(used as f64, []);
}

/// The store cannot be used now. What it says may name places, and nothing of anybody's.
pub(crate) fn trouble(error: &object_store::Error) -> Problem {
    warn!(%error, "the media store cannot be used");
    Problem::Store
}

pub(crate) fn blob_path(sha256: &str) -> Path {
    Path::from_iter(["blobs", sha256.get(..2).unwrap_or_default(), sha256])
}

fn record_path(key: &Key) -> Path {
    let id = key.event.simple().to_string();
    let name = format!("{id}-{}", key.part);
    Path::from_iter(["files", id.get(..2).unwrap_or_default(), &name])
}

fn open_bucket(bucket: &S3) -> object_store::Result<impl ObjectStore> {
    // Without keys of its own: those the platform gives, as every program of AWS takes them.
    let builder = match &bucket.keys {
        Some((id, secret)) => {
            AmazonS3Builder::new().with_access_key_id(id).with_secret_access_key(secret.expose_secret())
        }
        None => AmazonS3Builder::from_env(),
    };
    // Whoever asks for a file waits meanwhile, and can ask again.
    let retries = RetryConfig { max_retries: 2, retry_timeout: bucket.timeout * 6, ..RetryConfig::default() };
    let builder = builder
        .with_retry(retries)
        .with_bucket_name(&bucket.bucket)
        .with_region(&bucket.region)
        .with_virtual_hosted_style_request(!bucket.path_style)
        .with_client_options(ClientOptions::new().with_connect_timeout(bucket.timeout).with_timeout(bucket.timeout * 6))
        .with_allow_http(bucket.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://")));
    match &bucket.endpoint {
        Some(endpoint) => builder.with_endpoint(endpoint).build(),
        None => builder.build(),
    }
}
