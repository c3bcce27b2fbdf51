//! The store: its bounds, what dies with a process, what is damaged.

use std::{
    fs,
    path::Path as Folder,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use kenh_runtime::clock;
use object_store::{ObjectStore as _, ObjectStoreExt as _, local::LocalFileSystem, memory::InMemory, path::Path};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    Damaged, Key, Problem,
    blobs::{Blobs, Bounds, blob_path},
    incoming::IN_MEMORY,
    stored::Record,
};

const BOUNDS: Bounds = Bounds { file: 8 << 20, total: 20 << 20, age: Duration::from_secs(3600) };
const KEY: Key = Key { event: Uuid::from_u128(7), part: 1 };

fn memory(bounds: Bounds) -> Arc<Blobs> {
    Arc::new(Blobs::over(Arc::new(InMemory::new()), None, bounds))
}

fn directory(folder: &Folder, bounds: Bounds) -> Arc<Blobs> {
    let files = LocalFileSystem::new_with_prefix(folder).unwrap().with_automatic_cleanup(true);
    Arc::new(Blobs::over(Arc::new(files), Some(folder.into()), bounds))
}

async fn put(blobs: &Blobs, bytes: &[u8]) -> Result<Record, Problem> {
    let mut incoming = blobs.incoming();
    for piece in bytes.chunks(100_000) {
        incoming.write(&Bytes::copy_from_slice(piece)).await?;
    }
    incoming.store(Some("image/png".into())).await
}

async fn read(blobs: &Arc<Blobs>, record: &Record) -> Option<Vec<u8>> {
    let mut chunks = blobs.read(record).await.unwrap()?;
    let mut all = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.unwrap();
        assert!((1..=64 << 10).contains(&chunk.len()), "{}", chunk.len());
        all.extend_from_slice(&chunk);
    }
    Some(all)
}

fn bytes(seed: u8, size: usize) -> Vec<u8> {
    (0..size).map(|place| seed.wrapping_add(u8::try_from(place % 251).unwrap())).collect()
}

/// As if it had been written long ago.
fn age(folder: &Folder, path: &Path, by: Duration) {
    let file = fs::File::options().append(true).open(folder.join(path.as_ref())).unwrap();
    file.set_modified(clock::now() - by).unwrap();
}

#[tokio::test]
async fn what_is_stored_is_read_as_it_was_on_every_engine() {
    let folder = tempfile::tempdir().unwrap();
    for blobs in [memory(BOUNDS), directory(folder.path(), BOUNDS)] {
        for size in [0, 1, 64 << 10, 100_001, IN_MEMORY + 100_001] {
            let written = bytes(3, size);
            let record = put(&blobs, &written).await.unwrap();
            assert_eq!((record.size, record.digest()), (size as u64, Sha256::digest(&written).to_vec()));
            assert_eq!(read(&blobs, &record).await.unwrap(), written, "{size}");
        }
        assert_eq!(blobs.record(&KEY).await, Ok(None));
        let record = put(&blobs, b"bytes").await.unwrap();
        blobs.remember(&KEY, &record).await.unwrap();
        assert_eq!(blobs.record(&KEY).await, Ok(Some(record)));
        assert_eq!(blobs.record(&Key { part: 2, ..KEY }).await, Ok(None));
        let left: Vec<_> = blobs.objects.list(Some(&Path::from("incoming"))).try_collect().await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn the_same_bytes_are_kept_once() {
    let blobs = memory(BOUNDS);
    let (one, other) = (put(&blobs, b"the same").await.unwrap(), put(&blobs, b"the same").await.unwrap());
    assert_eq!(one, other);
    let stored: Vec<_> = blobs.objects.list(Some(&Path::from("blobs"))).try_collect().await.unwrap();
    assert_eq!((stored.len(), blobs.used.load(Ordering::Relaxed)), (1, 8));
}

#[tokio::test]
async fn a_file_that_is_too_large_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = directory(folder.path(), Bounds { file: 6 << 20, ..BOUNDS });
    let mut incoming = blobs.incoming();
    let piece = Bytes::from(bytes(1, 1 << 20));
    for _ in 0..6 {
        incoming.write(&piece).await.unwrap();
    }
    assert_eq!(incoming.write(&piece).await, Err(Problem::TooLarge { most: Some(6 << 20) }));
    incoming.drop_it().await;
    assert_eq!(files_in(folder.path()), Vec::<String>::new());
}

fn files_in(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let deeper = |entry: fs::DirEntry| {
        let is_folder = entry.file_type().unwrap().is_dir();
        if is_folder { files_in(&entry.path()) } else { vec![entry.file_name().into_string().unwrap()] }
    };
    entries.flat_map(deeper).collect()
}

#[tokio::test]
async fn the_oldest_make_room_for_newer_ones() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = directory(folder.path(), Bounds { file: 100, total: 250, age: BOUNDS.age });
    let mut records = Vec::new();
    for (seed, minutes) in [(1, 10), (2, 30), (3, 20)] {
        let record = put(&blobs, &bytes(seed, 80)).await.unwrap();
        age(folder.path(), &blob_path(&record.sha256), Duration::from_secs(60 * minutes));
        records.push(record);
    }
    let newest = put(&blobs, &bytes(4, 90)).await.unwrap();
    assert!(read(&blobs, &records[1]).await.is_none(), "the oldest is gone");
    for kept in [&records[0], &records[2], &newest] {
        assert!(read(&blobs, kept).await.is_some());
    }
    assert_eq!(blobs.used.load(Ordering::Relaxed), 250);
    assert_eq!(put(&blobs, &bytes(5, 101)).await, Err(Problem::TooLarge { most: Some(100) }));
}

#[tokio::test]
async fn what_is_too_old_goes_with_what_was_known_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = directory(folder.path(), BOUNDS);
    let (old, new) = (put(&blobs, b"old").await.unwrap(), put(&blobs, b"new").await.unwrap());
    blobs.remember(&KEY, &old).await.unwrap();
    blobs.remember(&Key { part: 2, ..KEY }, &new).await.unwrap();
    age(folder.path(), &blob_path(&old.sha256), BOUNDS.age * 2);
    let id = KEY.event.simple();
    age(folder.path(), &Path::from(format!("files/00/{id}-1")), BOUNDS.age * 2);
    blobs.sweep(0).await.unwrap();
    assert!(read(&blobs, &old).await.is_none() && read(&blobs, &new).await.is_some());
    assert_eq!(blobs.record(&KEY).await, Ok(None));
    assert_eq!(blobs.record(&Key { part: 2, ..KEY }).await, Ok(Some(new)));
    assert_eq!(blobs.used.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_a_process_left_when_it_died_is_removed_and_what_one_writes_now_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = directory(folder.path(), BOUNDS);
    let stored = put(&blobs, b"stored").await.unwrap();
    let shelf = blob_path(&stored.sha256);
    let shelf = folder.path().join(shelf.as_ref()).parent().unwrap().to_owned();
    fs::create_dir(folder.path().join("incoming")).unwrap();
    for (path, old) in [
        (shelf.join("half#1"), true),
        (shelf.join("half#2"), false),
        (folder.path().join("incoming/dead"), true),
        (folder.path().join("incoming/dead#1"), true),
        (folder.path().join("incoming/alive"), false),
        (folder.path().join("incoming/alive#1"), false),
    ] {
        fs::write(&path, b"half").unwrap();
        let written = if old { clock::now() - Duration::from_secs(7200) } else { SystemTime::UNIX_EPOCH };
        if old {
            fs::File::options().append(true).open(&path).unwrap().set_modified(written).unwrap();
        }
    }
    blobs.sweep(0).await.unwrap();
    let mut left = files_in(folder.path());
    left.sort();
    let mut expected = vec![stored.sha256.clone(), "alive".into(), "alive#1".into(), "half#2".into()];
    expected.sort();
    assert_eq!(left, expected);
}

#[tokio::test]
async fn damaged_bytes_are_said_to_be_and_had_anew() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = directory(folder.path(), BOUNDS);
    let record = put(&blobs, b"as it was").await.unwrap();
    let path = folder.path().join(blob_path(&record.sha256).as_ref());
    fs::write(&path, b"as it is!").unwrap();
    let chunks: Vec<_> = blobs.read(&record).await.unwrap().unwrap().collect().await;
    assert_eq!(chunks.last(), Some(&Err(Damaged)));
    assert!(read(&blobs, &record).await.is_none(), "it is not given a second time");
    let record = put(&blobs, b"as it was").await.unwrap();
    fs::write(&path, b"as it").unwrap();
    assert!(read(&blobs, &record).await.is_none(), "cut short");
    // A record that names something else is none.
    let foreign = Bytes::from_static(br#"{"sha256":"../../etc/passwd","size":1}"#);
    blobs.objects.put(&Path::from(format!("files/00/{}-1", KEY.event.simple())), foreign.into()).await.unwrap();
    assert_eq!(blobs.record(&KEY).await, Ok(None));
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = directory(folder.path(), BOUNDS);
    fs::write(folder.path().join("blobs"), b"in the way").unwrap();
    assert_eq!(put(&blobs, b"bytes").await, Err(Problem::Store));
}
