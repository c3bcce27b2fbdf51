//! Keeping the store within its bounds: the oldest go first.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs,
    path::{Path as Folder, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use futures_util::TryStreamExt as _;
use kenh_runtime::{clock, metrics};
use object_store::{ObjectMeta, ObjectStoreExt as _, path::Path};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{
    Problem,
    blobs::{Blobs, tell, trouble},
};

/// How often it is looked through.
const EVERY: Duration = Duration::from_secs(600);
/// The oldest objects that one look takes down; when all of them have to go, it looks again.
const AT_A_TIME: usize = 10_000;
/// What is being written is written to, and done with, long before.
const LEFTOVER: Duration = Duration::from_secs(3600);

/// Looks through the store until told to stop.
pub(crate) async fn keep(blobs: Arc<Blobs>, stop: CancellationToken) {
    loop {
        if blobs.sweep(0).await.is_err() {
            debug!("the media store is looked through again later");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// The oldest objects of a kind, a bounded number of them, and the bytes of all.
struct Oldest {
    bytes: u64,
    /// The newest of them on top.
    objects: BinaryHeap<(SystemTime, Reverse<u64>, Path)>,
}

impl Blobs {
    /// Removes what is too old and what exceeds the bound, so that so many bytes more have room.
    pub(crate) async fn sweep(&self, room: u64) -> Result<(), Problem> {
        let _one = self.sweeping.lock().await;
        let total = self.bounds.total.saturating_sub(room);
        if room > 0 && self.used.load(Ordering::Relaxed) <= total {
            // Another one has made room meanwhile.
            return Ok(());
        }
        loop {
            let found = self.oldest("blobs").await.map_err(|error| trouble(&error))?;
            let (mut used, looked_at) = (found.bytes, found.objects.len());
            let mut removed = 0;
            for (modified, Reverse(size), path) in found.objects.into_sorted_vec() {
                let reason = if is_over(modified, self.bounds.age) {
                    "age"
                } else if used > total {
                    "room"
                } else {
                    break;
                };
                self.take_away(&path, reason).await?;
                (used, removed) = (used.saturating_sub(size), removed + 1);
            }
            self.used.store(used, Ordering::Relaxed);
            tell(used);
            if removed < looked_at || looked_at < AT_A_TIME {
                break;
            }
        }
        if room == 0 {
            // Of files whose bytes are gone nothing has to be known.
            self.remove_older("files", self.bounds.age, "age").await?;
            self.remove_older("incoming", LEFTOVER, "leftover").await?;
            self.remove_staged().await;
        }
        Ok(())
    }

    async fn oldest(&self, folder: &str) -> object_store::Result<Oldest> {
        let mut listed = self.objects.list(Some(&Path::from(folder)));
        let mut oldest = Oldest { bytes: 0, objects: BinaryHeap::new() };
        while let Some(ObjectMeta { location, last_modified, size, .. }) = listed.try_next().await? {
            oldest.bytes = oldest.bytes.saturating_add(size);
            oldest.objects.push((last_modified.into(), Reverse(size), location));
            if oldest.objects.len() > AT_A_TIME {
                oldest.objects.pop();
            }
        }
        Ok(oldest)
    }

    async fn remove_older(&self, folder: &str, age: Duration, reason: &'static str) -> Result<(), Problem> {
        let mut listed = self.objects.list(Some(&Path::from(folder)));
        while let Some(object) = listed.try_next().await.map_err(|error| trouble(&error))? {
            if is_over(object.last_modified.into(), age) {
                self.take_away(&object.location, reason).await?;
            }
        }
        Ok(())
    }

    async fn take_away(&self, path: &Path, reason: &'static str) -> Result<(), Problem> {
        match self.objects.delete(path).await {
            Ok(()) => metrics::MEDIA_REMOVED.add(1, [("reason", reason)]),
            // Another process was faster.
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(trouble(&error)),
        }
        Ok(())
    }

    /// A process that dies while it writes leaves what it has staged, `<name>#<number>`, which no listing shows.
    async fn remove_staged(&self) {
        let Some(directory) = self.directory.clone() else { return };
        let before = clock::now().checked_sub(LEFTOVER);
        let removed = tokio::task::spawn_blocking(move || remove_staged(&directory, before)).await;
        match removed {
            Ok(0) | Err(_) => {}
            Ok(removed) => metrics::MEDIA_REMOVED.add(removed, [("reason", "leftover")]),
        }
    }
}

fn is_over(modified: SystemTime, age: Duration) -> bool {
    clock::now().duration_since(modified).is_ok_and(|passed| passed > age)
}

fn is_older(entry: &fs::DirEntry, before: Option<SystemTime>) -> bool {
    entry.metadata().and_then(|found| found.modified()).is_ok_and(|modified| Some(modified) < before)
}

fn remove_staged(root: &Folder, before: Option<SystemTime>) -> u64 {
    let mut removed = 0;
    // As deep as the store is, and no deeper.
    let mut folders: Vec<(PathBuf, u8)> = vec![(root.into(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        // Folders go when they are empty.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            let staged = name
                .to_str()
                .and_then(|name| name.rsplit_once('#'))
                .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
            if kind.is_dir() && depth < 2 {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && staged && is_older(&entry, before) && fs::remove_file(entry.path()).is_ok() {
                removed += 1;
            }
        }
    }
    removed
}
