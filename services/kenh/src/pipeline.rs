//! What the pipeline needs beside a log, for the endpoints there are.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use connector_sdk::keys::PublishedKeys;
use kenh_intake::{Endpoints, Intake, KeyRenewal, Renewal};
use kenh_keys::{Asked, KeyRing};
use kenh_store::Store;
use tokio_util::sync::CancellationToken;

use crate::{cli::Role, failure::Failure};

/// The keys of all endpoints.
struct Keyring(KeyRing);

#[async_trait]
impl KeyRenewal for Keyring {
    async fn renew(&self, keys: &PublishedKeys) -> Renewal {
        match self.0.renew(keys).await {
            Asked::Answered => Renewal::Done,
            Asked::JustNow => Renewal::Recent,
            Asked::Failed => Renewal::Failed,
        }
    }
}

/// The pipeline as these endpoints need it: where one sends, events say what they are about; where calls come in, the keys
/// that prove them are fetched.
pub(crate) fn serving(
    mut intake: Intake,
    endpoints: &Endpoints,
    store: &Arc<dyn Store>,
    roles: &[Role],
    stop: &CancellationToken,
) -> Result<Intake, Failure> {
    if endpoints.iter().any(|endpoint| endpoint.connector.outbound().is_some()) {
        intake = intake.tying(store.clone());
    }
    if !roles.contains(&Role::Ingress) {
        return Ok(intake);
    }
    let needed =
        endpoints.iter().filter_map(|endpoint| Some((endpoint.channel, endpoint.connector.published_keys()?.clone())));
    let ring = KeyRing::start(needed, stop).map_err(Failure::runtime)?;
    Ok(intake.renewing(Arc::new(Keyring(ring))))
}

/// Slug and name of every channel: of this program, and of the configuration.
pub(crate) fn channels(endpoints: &Endpoints) -> Vec<(&'static str, &'static str)> {
    let own = connector_catalog::CONNECTORS.iter().map(|channel| (channel.channel, channel.name));
    let by_process = endpoints.iter().filter(|endpoint| endpoint.connector.by_process().is_some());
    let by_process = by_process.map(|endpoint| (endpoint.channel, "Connector process"));
    own.chain(by_process.collect::<BTreeSet<_>>()).collect()
}

/// Channels whose processes could not be reached: they attach to the api, and are asked by who takes calls and who sends.
pub(crate) fn unreachable(endpoints: &Endpoints, roles: &[Role]) -> Result<(), Failure> {
    let asks = roles.contains(&Role::Ingress) || roles.contains(&Role::Dispatch);
    let by_process = endpoints.iter().find(|endpoint| endpoint.connector.by_process().is_some());
    match by_process {
        Some(endpoint) if asks && !roles.contains(&Role::Api) => Err(Failure::usage(format!(
            "channels.{}: its connector is a process that attaches to the role api, which this process has not: run the channel \
             with --role ingress,api,dispatch --channel {}, or leave it out here",
            endpoint.channel, endpoint.channel
        ))),
        Some(_) | None => Ok(()),
    }
}
