//! Files that lie at addresses.

use kenh_tests::{
    gateway::Setup,
    provider::{Manner, Provider},
};
use tokio::time::Instant;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_once_and_then_read_from_the_store() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let setup = Setup::embedded(folder.path()).with(MEDIA);
    let mut gateway = setup.clone().start().await;
    let picture = bytes(3, 100_000);
    let url = provider.file_of("/cdn/p.png", "image/png", picture.clone().into());
    let event = sent_pictures(&gateway, "m_1", &[&url]).await;
    // Many at once are one.
    let asked: Vec<_> = (0..8).map(|_| async { get(&gateway, &event, 0).await.unwrap() }).collect();
    for got in futures_util::future::join_all(asked).await {
        assert!(got.bytes == picture);
        assert_eq!(got.info.mime_type.as_deref(), Some("image/png"));
    }
    assert_eq!(provider.fetched().len(), 1);
    // It is there when the gateway comes back and the channel has gone.
    gateway.terminate().await;
    gateway.ended().await;
    drop((gateway, provider));
    let gateway = setup.start().await;
    assert!(get(&gateway, &event, 0).await.unwrap().bytes == picture);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_says_why() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let more = format!("{MEDIA}  max_file_bytes: 1KiB\n  idle_timeout: 500ms\n");
    let gateway = Setup::embedded(folder.path()).with(&more).start().await;
    let at = |path: &str| format!("{}{path}", provider.url());
    let inside = format!("http://127.0.0.2:{}/latest/meta-data", provider.port());
    let large = provider.file_of("/large", "image/png", bytes(1, 1025).into());
    let page = provider.file("/login", "text/html", b"<html>sign in</html>");
    let urls = [at("/expired"), at("/slow"), at("/broken"), inside, large, page];
    let event = sent_pictures(&gateway, "m_1", &urls.each_ref().map(String::as_str)).await;
    let signature_over = json!({"error": "URL signature expired"});
    provider.next([Manner::Says(403, signature_over), Manner::TakenInSilence, Manner::Says(500, json!({}))]);
    for (part, expected) in [
        (0, why(Code::NotFound, "MEDIA_GONE")),
        (1, why(Code::Unavailable, "MEDIA_TIMEOUT")),
        (2, why(Code::Unavailable, "MEDIA_UNREACHABLE")),
        (3, why(Code::FailedPrecondition, "MEDIA_ADDRESS_REFUSED")),
        (4, why(Code::FailedPrecondition, "MEDIA_TOO_LARGE")),
        (5, why(Code::NotFound, "MEDIA_GONE")),
    ] {
        assert_eq!(refused(&gateway, &event, part).await, expected, "{part}");
    }
    let labels = |outcome: &str| format!("channel=\"messenger\",outcome=\"{outcome}\"");
    assert!(gateway.metric("kenh_media_total", &labels("address_refused")).await > 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_word_of_the_operator_nothing_inside_is_reached() {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    let gateway = Setup::embedded(folder.path()).start().await;
    let url = provider.file("/p.png", "image/png", b"a picture inside");
    let event = sent_pictures(&gateway, "m_1", &[&url, &url.replace("http://", "https://")]).await;
    let began = Instant::now();
    for part in [0, 1] {
        let expected = why(Code::FailedPrecondition, "MEDIA_ADDRESS_REFUSED");
        assert_eq!(refused(&gateway, &event, part).await, expected, "{part}, after {:?}", began.elapsed());
    }
    assert!(provider.fetched().is_empty());
}
