//! How much a client may do.

use kenh_tests::{
    access::{connect, new_key},
    stream::{Stream, latest},
};
use tonic_types::StatusExt as _;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_quota_a_client_is_told_when_to_come_back_and_others_are_not() {
    let (folder, key, other) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await);
    let quotas = "      quotas: {requests_per_second: 1, burst: 5}\n";
    let clients = [client("eager", &key, "read") + quotas, client("calm", &other, "read")];
    let gateway = start(&folder, &access(&clients)).await;
    let (eager, calm) =
        (connect(&gateway.api_url(), Some(&key.secret)).await, connect(&gateway.api_url(), Some(&other.secret)).await);
    let mut refusals = Vec::new();
    for _ in 0..100 {
        if let Err(status) = channels(&eager).await {
            refusals.push(status);
        }
    }
    let first = refusals.first().expect("a hundred calls at once are too many");
    assert_eq!((first.code(), kenh_tests::access::reason(first)), refused(Code::ResourceExhausted, "QUOTA_EXCEEDED"));
    let wait = first.get_details_retry_info().expect("when to come back").retry_delay.expect("when");
    assert!(wait.as_millis() > 0 && wait.as_secs() <= 1, "{wait:?}");
    assert!(channels(&calm).await.is_ok());
    let lines = lines_of(&gateway, "ListEvents");
    assert!((20..40).contains(&lines.len()), "lines are bounded: {} of {}", lines.len(), refusals.len());
    assert!(lines.iter().all(|line| line["client"] == "eager" && line["reason"] == "requests_exceeded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_so_many_streams_and_gets_room_back() {
    let (folder, key) = (tempfile::tempdir().unwrap(), new_key().await);
    let quotas = "      quotas: {streams: 2}\n";
    let gateway = start(&folder, &access(&[client("crm", &key, "read") + quotas])).await;
    let crm = connect(&gateway.api_url(), Some(&key.secret)).await;
    let first = Stream::over(&mut events(&crm), latest()).await.unwrap();
    let _second = Stream::over(&mut events(&crm), latest()).await.unwrap();
    let third = Stream::over(&mut events(&crm), latest()).await;
    assert_eq!(refusal(third), refused(Code::ResourceExhausted, "QUOTA_EXCEEDED"));
    drop(first);
    kenh_tests::until("there is room again", || async { Stream::over(&mut events(&crm), latest()).await.is_ok() })
        .await;
}
