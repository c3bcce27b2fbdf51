//! Tokens that are renewed, how they are kept, and how accounts fare.

mod at_rest;
mod health;
mod renewing;
mod replicas;

use std::path::Path;

use kenh_proto::v1::{
    AccountHealth, Destination, Identity, ListAccountHealthRequest, OutboundMessage,
    channel_service_client::ChannelServiceClient, destination::To,
};
use kenh_tests::{
    gateway::{Gateway, OA, Setup},
    oauth::{FIRST, Oauth},
    outbound::{say, send},
    provider::Provider,
    until,
};
use tonic::transport::Channel;

use crate::answering::DISPATCH;

pub(crate) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const OTHER_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// A gateway whose Official Account renews its token, with keys.
pub(crate) fn setup(folder: &Path, provider: &Provider, oauth: &Oauth, keys: &[&str]) -> Setup {
    let keys = format!("credentials:\n  keys: {keys:?}\n");
    Setup::embedded(folder).with(DISPATCH).with(&keys).renewing(&provider.url(), &oauth.url(), FIRST)
}

pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) oauth: Oauth,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let (provider, oauth) = (Provider::start().await, Oauth::start().await);
        Self { provider, oauth, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn setup(&self) -> Setup {
        setup(self.folder.path(), &self.provider, &self.oauth, &[KEY])
    }
}

pub(crate) async fn channels(gateway: &Gateway) -> ChannelServiceClient<Channel> {
    ChannelServiceClient::connect(gateway.api_url()).await.expect("the api answers")
}

/// How the Official Account fares.
pub(crate) async fn health(gateway: &Gateway) -> AccountHealth {
    let request = ListAccountHealthRequest { channel: "zalo".into() };
    let listed = channels(gateway).await.list_account_health(request).await.unwrap().into_inner();
    listed.accounts.into_iter().next().expect("there is one")
}

/// Waits until its token was renewed.
pub(crate) async fn renewed(gateway: &Gateway) {
    until("the token was renewed", || async { health(gateway).await.token_expires_at.is_some() }).await;
}

/// Says something to somebody on Zalo.
pub(crate) async fn say_on_zalo(gateway: &Gateway, key: &str) -> OutboundMessage {
    let person = Identity { scheme: "zalo_uid".into(), value: "5550001112223334445".into(), ..Identity::default() };
    let to = Destination {
        channel: "zalo".into(),
        account: OA.into(),
        to: Some(To::Contact(person)),
        ..Destination::default()
    };
    send(gateway, say(to, key, key)).await.unwrap()
}

/// The access tokens of the calls that send, in their order.
pub(crate) fn tokens(provider: &Provider) -> Vec<String> {
    let token = |headers: &axum::http::HeaderMap| Some(headers.get("access_token")?.to_str().ok()?.to_owned());
    provider.received().iter().filter_map(|call| token(&call.headers)).collect()
}
