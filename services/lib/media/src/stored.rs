//! What is stored, and reading it.

use std::{fmt, pin::Pin, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream, stream::BoxStream};
use kenh_runtime::metrics;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::warn;

use crate::blobs::Blobs;

/// Bytes of a piece at most, as the contract has it.
const CHUNK: usize = 64 << 10;

/// What is known of a stored file; JSON in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// SHA-256 of the bytes, in hexadecimal: where they are.
    pub(crate) sha256: String,
    /// Their number.
    pub(crate) size: u64,
    /// What the server said they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mime: Option<String>,
}

impl Record {
    /// The digest's bytes.
    pub(crate) fn digest(&self) -> Vec<u8> {
        hex::decode(&self.sha256).unwrap_or_default()
    }

    /// Whether it names a file of the store, and nothing else.
    pub(crate) fn is_sound(&self) -> bool {
        self.sha256.len() == 64 && self.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }
}

/// The stored bytes cannot be read to their end, or are not those that were stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes cannot be read, or are not what was stored; try again")]
pub struct Damaged;

/// The bytes of a stored file, piece by piece: at most 64 KiB each, read when they are asked for, at the end compared with the
/// digest.
pub struct Chunks(Pin<Box<dyn Stream<Item = Result<Bytes, Damaged>> + Send>>);

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunks")
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Damaged>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

struct Reading {
    blobs: Arc<Blobs>,
    record: Record,
    source: BoxStream<'static, object_store::Result<Bytes>>,
    buffer: BytesMut,
    digest: Sha256,
    /// The source has no more.
    ended: bool,
    /// There is nothing left to say.
    over: bool,
}

impl Chunks {
    pub(crate) fn new(
        blobs: Arc<Blobs>,
        record: Record,
        source: BoxStream<'static, object_store::Result<Bytes>>,
    ) -> Self {
        let (buffer, digest) = (BytesMut::new(), Sha256::new());
        let reading = Reading { blobs, record, source, buffer, digest, ended: false, over: false };
        Self(Box::pin(stream::unfold(reading, |mut reading| async move {
            let piece = reading.next().await?;
            Some((piece, reading))
        })))
    }
}

impl Reading {
    async fn next(&mut self) -> Option<Result<Bytes, Damaged>> {
        if self.over {
            return None;
        }
        while !self.ended && self.buffer.len() < CHUNK {
            match self.source.next().await {
                Some(Ok(bytes)) => self.buffer.extend_from_slice(&bytes),
                Some(Err(error)) => {
                    warn!(%error, "a stored file cannot be read to its end");
                    self.over = true;
                    return Some(Err(Damaged));
                }
                None => self.ended = true,
            }
        }
        if self.buffer.is_empty() {
            self.over = true;
            return self.compared().await;
        }
        let piece = self.buffer.split_to(CHUNK.min(self.buffer.len())).freeze();
        self.digest.update(&piece);
        Some(Ok(piece))
    }

    /// What is not what was stored is removed, so that the next call has it anew.
    async fn compared(&mut self) -> Option<Result<Bytes, Damaged>> {
        let digest = std::mem::take(&mut self.digest).finalize();
        if digest.as_slice() == self.record.digest() {
            return None;
        }
        warn!(sha256 = self.record.sha256, "a stored file is not what was stored; it is removed");
        metrics::MEDIA_REMOVED.add(1, [("reason", "corrupt")]);
        self.blobs.remove(&self.record).await;
        Some(Err(Damaged))
    }
}
