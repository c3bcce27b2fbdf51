//! A channel whose connector is a process of its own: calls, pushes and sends, and what becomes of them when the process does not
//! do its part.

mod calls;
mod keys;
mod pushes;
mod sends;

use std::path::Path;

use kenh_tests::{
    gateway::{Gateway, Setup},
    webhook,
};
use reqwest::Response;

/// A test answers by hand, so there is time for it.
const DISPATCH: &str = "dispatch:\n  timeout: 30s\n  sweep: 100ms\n  longest_pause: 200ms\n";

/// The process proves calls, at `main`; the gateway does at `kept`, and keeps what nobody reads.
const CHANNEL: &str = "  x-parlor:
    main:
      proven_by: process
      account: parlor-1
      deadline: 2s
      accounts:
        parlor-1: {name: Parlor, token: parlor-token-0001}
      settings:
        secret: parlor-secret-0001
    kept:
      verify: {scheme: token, header: X-Parlor-Token, secrets: parlor-token-of-more-than-20}
      unread: keep
      account: parlor-1
      deadline: 200ms
";

/// What `kept` wants to see.
const TOKEN: &str = "parlor-token-of-more-than-20";

fn setup(folder: &Path) -> Setup {
    kenh_tests::leaks::unsaid("parlor-token-0001");
    kenh_tests::leaks::unsaid("parlor-secret-0001");
    kenh_tests::leaks::unsaid(TOKEN);
    Setup::embedded(folder).with(DISPATCH).channels(CHANNEL)
}

async fn start() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (setup(folder.path()).start().await, folder)
}

/// Calls the endpoint as the channel does.
fn post(gateway: &Gateway, endpoint: &str, body: &str) -> tokio::task::JoinHandle<Response> {
    kenh_tests::leaks::unsaid(body);
    let call = webhook::client().post(gateway.url("x-parlor", endpoint)).header("x-parlor-token", TOKEN);
    let call = call.header("x-event", "said").body(body.to_owned());
    tokio::spawn(async move { call.send().await.expect("the gateway answers") })
}
