//! A file on its way into the store.

use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use object_store::{ObjectStoreExt as _, WriteMultipart, path::Path};
use sha2::{Digest as _, Sha256};
use tracing::debug;
use uuid::Uuid;

use crate::{
    Problem,
    blobs::{Blobs, blob_path, trouble},
    stored::Record,
};

/// What is held in memory; what is larger is written while it comes, in parts of this size (the smallest S3 takes).
pub(crate) const IN_MEMORY: usize = 5 << 20;
/// Parts of one file that are being written at the same time.
const PARTS: usize = 1;

/// A file on its way. Nothing of it is there before [`store`](Self::store).
pub(crate) struct Incoming<'a> {
    blobs: &'a Blobs,
    digest: Sha256,
    size: u64,
    so_far: SoFar,
}

enum SoFar {
    Held(BytesMut),
    Written(Path, WriteMultipart),
}

impl<'a> Incoming<'a> {
    pub(crate) fn new(blobs: &'a Blobs) -> Self {
        Self { blobs, digest: Sha256::new(), size: 0, so_far: SoFar::Held(BytesMut::new()) }
    }

    /// Takes the next bytes.
    pub(crate) async fn write(&mut self, bytes: &Bytes) -> Result<(), Problem> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > self.blobs.bounds.file {
            return Err(Problem::TooLarge { most: Some(self.blobs.bounds.file) });
        }
        self.digest.update(bytes);
        match &mut self.so_far {
            SoFar::Held(held) if held.len() + bytes.len() <= IN_MEMORY => held.extend_from_slice(bytes),
            SoFar::Held(held) => {
                let path = Path::from_iter(["incoming".to_owned(), Uuid::new_v4().to_string()]);
                let upload = self.blobs.objects.put_multipart(&path).await.map_err(|error| trouble(&error))?;
                let mut upload = WriteMultipart::new_with_chunk_size(upload, IN_MEMORY);
                upload.put(held.split().freeze());
                upload.put(bytes.clone());
                self.so_far = SoFar::Written(path, upload);
            }
            SoFar::Written(_, upload) => {
                upload.wait_for_capacity(PARTS).await.map_err(|error| trouble(&error))?;
                upload.put(bytes.clone());
            }
        }
        Ok(())
    }

    /// Puts it where its digest says, and makes room for it first.
    pub(crate) async fn store(self, mime: Option<String>) -> Result<Record, Problem> {
        let Self { blobs, digest, size, so_far } = self;
        let record = Record { sha256: hex::encode(digest.finalize()), size, mime };
        let place = blob_path(&record.sha256);
        let there = blobs.objects.head(&place).await.is_ok_and(|found| found.size == size);
        if !there && blobs.used.load(Ordering::Relaxed).saturating_add(size) > blobs.bounds.total {
            blobs.sweep(size).await?;
        }
        match so_far {
            SoFar::Held(_) if there => {}
            SoFar::Held(held) => {
                blobs.objects.put(&place, held.freeze().into()).await.map_err(|error| trouble(&error))?;
            }
            SoFar::Written(path, upload) => {
                upload.finish().await.map_err(|error| trouble(&error))?;
                blobs.objects.rename(&path, &place).await.map_err(|error| trouble(&error))?;
            }
        }
        if !there {
            blobs.grew(size);
        }
        Ok(record)
    }

    /// Drops what has come so far.
    pub(crate) async fn drop_it(self) {
        if let SoFar::Written(_, upload) = self.so_far
            && let Err(error) = upload.abort().await
        {
            // A bucket's rule for uploads that were not completed removes it later.
            debug!(%error, "what was written of a file is left");
        }
    }
}
