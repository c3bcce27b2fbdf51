//! The calls of `kenh.v1.ChannelService`.

use std::{collections::BTreeMap, pin::Pin, sync::Arc};

use async_trait::async_trait;
use connector_sdk::outbound::{Features, Outbound};
use kenh_access::{Caller, Reach, Right};
use kenh_intake::{Endpoint, Endpoints};
use kenh_outbound::{standing, timestamp};
use kenh_process::{Present, Switchboard};
use kenh_proto::v1::{self, channel_service_server::ChannelService};
use kenh_store::{Fare, Store};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use crate::{exchanges, status};

/// Tells of channels.
#[derive(Clone)]
pub(crate) struct ChannelCalls {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) processes: Switchboard,
    /// Slug and name of every channel of this program and of the configuration.
    pub(crate) catalog: Vec<(&'static str, &'static str)>,
    pub(crate) store: Arc<dyn Store>,
}

impl std::fmt::Debug for ChannelCalls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChannelCalls")
    }
}

impl ChannelCalls {
    fn endpoint(&self, channel: &str, name: &str) -> Result<Arc<Endpoint>, Status> {
        let mut fitting = self
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.channel == channel && (name.is_empty() || endpoint.name == name));
        let found = fitting.find(|endpoint| endpoint.connector.outbound().is_some());
        found.cloned().ok_or_else(|| {
            let message = "no endpoint of that channel and name is configured with an account to send from";
            status::refused(v1::SendReason::AccountUnknown, message)
        })
    }

    /// Every account that can send and the caller may know of, of one channel or of all; with what waits.
    async fn health(&self, reach: &Reach, channel: &str) -> Result<Vec<v1::AccountHealth>, Status> {
        let mut all = self.fares(reach, channel).await?;
        self.count(&mut all).await?;
        Ok(all)
    }

    /// Adds what waits.
    async fn count(&self, all: &mut [v1::AccountHealth]) -> Result<(), Status> {
        let waiting = self.store.count_waiting().await.map_err(|error| status::store(&error))?;
        let waiting: BTreeMap<_, _> =
            waiting.into_iter().map(|(channel, account, count)| ((channel, account), count)).collect();
        for health in all {
            let key = (health.channel.clone(), format!("{}/{}", health.endpoint, health.account));
            health.waiting = waiting.get(&key).copied().unwrap_or_default();
        }
        Ok(())
    }

    /// Every account that can send, of one channel or of all; without what waits.
    async fn fares(&self, reach: &Reach, channel: &str) -> Result<Vec<v1::AccountHealth>, Status> {
        let paused = self.store.paused().await.map_err(|error| status::store(&error))?;
        let fares = self.store.fares().await.map_err(|error| status::store(&error))?;
        let fares: BTreeMap<_, _> =
            fares.into_iter().map(|fare| ((fare.channel.clone(), fare.account.clone()), fare)).collect();
        let mut all = Vec::new();
        for endpoint in self.endpoints.iter().filter(|endpoint| channel.is_empty() || endpoint.channel == channel) {
            for (account, _) in
                endpoint.connector.outbound().into_iter().flat_map(|outbound| outbound.accounts().iter())
            {
                if !reach.admits(endpoint.channel, Some(account)) {
                    continue;
                }
                let key = (endpoint.channel.to_owned(), format!("{}/{account}", endpoint.name));
                let fare = fares.get(&key).cloned().unwrap_or_default();
                let health = told(endpoint, account, &fare, paused.contains(&key));
                all.push(self.attended(endpoint, health));
            }
        }
        Ok(all)
    }

    /// An account that only a process can send from fares as its processes: without one it fails.
    fn attended(&self, endpoint: &Endpoint, health: v1::AccountHealth) -> v1::AccountHealth {
        let unattended = endpoint.connector.by_process().is_some() && !self.processes.sends(endpoint.channel);
        if !unattended || health.state() != v1::AccountState::Healthy {
            return health;
        }
        let (state, code) = (v1::AccountState::Failing.into(), Some("connector_absent".into()));
        v1::AccountHealth { state, last_error_code: code, ..health }
    }

    /// The processes of a channel, where it has its connector in processes.
    fn attached(&self, channel: &str) -> Option<v1::ConnectorProcesses> {
        self.processes.endpoints(channel).first()?;
        let Present { reading, sending, versions } = self.processes.present(channel);
        Some(v1::ConnectorProcesses { reading, sending, versions: versions.into_iter().collect() })
    }

    async fn pause(
        &self,
        caller: &Caller,
        channel: &str,
        endpoint: &str,
        account: &str,
        pause: bool,
    ) -> Result<v1::AccountHealth, Status> {
        let found = self.endpoint(channel, endpoint)?;
        caller.may(Right::Manage, found.channel, Some(account))?;
        let known = found.connector.outbound().is_some_and(|outbound| outbound.accounts().get(account).is_some());
        if !known {
            let message = "the endpoint has no such account to send from";
            return Err(status::refused(v1::SendReason::AccountUnknown, message));
        }
        let key = format!("{}/{account}", found.name);
        self.store.pause(found.channel, &key, pause).await.map_err(|error| status::store(&error))?;
        let all = self.health(&caller.reach(Right::Manage), channel).await?;
        let one = all.into_iter().find(|health| health.endpoint == found.name && health.account == account);
        one.ok_or_else(|| status::refused(v1::ErrorReason::GatewayFault, "the account is not listed"))
    }
}

#[async_trait]
impl ChannelService for ChannelCalls {
    async fn list_channels(
        &self,
        _: Request<v1::ListChannelsRequest>,
    ) -> Result<Response<v1::ListChannelsResponse>, Status> {
        let channels = self.catalog.iter().map(|(slug, name)| {
            let of_channel = self.endpoints.iter().filter(|endpoint| endpoint.channel == *slug);
            let endpoints: Vec<_> = of_channel
                .map(|endpoint| {
                    let accounts =
                        endpoint.connector.outbound().into_iter().flat_map(|outbound| outbound.accounts().iter());
                    let account = |(id, account): (&str, &connector_sdk::outbound::SendingAccount)| {
                        v1::ConfiguredAccount { external_id: id.into(), name: account.name.clone() }
                    };
                    v1::Endpoint { name: endpoint.name.clone(), accounts: accounts.map(account).collect() }
                })
                .collect();
            let sends = endpoints.iter().any(|endpoint| !endpoint.accounts.is_empty());
            let processes = self.attached(slug);
            v1::Channel { slug: (*slug).into(), name: (*name).into(), endpoints, sends, processes }
        });
        Ok(Response::new(v1::ListChannelsResponse { channels: channels.collect() }))
    }

    async fn get_capabilities(
        &self,
        request: Request<v1::GetCapabilitiesRequest>,
    ) -> Result<Response<v1::GetCapabilitiesResponse>, Status> {
        let request = request.into_inner();
        let endpoint = self.endpoint(&request.channel, &request.endpoint)?;
        let capabilities = endpoint.connector.outbound().map(Outbound::capabilities).unwrap_or_default();
        let capabilities = Some(Features(&capabilities).completed());
        Ok(Response::new(v1::GetCapabilitiesResponse { capabilities }))
    }

    async fn list_account_health(
        &self,
        request: Request<v1::ListAccountHealthRequest>,
    ) -> Result<Response<v1::ListAccountHealthResponse>, Status> {
        let reach = Caller::of(&request)?.reach(Right::Read);
        let accounts = self.health(&reach, &request.into_inner().channel).await?;
        Ok(Response::new(v1::ListAccountHealthResponse { accounts }))
    }

    type WatchHealthStream = Pin<Box<dyn Stream<Item = Result<v1::WatchHealthResponse, Status>> + Send>>;

    async fn watch_health(
        &self,
        request: Request<v1::WatchHealthRequest>,
    ) -> Result<Response<Self::WatchHealthStream>, Status> {
        /// What sends and what pauses are other processes at times, so it is looked up.
        const LOOK: std::time::Duration = std::time::Duration::from_secs(1);
        let reach = Caller::of(&request)?.reach(Right::Read);
        let channel = request.into_inner().channel;
        let (sender, receiver) = mpsc::channel(16);
        let calls = self.clone();
        tokio::spawn(async move {
            let mut before: Vec<v1::AccountHealth> = Vec::new();
            loop {
                let now = match calls.fares(&reach, &channel).await {
                    Ok(now) => now,
                    Err(status) => {
                        drop(sender.send(Err(status)).await);
                        return;
                    }
                };
                let is_news = |health: &&v1::AccountHealth| !before.iter().any(|old| alike(old, health));
                let mut news: Vec<_> = now.iter().filter(is_news).cloned().collect();
                // What waits is counted only for who is told of it.
                if !news.is_empty()
                    && let Err(status) = calls.count(&mut news).await
                {
                    drop(sender.send(Err(status)).await);
                    return;
                }
                for health in news {
                    if sender.send(Ok(v1::WatchHealthResponse { account: Some(health) })).await.is_err() {
                        return;
                    }
                }
                before = now;
                tokio::select! {
                    () = sender.closed() => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn pause_account(
        &self,
        request: Request<v1::PauseAccountRequest>,
    ) -> Result<Response<v1::PauseAccountResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let account = self.pause(&caller, &request.channel, &request.endpoint, &request.account, true).await?;
        Ok(Response::new(v1::PauseAccountResponse { account: Some(account) }))
    }

    async fn resume_account(
        &self,
        request: Request<v1::ResumeAccountRequest>,
    ) -> Result<Response<v1::ResumeAccountResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let account = self.pause(&caller, &request.channel, &request.endpoint, &request.account, false).await?;
        Ok(Response::new(v1::ResumeAccountResponse { account: Some(account) }))
    }

    async fn list_exchanges(
        &self,
        request: Request<v1::ListExchangesRequest>,
    ) -> Result<Response<v1::ListExchangesResponse>, Status> {
        let caller = Caller::of(&request)?;
        exchanges::list(&*self.store, &caller, request.into_inner()).await.map(Response::new)
    }

    type WatchExchangesStream = exchanges::Watched;

    async fn watch_exchanges(
        &self,
        request: Request<v1::WatchExchangesRequest>,
    ) -> Result<Response<Self::WatchExchangesStream>, Status> {
        let caller = Caller::of(&request)?;
        exchanges::watch(self.store.clone(), &caller, request.into_inner()).await.map(Response::new)
    }
}

/// How an account fares, for callers.
fn told(endpoint: &Endpoint, account: &str, fare: &Fare, paused: bool) -> v1::AccountHealth {
    let Fare { sending, renewal, .. } = fare;
    // A refusal to renew is the account's trouble until it is gone, whatever else failed since.
    let (last_error_at, last_error_code) = match renewal.refused_at {
        Some(at) => (Some(at), renewal.refused_code.clone()),
        None => (sending.last_error_at, sending.last_error_code.clone()),
    };
    v1::AccountHealth {
        channel: endpoint.channel.into(),
        endpoint: endpoint.name.clone(),
        account: account.into(),
        state: standing(fare, paused).into(),
        token_expires_at: renewal.token_expires_at.map(timestamp),
        last_success_at: sending.last_success_at.map(timestamp),
        last_error_at: last_error_at.map(timestamp),
        last_error_code,
        ..v1::AccountHealth::default()
    }
}

/// The same but for what changes with every message.
fn alike(one: &v1::AccountHealth, other: &v1::AccountHealth) -> bool {
    let state = |health: &v1::AccountHealth| {
        let v1::AccountHealth { channel, endpoint, account, state, token_expires_at, last_error_code, .. } =
            health.clone();
        (channel, endpoint, account, state, token_expires_at, last_error_code)
    };
    state(one) == state(other)
}
