//! Who may call the api, and what for: keys, certificates, tokens, rights, quotas, the audit log.

mod certificates;
mod clients;
mod exposure;
mod keys;
mod quotas;
mod rights;
mod tokens;

use kenh_proto::v1::{EventKind, Filter, ListEventsRequest, PullRequest, StartAt, pull_request::Start};
use kenh_tests::{
    access::{Calling, Key, events},
    gateway::{Gateway, Setup},
    webhook::{messenger, messenger_text, zalo, zalo_text},
};
use serde_json::Value;
use tonic::{Code, Status};

/// One client of the configuration.
fn client(name: &str, key: &Key, rights: &str) -> String {
    format!("    {name}:\n      api_key_sha256: {}\n      rights: [{rights}]\n", key.hash)
}

fn access(clients: &[String]) -> String {
    format!("access:\n  clients:\n{}", clients.concat())
}

/// Posts two events of Messenger, one of which keeps its bytes, and one of Zalo.
async fn post_three(gateway: &Gateway) {
    assert_eq!(messenger().post(gateway, &messenger_text(660_001, "m_1", "một")).await, 200);
    let keeping = gateway.url("messenger", "keeping");
    assert_eq!(messenger().post_to(&keeping, &messenger_text(660_001, "m_2", "hai")).await.unwrap(), 200);
    assert_eq!(zalo().post(gateway, &zalo_text(555, "z_1", "ba")).await, 200);
}

/// Channels of everything a caller lists.
async fn channels(calling: &Calling) -> Result<Vec<String>, Status> {
    let listed = events(calling).list_events(ListEventsRequest::default()).await?.into_inner();
    let mut channels: Vec<_> =
        listed.deliveries.into_iter().map(|delivery| delivery.envelope.unwrap().channel).collect();
    channels.sort();
    Ok(channels)
}

/// Waits until a caller's list has so many events: what is stored is listed a moment later.
async fn sees(calling: &Calling, count: usize) {
    let listed = || async { channels(calling).await.expect("a list").len() == count };
    kenh_tests::until("what was posted is listed", listed).await;
}

fn pull(channels: &[&str]) -> PullRequest {
    let channels = channels.iter().map(|channel| (*channel).to_owned()).collect();
    let filter = Some(Filter { channels, kinds: vec![EventKind::Message.into()], ..Filter::default() });
    PullRequest { start: Some(Start::At(StartAt::Earliest.into())), filter, ..PullRequest::default() }
}

async fn pulled(calling: &Calling, channels: &[&str]) -> Result<usize, Status> {
    Ok(events(calling).pull(pull(channels)).await?.into_inner().deliveries.len())
}

/// The code and reason of a refusal.
fn refusal<T>(answer: Result<T, Status>) -> (Code, String) {
    let Err(status) = answer else { panic!("it was not refused") };
    (status.code(), kenh_tests::access::reason(&status))
}

fn refused(code: Code, reason: &str) -> (Code, String) {
    (code, reason.to_owned())
}

/// Audit lines of one method.
fn lines_of(gateway: &Gateway, method: &str) -> Vec<Value> {
    let lines = gateway.audit().into_iter();
    lines.filter(|line| line["method"].as_str().is_some_and(|name| name.ends_with(method))).collect()
}

async fn start(folder: &tempfile::TempDir, yaml: &str) -> Gateway {
    Setup::embedded(folder.path()).with(yaml).start().await
}
