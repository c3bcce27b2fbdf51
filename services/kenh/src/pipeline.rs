//! What the pipeline needs beside a log, for the endpoints there are.

use std::sync::Arc;

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
