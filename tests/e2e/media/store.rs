//! The store at its bounds.

use std::fs;

use kenh_tests::{
    gateway::Setup,
    provider::Provider,
    s3::{BUCKET, S3},
};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_makes_room_and_a_broken_one_says_so() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let more = format!(
        "{MEDIA}  max_file_bytes: 60KiB\n  max_total_bytes: 100KiB\n  directory: {}\n",
        folder.path().join("files").display()
    );
    let gateway = Setup::embedded(folder.path()).with(&more).start().await;
    let pictures = [bytes(1, 60_000), bytes(2, 60_000)];
    let urls = [0, 1].map(|n| provider.file_of(&format!("/{n}.png"), "image/png", pictures[n].clone().into()));
    let event = sent_pictures(&gateway, "m_1", &[&urls[0], &urls[1], &urls[0]]).await;
    for (part, picture) in [(0, &pictures[0]), (1, &pictures[1]), (1, &pictures[1]), (0, &pictures[0])] {
        assert!(get(&gateway, &event, part).await.unwrap().bytes == *picture, "{part}");
    }
    let fetched: Vec<_> = provider.fetched().iter().map(|call| call.path.clone()).collect();
    assert_eq!(fetched, ["/0.png", "/1.png", "/0.png"], "the older one went, and was had anew");
    let held: u64 = fs::read_dir(folder.path().join("files/blobs"))
        .unwrap()
        .flat_map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap())
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(held, 60_000);
    assert!(gateway.metric("kenh_media_removed_total", "reason=\"room\"").await > 1.5);

    // Bytes that changed on the disk are not given for what was stored, and had anew.
    let shelves = folder.path().join("files/blobs");
    let shelf = fs::read_dir(shelves).unwrap().map(|shelf| shelf.unwrap().path());
    let stored = shelf.flat_map(|shelf| fs::read_dir(shelf).unwrap()).next().expect("a file").unwrap().path();
    fs::write(stored, &pictures[1]).unwrap();
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::DataLoss, "MEDIA_CORRUPT"));
    assert!(get(&gateway, &event, 0).await.unwrap().bytes == pictures[0]);

    // Something stands in the way of the bytes.
    fs::remove_dir_all(folder.path().join("files")).unwrap();
    fs::write(folder.path().join("files"), b"in the way").unwrap();
    assert_eq!(refused(&gateway, &event, 2).await, why(Code::Unavailable, "MEDIA_STORE_UNAVAILABLE"));
    fs::remove_file(folder.path().join("files")).unwrap();
    assert!(get(&gateway, &event, 2).await.unwrap().bytes == pictures[0], "it is had again by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_share_a_bucket_have_a_file_once() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (provider, s3) = (Provider::start().await, S3::start().await);
    let more = format!(
        "{MEDIA}  store: s3\n  s3:\n    bucket: {BUCKET}\n    prefix: files\n    endpoint: {}\n    access_key_id: an-id\n    \
         secret_access_key: bucket-secret-for-tests-0001\n",
        s3.url()
    );
    leaks::unsaid("bucket-secret-for-tests-0001");
    let one = Setup::embedded(one.path()).with(&more).start().await;
    let other = Setup::embedded(other.path()).with(&more).start().await;
    // What is larger than one part of an upload, and what is not.
    let (film, picture) = (bytes(1, (6 << 20) + 11), bytes(2, 1000));
    let urls = [
        provider.file_of("/film.mp4", "video/mp4", film.clone().into()),
        provider.file_of("/p.png", "image/png", picture.clone().into()),
    ];
    // The same call comes to both, as to replicas of one log; its event has one id.
    let urls = urls.each_ref().map(String::as_str);
    let (event, again) = (sent_pictures(&one, "m_1", &urls).await, sent_pictures(&other, "m_1", &urls).await);
    assert_eq!(event.id, again.id);
    for gateway in [&one, &other] {
        let got = get(gateway, &event, 0).await.unwrap();
        assert!(got.bytes == film, "{} bytes came", got.bytes.len());
        assert_eq!(got.info.mime_type.as_deref(), Some("video/mp4"));
        assert!(get(gateway, &event, 1).await.unwrap().bytes == picture);
    }
    assert_eq!(provider.fetched().len(), 2);
    let listed = s3.listed().await;
    assert_eq!(listed.matches("<Key>files/blobs/").count(), 2, "{listed}");
    assert!(!listed.contains("incoming"), "{listed}");
    // Nobody waits for long when the bucket is away.
    drop(s3);
    assert_eq!(refused(&one, &event, 0).await, why(Code::Unavailable, "MEDIA_STORE_UNAVAILABLE"));
}
